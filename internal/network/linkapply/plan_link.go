// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"govdsm/internal/network/nmstate"
	"govdsm/internal/network/snapshot"
)

// removals deletes links that shall be absent, and VLANs that must be made
// anew because they lie on another link. A card cannot be deleted.
func (p *planner) removals() error {
	for _, name := range p.names {
		l, i := p.now.Link(name), p.ifaces[name]
		if l == nil || l.Kind == "" || p.madeBySwitch(name) {
			continue
		}
		moved := i.VLAN != nil && l.Kind == snapshot.KindVLAN &&
			(l.Base != i.VLAN.BaseIface || int(l.VLANTag()) != i.VLAN.ID)
		if i.State == nmstate.Absent || moved {
			p.gone[name] = true
		}
	}
	// What lies on others, or is a port, goes first, so that undoing makes it
	// last.
	for _, name := range slices.SortedStableFunc(slices.Values(p.order(slices.Sorted(maps.Keys(p.gone)))), p.uppersFirst) {
		l := p.now.Link(name)
		for _, upper := range p.now.Uppers(name) {
			if !p.gone[upper.Name] {
				return fmt.Errorf("%w: %s lies on %s", ErrInUse, upper.Name, name)
			}
		}
		if l.Kind == snapshot.KindBond {
			options, err := readBond(p.root, name)
			if err != nil {
				return err
			}
			// Only a bond that has ports can be told which to use, and it may
			// refuse one without a carrier.
			if active := options["active_slave"]; active != "" {
				p.add(phaseTakeDown, &bondOptions{Bond: name, Old: map[string]string{"active_slave": active}, Choice: true})
			}
			delete(options, "active_slave")
			p.add(phaseDelete, &bondOptions{Bond: name, Old: options})
		}
		gone := *l
		switch {
		case p.now.OnSwitch(l):
			gone.Master = "" // Open vSwitch makes it a port again, by itself
		case l.Kind == snapshot.KindBond && l.Master != "":
			// Its bridge goes before it and comes again after it, if that goes too.
			gone.Master = ""
			p.add(phaseRelease, &setMaster{Port: name, Old: l.Master, WasUp: l.Up, OldPort: l.Port})
		}
		p.add(phaseDelete, &deleteLink{gone})
	}
	return nil
}

// uppersFirst sorts VLANs before the bridges that they are ports of, and those
// before bonds.
func (p *planner) uppersFirst(a, b string) int {
	rank := func(name string) int {
		switch p.now.Link(name).Kind {
		case snapshot.KindBridge:
			return 1
		case snapshot.KindBond:
			return 2
		}
		return 0
	}
	return cmp.Compare(rank(a), rank(b))
}

// creations makes what is not there.
func (p *planner) creations() error {
	var upper []string
	for _, name := range p.names {
		i := p.ifaces[name]
		if i.State == nmstate.Absent || (p.now.Link(name) != nil && !p.gone[name]) || p.made[name] || p.isSwitch(name) {
			continue
		}
		kind, ok := kindOf(i.Type)
		if !ok {
			return fmt.Errorf("%w: %s", ErrNoLink, name)
		}
		p.made[name] = true
		l := snapshot.Link{Name: name, Kind: kind, MTU: uint32(i.MTU), MAC: strings.ToLower(i.MAC)}
		switch {
		case kind == snapshot.KindBridge:
			l.Data = snapshot.NewBridge(i.Bridge != nil && i.Bridge.Options != nil && i.Bridge.Options.STP != nil && i.Bridge.Options.STP.Enabled)
		case kind == snapshot.KindBond:
			mode, err := bondMode(modeOf(i))
			if err != nil {
				return err
			}
			l.Data = snapshot.NewBond(mode)
		case i.VLAN == nil:
			return fmt.Errorf("vlan %s has no base", name)
		default:
			upper = append(upper, name)
			continue
		}
		p.add(phaseCreate, &createLink{l})
	}
	slices.SortStableFunc(upper, func(a, b string) int { return cmp.Compare(p.depth(a), p.depth(b)) })
	for _, name := range upper {
		i := p.ifaces[name]
		base := i.VLAN.BaseIface
		if !p.made[base] && (p.now.Link(base) == nil || p.gone[base]) {
			return fmt.Errorf("%w: %s, for %s", ErrNoLink, base, name)
		}
		p.add(phaseCreateUpper, &createLink{snapshot.Link{
			Name: name, Kind: snapshot.KindVLAN, MTU: uint32(i.MTU), MAC: strings.ToLower(i.MAC), Base: base,
			Master: p.masters[name], Data: snapshot.NewVLAN(uint16(i.VLAN.ID)),
		}})
	}
	return nil
}

