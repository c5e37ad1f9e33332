// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"govdsm/internal/network/nmstate"
	"govdsm/internal/network/snapshot"
	"govdsm/internal/network/tc"
	"govdsm/internal/network/vswitch"
)

// Want is what a host shall be brought to.
type Want struct {
	nmstate.State
	// BridgeOptions are values for files below /sys/class/net/*/bridge, by
	// bridge and name. The document's schema has no room for them.
	BridgeOptions map[string]map[string]string
	// Shares are what networks get of the cards and bonds that carry them, by
	// link. A link that is named has exactly these when the change is done, and
	// one with none loses what it had.
	Shares map[string]tc.Shares
	// Seen is what the kernel had a moment ago, nil if nobody looked. It spares
	// Begin a look of its own where nothing is to be done.
	Seen *snapshot.State
}

var (
	// ErrUnsupported says that a document asks for what another applier does.
	ErrUnsupported = errors.New("not supported by the built-in applier")
	// ErrNoLink says that a document needs a link that is neither there nor
	// made by it.
	ErrNoLink = errors.New("there is no such interface")
	// ErrInUse says that a link has a name that is needed, or something of
	// others on top of it.
	ErrInUse = errors.New("the interface is in use")
	// ErrBadBridgeOption says that the kernel has no such option, or not this
	// value.
	ErrBadBridgeOption = errors.New("bridge option")
)

// phase orders steps. Within one, what the management connection needs comes
// last.
type phase int

const (
	phaseVFs      phase = iota // a card may lose its carrier
	phaseRulesOff              // what refers to addresses goes before them
	phaseRoutesOff
	phaseAddrsOff
	phaseRemember // what goes with a link that goes
	phaseTakeDown
	phaseSwitchOff // out of Open vSwitch
	phaseRelease
	phaseDelete // uppers before what they lie on
	phaseRaise  // MTU: from the card up
	phaseCreate // masters before their ports
	phaseBond   // options, before there are ports
	phaseBondPorts
	phaseSwitch // into Open vSwitch, when its ports are there
	phaseCreateUpper
	phaseTune // before links are up, as being up has effects
	phaseBridgePorts
	phaseMAC
	phaseLower // MTU: from the bridge down
	phaseUp    // from the card up
	phaseBondActive
	phaseAddrs
	phaseRoutes
	phaseRules
	phaseShapes
	phaseBridgeOptions
	phaseFiles
	phases
)

// planner turns the difference between now and want into steps.
type planner struct {
	now     *snapshot.State
	control map[string]tc.Tree // of links that may be touched
	want    Want
	root    string // of /proc and /sys
	resolv  string // path of resolv.conf
	// vs is what Open vSwitch has, nil for a document that is not about it.
	vs        *vswitch.State
	datapath  string          // type of the datapath of its new bridges, "" for the kernel's
	unplugged map[string]bool // ports that leave their bridge of Open vSwitch
	ifaces    map[string]nmstate.Interface
	names     []string          // of the document, those of the management connection last
	masters   map[string]string // what shall be a port of what
	gone      map[string]bool   // deleted, perhaps to be made anew
	made      map[string]bool   // created
	bounced   map[string]bool   // taken down for a moment
	strips    map[string]bool   // ports of bonds: lose what addresses they have
	late      map[string]bool   // carry the management connection
	depths    map[string]int    // links below each
	change    map[string]bondChange
	fresh     *snapshot.IPv6 // settings of new links; nil until somebody needs them
	steps     [phases][]Step
}

// plan returns the steps from now to want, none if there is no difference.
func plan(now present, want Want, o Options) ([]Step, error) {
	p := &planner{
		now: now.State, control: now.control, vs: now.vs, want: want,
		root: o.Root, resolv: o.ResolvConf, datapath: o.Datapath, unplugged: map[string]bool{},
		ifaces: map[string]nmstate.Interface{}, masters: map[string]string{},
		gone: map[string]bool{}, made: map[string]bool{}, bounced: map[string]bool{}, strips: map[string]bool{},
		depths: map[string]int{}, change: map[string]bondChange{},
	}
	for _, i := range want.Interfaces {
		p.ifaces[i.Name] = i
	}
	p.late = p.management()
	p.names = p.order(slices.Sorted(maps.Keys(p.ifaces)))
	for _, part := range []func() error{
		p.check, p.virtualFunctions, p.removals, p.openVSwitch, p.ports, p.creations, p.bonds, p.links, p.addresses, p.routes, p.shapes,
		p.bridgeOptions, p.nameServers,
	} {
		if err := part(); err != nil {
			return nil, err
		}
	}
	return slices.Concat(p.steps[:]...), nil
}

