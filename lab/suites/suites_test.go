// SPDX-License-Identifier: GPL-2.0-or-later

package suites

import (
	"testing"

	"govdsm/lab"
)

// TestHosts boots a pair of hosts and runs every suite on it. Besides "lan",
// by which the hosts know each other, there is "wire", to which the client has
// two cards, and with which tests may do as they like.
func TestHosts(t *testing.T) {
	l := lab.Start(t,
		lab.Spec{Name: "server", NICs: []string{"lan", "wire"}},
		lab.Spec{
			Name: "client", NICs: []string{"lan", "wire", "wire"},
			Disks: []lab.Disk{{Name: "data", Size: 1 << 30}, {Name: "data4k", Size: 1 << 30, Block: 4096}},
		})
	p := pair{l.Host("server"), l.Host("client")}
	t.Run("bond, VLAN and bridge", p.bond)
	t.Run("our daemons", p.daemons)
	t.Run("Open vSwitch", p.openVSwitch)
	t.Run("networks over Open vSwitch", p.switchType)
	t.Run("shared storage", p.storage)
	t.Run("power failure", p.powerFailure)
}

// pair is the hosts that the suites run on.
type pair struct{ server, client *lab.Host }
