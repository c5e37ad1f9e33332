// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"govdsm/internal/network/nmstate"
	"govdsm/internal/network/snapshot"
	"govdsm/internal/network/vswitch"
)

// needsSwitch tells whether a document is about Open vSwitch, or takes
// something away from it. Others do not depend on it.
func needsSwitch(want Want, now *snapshot.State) bool {
	if want.SetsMappings {
		return true
	}
	for _, i := range want.Interfaces {
		l := now.Link(i.Name)
		if i.Type == nmstate.TypeOVSBridge || i.Type == nmstate.TypeOVSInterface ||
			i.State == nmstate.Absent && l != nil && (l.Kind == snapshot.KindSwitch || now.OnSwitch(l)) {
			return true
		}
		for _, port := range portsOf(i) {
			if now.OnSwitch(now.Link(port)) {
				return true
			}
		}
	}
	return false
}

// isSwitch tells whether the document wants an Open vSwitch bridge of the name.
// There is no link of its name then.
func (p *planner) isSwitch(name string) bool {
	return p.ifaces[name].Type == nmstate.TypeOVSBridge
}

// madeBySwitch tells whether a link is Open vSwitch's, which alone can remove
// it.
func (p *planner) madeBySwitch(name string) bool {
	if p.vs == nil {
		return false
	}
	port, _ := p.vs.Port(name)
	return port != nil && port.Internal()
}

// openVSwitch plans bridges and ports of Open vSwitch. Ports that the document
// does not name stay, as those of Linux bridges that are guests' do.
func (p *planner) openVSwitch() error {
	if p.vs == nil {
		return nil
	}
	for _, name := range p.names {
		if err := p.offSwitch(name); err != nil {
			return err
		}
	}
	for _, name := range p.names {
		if !p.isSwitch(name) || p.ifaces[name].State == nmstate.Absent {
			continue
		}
		if err := p.switchBridge(name); err != nil {
			return err
		}
	}
	for _, name := range p.names {
		i := p.ifaces[name]
		if i.Type != nmstate.TypeOVSInterface || i.State == nmstate.Absent || p.made[name] {
			continue
		}
		if port, _ := p.vs.Port(name); port == nil || !port.Internal() || p.gone[name] {
			return fmt.Errorf("%w: %s, which is no port of an Open vSwitch bridge", ErrNoLink, name)
		}
		p.switchInterface(i)
	}
	if p.want.SetsMappings && (p.vs.Mappings == nil && p.want.BridgeMappings != "" ||
		p.vs.Mappings != nil && *p.vs.Mappings != p.want.BridgeMappings) {
		p.add(phaseSwitch, &switchMappings{Old: p.vs.Mappings, New: p.want.BridgeMappings})
	}
	return nil
}