func (p *planner) add(at phase, steps ...Step) { p.steps[at] = append(p.steps[at], steps...) }

// check refuses what cannot be done as a whole before anything is done.
func (p *planner) check() error {
	for _, name := range p.names {
		i := p.ifaces[name]
		if err := checkName(name); err != nil {
			return err
		}
		l := p.now.Link(name)
		if l == nil || i.State == nmstate.Absent {
			continue
		}
		if kind, ok := kindOf(i.Type); ok && kind != l.Kind {
			return fmt.Errorf("%w: %s is a %s, not a %s", ErrInUse, name, cmp.Or(l.Kind, "card"), kind)
		}
	}
	return nil
}

// checkName holds names to what the kernel takes (net/core/dev.c,
// dev_valid_name), as they become parts of paths.
func checkName(name string) error {
	if name == "" || len(name) > 15 || name == "." || name == ".." || strings.ContainsAny(name, "/: \t\n\v\f\r\x00") {
		return fmt.Errorf("%w: %.40q cannot be the name of one", ErrNoLink, name)
	}
	return nil
}

// kindOf returns the kernel's kind of a type that has one.
func kindOf(typ string) (kind string, ok bool) {
	switch typ {
	case nmstate.TypeBond:
		return snapshot.KindBond, true
	case nmstate.TypeVLAN:
		return snapshot.KindVLAN, true
	case nmstate.TypeLinuxBridge:
		return snapshot.KindBridge, true
	}
	return "", false
}

// management returns the links that default routes lead through, and those
// below them, now and as wanted.
func (p *planner) management() map[string]bool {
	late := map[string]bool{}
	for dev, routes := range p.now.Routes {
		for _, r := range routes {
			if r.Dest.Bits() == 0 && r.Table == nmstate.TableMain {
				p.lateWithLower(late, dev)
			}
		}
	}
	for _, r := range p.want.Routes {
		if (r.Destination == "0.0.0.0/0" || r.Destination == "::/0") && table(r) == nmstate.TableMain && r.State != nmstate.Absent {
			p.lateWithLower(late, r.NextHopInterface)
		}
	}
	return late
}

func (p *planner) lateWithLower(late map[string]bool, dev string) {
	if late[dev] {
		return
	}
	late[dev] = true
	for _, port := range p.now.Ports(dev) {
		p.lateWithLower(late, port.Name)
	}
	if l := p.now.Link(dev); l != nil && l.Base != "" {
		p.lateWithLower(late, l.Base)
	}
	i := p.ifaces[dev]
	for _, port := range append(portsOf(i), p.switchNeighbours(dev)...) {
		p.lateWithLower(late, port)
	}
	if i.VLAN != nil {
		p.lateWithLower(late, i.VLAN.BaseIface)
	}
}

// order sorts names with those of the management connection last.
func (p *planner) order(names []string) []string {
	return slices.SortedStableFunc(slices.Values(names), func(a, b string) int {
		switch {
		case p.late[a] == p.late[b]:
			return 0
		case p.late[a]:
			return 1
		}
		return -1
	})
}

// portsOf returns the ports that a document lists for a bridge or bond.
func portsOf(i nmstate.Interface) []string {
	var names []string
	if i.Bond != nil {
		names = append(names, i.Bond.Port...)
	}
	if i.Bridge != nil {
		for _, port := range i.Bridge.Port {
			names = append(names, port.Name)
		}
	}
	return names
}

// depth is how many links lie below one.
func (p *planner) depth(name string) int {
	d, known := p.depths[name]
	if !known {
		d = p.depthBelow(name, 0)
		p.depths[name] = d
	}
	return d
}

func (p *planner) depthBelow(name string, guard int) int {
	if guard > 16 {
		return guard
	}
	below := portsOf(p.ifaces[name])
	for _, l := range p.now.Ports(name) {
		below = append(below, l.Name)
	}
	if i := p.ifaces[name]; i.VLAN != nil {
		below = append(below, i.VLAN.BaseIface)
	} else if l := p.now.Link(name); l != nil && l.Base != "" && l.Base != name && l.Kind == snapshot.KindVLAN {
		below = append(below, l.Base)
	}
	deepest := 0
	for _, b := range below {
		deepest = max(deepest, 1+p.depthBelow(b, guard+1))
	}
	return deepest
}

func yes(b *bool) bool { return b != nil && *b }
