// SPDX-License-Identifier: GPL-2.0-or-later

package lab_test

import (
	"net"
	"os"
	"os/exec"
	"testing"

	"govdsm/lab"
)

// sh runs a script where the test itself is.
func sh(t *testing.T, script string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "sh", "-euc", script).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
}

func TestNeedsOfAnyKernel(t *testing.T) {
	lab.Needs(t, lab.Bridge, lab.Veth).Run(func(t *testing.T) {
		sh(t, "ip link add br0 type bridge && test -d /sys/class/net/br0/bridge")
		all, err := net.Interfaces()
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != 2 {
			t.Errorf("the network is not empty: %v", all)
		}
	})
}

func TestNeedsOfAFullKernel(t *testing.T) {
	lab.Needs(t, lab.Bonding, lab.HFSC).Run(func(t *testing.T) {
		sh(t, `ip link add bond0 type bond mode active-backup
			tc qdisc add dev bond0 root handle 1: hfsc default 1
			test -e /sys/class/net/bond0/bonding/mode`)
	})
}

func TestNeedsOfASubtest(t *testing.T) {
	t.Run("with spaces (and more)", func(t *testing.T) {
		lab.Needs(t, lab.Dummy).Run(func(t *testing.T) {
			sh(t, "ip link add dummy7 type dummy")
			if os.Getpid() == 1 {
				t.Error("the test is init")
			}
		})
	})
}