// offSwitch plans what leaves Open vSwitch because of one interface of the
// document: itself, or its ports.
func (p *planner) offSwitch(name string) error {
	i := p.ifaces[name]
	if i.State != nmstate.Absent {
		if i.Type == nmstate.TypeOVSBridge {
			return nil
		}
		for _, port := range portsOf(i) {
			if held, bridge := p.vs.PortOf(port); held != nil {
				if err := p.removePort(bridge, held); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if b := p.vs.Bridges[name]; b != nil {
		if len(b.Attached) > 0 {
			return fmt.Errorf("%w: Open vSwitch bridge %s has %s", ErrInUse, name, strings.Join(b.Attached, ", "))
		}
		for _, port := range slices.Sorted(maps.Keys(b.Ports)) {
			if err := p.removePort(b, b.Ports[port]); err != nil {
				return err
			}
		}
		p.add(phaseSwitchOff, &switchBridge{Name: name, Row: b.Row, Remove: true})
		return nil
	}
	if port, bridge := p.vs.PortOf(name); port != nil {
		return p.removePort(bridge, port)
	}
	return nil
}

// removePort plans that a port leaves its bridge, once.
func (p *planner) removePort(b *vswitch.Bridge, port *vswitch.Port) error {
	if p.unplugged[port.Name] {
		return nil
	}
	p.unplugged[port.Name] = true
	if l := p.now.Link(port.Name); l != nil && port.Internal() {
		for _, upper := range p.now.Uppers(l.Name) {
			if !p.gone[upper.Name] {
				return fmt.Errorf("%w: %s lies on %s", ErrInUse, upper.Name, l.Name)
			}
		}
		p.gone[l.Name] = true
		p.add(phaseTakeDown, &takeDown{*l})
	}
	p.add(phaseSwitchOff, &switchPort{Bridge: b.Name, Port: *port, Remove: true})
	return nil
}

// switchBridge plans a bridge and the ports that the document lists.
func (p *planner) switchBridge(name string) error {
	if p.vs.Bridges[name] == nil {
		if p.now.Link(name) != nil {
			return fmt.Errorf("%w: %s is there, and is no Open vSwitch bridge", ErrInUse, name)
		}
		row := vswitch.Row{}
		if p.datapath != "" {
			row["datapath_type"] = value(p.datapath)
		}
		p.add(phaseSwitch, &switchBridge{Name: name, Row: row})
	}
	bridge := p.ifaces[name].Bridge
	if bridge == nil {
		return nil
	}
	for _, port := range bridge.Port {
		if err := checkName(port.Name); err != nil {
			return err
		}
		if err := p.switchPort(name, port); err != nil {
			return err
		}
	}
	return nil
}

// switchPort plans a port of a bridge.
func (p *planner) switchPort(bridge string, w nmstate.BridgePort) error {
	i, named := p.ifaces[w.Name]
	if named && i.State == nmstate.Absent {
		return nil
	}
	internal := i.Type == nmstate.TypeOVSInterface
	port, b := p.vs.PortOf(w.Name)
	if port != nil && !named {
		internal = port.Internal() // somebody else's, and stays what it is
	}
	if port != nil && b.Name == bridge && port.Internal() == internal && !p.unplugged[port.Name] {
		if named {
			p.tagPort(port, w.VLAN)
		}
		return nil
	}
	if port != nil {
		if err := p.removePort(b, port); err != nil {
			return err
		}
	}
	row := vswitch.Row{}
	if v := w.VLAN; v != nil && v.Tag != nil {
		row["tag"], row["vlan_mode"] = value(*v.Tag), value(v.Mode)
	}
	iface := vswitch.Interface{Name: w.Name, Row: vswitch.Row{}}
	switch l := p.now.Link(w.Name); {
	case !internal && !p.comes(w.Name):
		return fmt.Errorf("%w: %s, port of %s", ErrNoLink, w.Name, bridge)
	case !internal:
		if l != nil && l.Master != "" && !p.now.OnSwitch(l) {
			p.masters[w.Name] = "" // released before
		}
	case l != nil && !p.gone[w.Name]:
		return fmt.Errorf("%w: %s is a %s, not of Open vSwitch", ErrInUse, w.Name, kindOrCard(l))
	default:
		p.made[w.Name] = true
		iface.Row = interfaceRow(i)
		iface.Row["type"] = value(vswitch.TypeInternal)
	}
	p.add(phaseSwitch, &switchPort{Bridge: bridge, Port: vswitch.Port{
		Name: w.Name, Row: row, Interfaces: []vswitch.Interface{iface},
	}})
	return nil
}

// comes tells whether there is a link of the name, or will be.
func (p *planner) comes(name string) bool {
	if p.now.Link(name) != nil && !p.gone[name] {
		return true
	}
	_, makes := kindOf(p.ifaces[name].Type)
	return makes && p.ifaces[name].State != nmstate.Absent
}

// tagPort plans the VLAN of a port that stays.
func (p *planner) tagPort(port *vswitch.Port, v *nmstate.PortVLAN) {
	want := vswitch.Row{"tag": nothing(), "vlan_mode": nothing()}
	if v != nil && v.Tag != nil {
		want["tag"], want["vlan_mode"] = value(*v.Tag), value(v.Mode)
	}
	p.columns(port.Name, false, port.Row, want)
}

// switchInterface plans what Open vSwitch is to keep an internal interface at.
// It would give it another MTU, of the bridge's other ports, by itself.
func (p *planner) switchInterface(i nmstate.Interface) {
	port, _ := p.vs.Port(i.Name)
	p.columns(i.Name, true, port.Interfaces[0].Row, interfaceRow(i))
}

// columns plans the columns that have another value.
func (p *planner) columns(name string, iface bool, have, want vswitch.Row) {
	old, change := vswitch.Row{}, vswitch.Row{}
	for column, raw := range want {
		before, there := have[column]
		if !there {
			before = nothing()
		}
		if string(before) != string(raw) {
			old[column], change[column] = before, raw
		}
	}
	if len(change) > 0 {
		p.add(phaseSwitch, &switchColumns{Name: name, Interface: iface, Old: old, New: change})
	}
}

// interfaceRow is what Open vSwitch is told of an internal interface.
func interfaceRow(i nmstate.Interface) vswitch.Row {
	r := vswitch.Row{}
	if i.MTU != 0 {
		r["mtu_request"] = value(i.MTU)
	}
	if i.MAC != "" {
		r["mac"] = value(strings.ToLower(i.MAC))
	}
	return r
}

// value writes a value of a column; text and numbers are like in JSON.
func value[V string | int](v V) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil || string(raw) == `""` {
		return nothing()
	}
	return raw
}

// nothing is a column without a value.
func nothing() json.RawMessage { return json.RawMessage(`["set",[]]`) }

func kindOrCard(l *snapshot.Link) string {
	if l.Kind == "" {
		return "card"
	}
	return l.Kind
}

// switchNeighbours returns the devices of the host that are, or shall be, in
// the same Open vSwitch bridge as a link.
func (p *planner) switchNeighbours(name string) []string {
	var list []string
	if p.vs != nil {
		if port, b := p.vs.Port(name); port != nil && port.Internal() {
			for _, other := range slices.Sorted(maps.Keys(b.Ports)) {
				if !b.Ports[other].Internal() {
					list = append(list, other)
				}
			}
		}
	}
	if p.ifaces[name].Type != nmstate.TypeOVSInterface {
		return list
	}
	for _, i := range p.want.Interfaces {
		if i.Type == nmstate.TypeOVSBridge && slices.Contains(portsOf(i), name) {
			for _, port := range portsOf(i) {
				if p.ifaces[port].Type != nmstate.TypeOVSInterface {
					list = append(list, port)
				}
			}
		}
	}
	return list
}
