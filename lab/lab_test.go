// SPDX-License-Identifier: GPL-2.0-or-later

package lab_test

import (
	"testing"

	"govdsm/lab"
)

func TestHost(t *testing.T) {
	l := lab.Start(t, lab.Spec{Name: "one", Disks: []lab.Disk{{Name: "data", Size: 1 << 30, Block: 4096}}})
	one := l.Host("one")
	t.Run("runs programs", func(t *testing.T) {
		t.Log(one.Sh(t, "uname -a; cat /proc/mounts; ip addr; lsblk -o NAME,SIZE,LOG-SEC,SERIAL; free -m; cat /proc/uptime; hostname"))
	})
	t.Run("clean", func(t *testing.T) {
		p := one.Clean(t)
		t.Log(p.Sh(t, "ip link; ls /sys/class/net; touch /here; hostname; ls /run; pwd"))
		if r := one.Try(t, lab.Command{Args: []string{"test", "-e", "/here"}}); r.Code != 1 {
			t.Errorf("code %d", r.Code)
		}
	})
}
