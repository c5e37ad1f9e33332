// SPDX-License-Identifier: GPL-2.0-or-later

package nmstate

import (
	"fmt"
	"testing"

	"govdsm/internal/network/netconf"
)

// BenchmarkGenerate plans bridged VLAN networks on a bond: all new, and all
// there already.
func BenchmarkGenerate(b *testing.B) {
	for _, count := range []int{10, 50, 200, 500} {
		r := netconf.Request{
			Networks: make(map[string]netconf.Network),
			Bondings: map[string]netconf.Bond{"bond0": {Nics: []string{"eth2", "eth3"}, Switch: netconf.SwitchLegacy}},
		}
		for i := range count {
			r.Networks[fmt.Sprint("net", i)] = netconf.Network{
				Bonding: "bond0", VLAN: new(i + 1), MTU: 1500, Bridged: true, Switch: netconf.SwitchLegacy, BootProto: "none",
				IPAddr: fmt.Sprintf("10.0.%d.%d", i/256, i%256), Netmask: "255.255.255.0", Gateway: "10.0.0.1",
			}
		}
		fresh := newModel()
		done := newModel()
		done.apply(r, Generate(r, done.host()))
		for name, m := range map[string]*model{"new": fresh, "same": done} {
			b.Run(fmt.Sprintf("%d/%s", count, name), func(b *testing.B) {
				for b.Loop() {
					_ = Diff(m.current, Generate(r, m.host()))
				}
			})
		}
	}
}
