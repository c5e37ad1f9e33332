// SPDX-License-Identifier: GPL-2.0-or-later

package nmstate

import (
	"slices"
	"strings"

	"govdsm/internal/network/netconf"
)

// defaultBondMode is what a bond is that was given no mode.
const defaultBondMode = "balance-rr"

// bondModes are the modes by their numbers (linux/if_bonding.h).
var bondModes = [...]string{
	"balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb",
}

// bonds plans the bonds of the request, whose link part networks may have
// planned already.
func (p *plan) bonds() {
	for name, b := range p.request.Bondings {
		if b.Remove {
			p.interfaces[name] = &Interface{Name: name, Type: TypeBond, State: Absent}
			continue
		}
		i := p.iface(name)
		i.Type, i.State, i.MAC = TypeBond, Up, b.Hwaddr
		i.Bond = bondOf(b)
		if _, ours := p.host.Running.Bonds[name]; !ours && i.IPv4 == nil && i.IPv6 == nil {
			i.IPv4, i.IPv6 = disabled(), disabled()
		}
	}
}

func bondOf(b netconf.Bond) *Bond {
	bond := &Bond{Mode: defaultBondMode, Port: slices.Sorted(slices.Values(b.Nics))}
	for option := range strings.FieldsSeq(b.Options) {
		if bond.Options == nil {
			bond.Options = make(BondOptions)
		}
		switch name, value, _ := strings.Cut(option, "="); name {
		case "mode":
			bond.Mode = modeName(value)
		default:
			bond.Options[name] = value
		}
	}
	return bond
}

// modeName returns the name of a bond's mode that may be given as its number.
func modeName(mode string) string {
	if len(mode) == 1 && mode[0] >= '0' && int(mode[0]-'0') < len(bondModes) {
		return bondModes[mode[0]-'0']
	}
	return mode
}
