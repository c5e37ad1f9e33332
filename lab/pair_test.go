// SPDX-License-Identifier: GPL-2.0-or-later

package lab_test

import (
	"testing"

	"govdsm/lab"
)

func TestPair(t *testing.T) {
	l := lab.Start(t, lab.Spec{Name: "one"}, lab.Spec{Name: "two"})
	one := l.Host("one")
	one.Run(t, "ping", "-c2", "-W5", "two")
	one.Run(t, "ip", "addr")
	one.Link(0).Unplug()
	one.Sh(t, "ip link show eth0; sleep 1; ip link show eth0; ! ping -c1 -W1 two; modprobe bonding; dmesg | tail -3")
	one.Link(0).Plug()
	one.Run(t, "ping", "-c2", "-W5", "two")
}