// links plans MTU, MAC address, STP and being up of the links in the document.
func (p *planner) links() error {
	names := slices.Clone(p.names)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(p.depth(a), p.depth(b)) })
	for _, name := range names {
		i, l := p.ifaces[name], p.now.Link(name)
		if i.State == nmstate.Absent || p.isSwitch(name) {
			continue
		}
		if p.made[name] {
			p.correctBridge(i, 0)
			p.add(phaseUp, &setUp{Dev: name, New: i.State != nmstate.Down})
			continue
		}
		p.mtu(i, l)
		if mac := strings.ToLower(i.MAC); mac != "" && mac != l.MAC && !p.portOfBond(name) {
			p.add(phaseMAC, &setMAC{Dev: name, Old: l.MAC, New: mac})
		}
		if l.Kind == snapshot.KindBridge && i.Bridge != nil && i.Bridge.Options != nil && i.Bridge.Options.STP != nil {
			if old, wanted := l.STP(), i.Bridge.Options.STP.Enabled; old != wanted {
				p.add(phaseTune, &tune{Dev: name, Path: "sys/class/net/" + name + "/bridge/stp_state", Old: digit(old), New: digit(wanted)})
			}
		}
		switch up := i.State != nmstate.Down; {
		case i.State == "":
		case up != l.Up, p.bounced[name]:
			// A bond that restarts was taken down by a step before.
			p.add(phaseUp, &setUp{Dev: name, Old: l.Up && !p.restarts(name), New: up})
		}
	}
	slices.Reverse(p.steps[phaseLower])
	return nil
}

func digit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// mtu plans the MTU of a link that is there. Links below must allow what links
// above have, so raising goes upwards and lowering downwards.
func (p *planner) mtu(i nmstate.Interface, l *snapshot.Link) {
	want := uint32(i.MTU)
	if want == 0 {
		return
	}
	s := &setMTU{Dev: l.Name, Old: l.MTU, New: want}
	switch {
	case p.leavesBond(l):
		p.add(phaseRaise, s) // the bond gave it back the MTU it came with
	case want > l.MTU:
		p.add(phaseRaise, s)
	case want < l.MTU:
		p.keepIPv6(l, want)
		p.add(phaseLower, s)
	default:
		p.correctBridge(i, l.MTU)
	}
}

// correctBridge sets the MTU of a bridge again after it got a port with
// another one: the kernel adjusts it as long as nobody has set it.
func (p *planner) correctBridge(i nmstate.Interface, old uint32) {
	if i.Bridge == nil || i.MTU == 0 {
		return
	}
	for _, port := range i.Bridge.Port {
		l := p.now.Link(port.Name)
		if l != nil && l.Master == i.Name && !p.gone[port.Name] {
			continue // was there before
		}
		mtu := p.ifaces[port.Name].MTU
		if mtu == 0 && l != nil {
			mtu = int(l.MTU)
		}
		if mtu != i.MTU {
			p.add(phaseLower, &setMTU{Dev: i.Name, Old: old, New: uint32(i.MTU)})
			return
		}
	}
}

func (p *planner) leavesBond(l *snapshot.Link) bool {
	old := p.now.Link(l.Master)
	master, planned := p.masters[l.Name]
	return old != nil && old.Kind == snapshot.KindBond && planned && master != l.Master
}

func (p *planner) portOfBond(name string) bool {
	kind, _ := kindOf(p.ifaces[p.masters[name]].Type)
	return kind == snapshot.KindBond
}

// bridgeOptions plans what is written to a bridge's folder in sysfs.
func (p *planner) bridgeOptions() error {
	for _, bridge := range p.order(slices.Sorted(maps.Keys(p.want.BridgeOptions))) {
		for _, name := range slices.Sorted(maps.Keys(p.want.BridgeOptions[bridge])) {
			if strings.Contains(name, "/") || name == "" || strings.HasPrefix(name, ".") {
				return fmt.Errorf("%w: %q of %s", ErrBadBridgeOption, name, bridge)
			}
			t := &tune{
				Dev: bridge, Path: "sys/class/net/" + bridge + "/bridge/" + name, New: p.want.BridgeOptions[bridge][name], Option: true,
			}
			if l := p.now.Link(bridge); l != nil && !p.gone[bridge] {
				b, err := os.ReadFile(filepath.Join(p.root, "/", t.Path))
				if err != nil {
					return fmt.Errorf("%w: %s of %s", ErrBadBridgeOption, name, bridge)
				}
				if t.Old = strings.TrimSpace(string(b)); t.Old == t.New {
					continue
				}
			}
			p.add(phaseBridgeOptions, t)
		}
	}
	return nil
}
