// SPDX-License-Identifier: GPL-2.0-or-later

package nmstate

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"govdsm/internal/network/kernelconfig"
	"govdsm/internal/network/netconf"
	"govdsm/internal/network/validate"
)

// model is a host on paper: it does what a document says, and nothing else.
type model struct {
	current Current
	running netconf.Config
}

const nics = 4

func newModel() *model {
	m := &model{current: Current{Interfaces: make(map[string]Interface)}, running: netconf.Config{}.Clone()}
	for i := range nics {
		name := fmt.Sprint("eth", i)
		m.current.Interfaces[name] = Interface{
			Name: name, Type: TypeEthernet, State: Up, MTU: 1500, MAC: fmt.Sprintf("52:54:00:00:00:%02x", i),
			IPv4: disabled(), IPv6: disabled(),
		}
	}
	return m
}

// host is what Generate sees of the model. Nothing it is given may change.
func (m *model) host() Host { return Host{Running: m.running.Clone(), Current: m.current} }

// info is what capabilities would tell of the model.
func (m *model) info() kernelconfig.Info {
	info := kernelconfig.Info{
		Networks: make(map[string]kernelconfig.Network), Bonds: make(map[string]kernelconfig.Bond),
		Vlans: make(map[string]kernelconfig.Vlan),
	}
	for i := range nics {
		info.Nics = append(info.Nics, fmt.Sprint("eth", i))
	}
	for name, b := range m.running.Bonds {
		info.Bonds[name] = kernelconfig.Bond{Ports: b.Nics, Switch: b.Switch}
	}
	for name, n := range m.running.Networks {
		southbound := n.Base()
		if n.VLAN != nil {
			southbound = n.VLANDevice()
			info.Vlans[southbound] = kernelconfig.Vlan{Base: n.Base(), Tag: *n.VLAN}
		}
		info.Networks[name] = kernelconfig.Network{Bridged: n.Bridged, Southbound: southbound, VLAN: n.VLAN, MTU: n.MTU, Switch: n.Switch}
	}
	return info
}

func (m *model) apply(r netconf.Request, s State) {
	for _, want := range s.Interfaces {
		if want.State == Absent {
			delete(m.current.Interfaces, want.Name)
			m.unplug(want.Name)
			m.current.Routes = slices.DeleteFunc(m.current.Routes, func(r Route) bool { return r.NextHopInterface == want.Name })
			continue
		}
		if want.Type == TypeOVSBridge {
			for _, port := range want.Bridge.Port {
				m.unplug(port.Name) // Open vSwitch has each port once
			}
		}
		m.current.Interfaces[want.Name] = merged(m.current.Interfaces[want.Name], want)
	}
	for _, r := range s.Routes {
		m.current.Routes = slices.DeleteFunc(m.current.Routes, func(have Route) bool { return have.key() == r.key() })
	}
	for _, r := range s.Routes {
		if r.State != Absent {
			r.TableID = table(r.TableID)
			m.current.Routes = append(m.current.Routes, r)
		}
	}
	for _, r := range s.Rules {
		m.current.Rules = slices.DeleteFunc(m.current.Rules, func(have RouteRule) bool { return have.key() == r.key() })
	}
	for _, r := range s.Rules {
		if r.State != Absent {
			m.current.Rules = append(m.current.Rules, r)
		}
	}
	if s.SetsDNS {
		m.current.Nameservers = s.Nameservers
	}
	if s.SetsMappings {
		m.current.BridgeMappings = s.BridgeMappings
	}
	m.running = m.running.Apply(r)
}

// unplug takes an interface out of all Open vSwitch bridges.
func (m *model) unplug(name string) {
	for bridge, i := range m.current.Interfaces {
		if i.Type != TypeOVSBridge {
			continue
		}
		i.Bridge = &Bridge{Port: slices.DeleteFunc(slices.Clone(i.Bridge.Port), func(p BridgePort) bool { return p.Name == name })}
		m.current.Interfaces[bridge] = i
	}
}

func merged(have, want Interface) Interface {
	if want.Type != "" && want.Type != have.Type {
		have = Interface{Name: want.Name, MTU: 1500, IPv4: disabled(), IPv6: disabled()}
		have.MAC = "52:54:00:ff:ff:ff"
	}
	have.Type, have.State = or(want.Type, have.Type), or(want.State, have.State)
	have.MAC = or(want.MAC, have.MAC)
	if want.MTU != 0 {
		have.MTU = want.MTU
	}
	if want.IPv4 != nil {
		have.IPv4 = want.IPv4
	}
	if want.IPv6 != nil {
		have.IPv6 = want.IPv6
	}
	if want.VLAN != nil {
		have.VLAN = want.VLAN
	}
	if want.Bond != nil {
		have.Bond = want.Bond
	}
	if want.Bridge != nil {
		have.Bridge = want.Bridge
	}
	return have
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// drawRequest draws a request that changes, adds and removes a few networks
// and bonds. Most are refused by validation; the rest are the interesting ones.
func drawRequest(t *rapid.T, switchType string, running netconf.Config) netconf.Request {
	r := netconf.Request{Networks: make(map[string]netconf.Network), Bondings: make(map[string]netconf.Bond)}
	for _, name := range []string{"a", "b", "c", "d"} {
		switch rapid.IntRange(0, 3).Draw(t, "what of "+name) {
		case 0, 1:
			r.Networks[name] = drawNetwork(t, switchType)
		case 2:
			if _, there := running.Networks[name]; there {
				r.Networks[name] = netconf.Network{Remove: true}
			}
		}
	}
	for i, name := range []string{"bond0", "bond1"} {
		switch rapid.IntRange(0, 4).Draw(t, "what of "+name) {
		case 0, 1:
			r.Bondings[name] = netconf.Bond{Nics: []string{fmt.Sprint("eth", 2+i)}, Options: "mode=1 miimon=100", Switch: switchType}
		case 2:
			if _, there := running.Bonds[name]; there {
				r.Bondings[name] = netconf.Bond{Remove: true}
			}
		}
	}
	return r
}

func drawNetwork(t *rapid.T, switchType string) netconf.Network {
	n := netconf.Network{
		MTU: rapid.SampledFrom([]int{1500, 2000, 9000}).Draw(t, "mtu"), Switch: switchType,
		Bridged: rapid.Bool().Draw(t, "bridged"), STP: rapid.Bool().Draw(t, "stp"), BootProto: "none", Nameservers: []string{},
	}
	n.STP = n.STP && n.Bridged
	switch base := rapid.SampledFrom([]string{"eth0", "eth1", "bond0", "bond1"}).Draw(t, "base"); base[0] {
	case 'e':
		n.NIC = base
	default:
		n.Bonding = base
	}
	if rapid.Bool().Draw(t, "tagged") {
		n.VLAN = new(rapid.IntRange(0, 3).Draw(t, "tag"))
	}
	switch rapid.IntRange(0, 3).Draw(t, "IPv4") {
	case 0:
		n.BootProto = "dhcp"
	case 1:
		n.IPAddr, n.Netmask = "192.0.2.9", "255.255.255.0"
		n.Gateway = rapid.SampledFrom([]string{"", "192.0.2.1", "192.0.2.2"}).Draw(t, "gateway")
	}
	return n
}

func TestHostModel(t *testing.T) {
	for _, switchType := range []string{netconf.SwitchLegacy, netconf.SwitchOVS} {
		t.Run(switchType, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				m := newModel()
				for range rapid.IntRange(1, 6).Draw(t, "steps") {
					m.step(t, drawRequest(t, switchType, m.running))
				}
			})
		})
	}
}

// step sets a request up, if it is valid, and checks what must hold.
func (m *model) step(t *rapid.T, r netconf.Request) {
	if validate.Request(r, validate.Host{Info: m.info(), Running: m.running}) != nil {
		return
	}
	s := Generate(r, m.host())
	if diff := cmp.Diff(s, Generate(r, m.host())); diff != "" {
		t.Fatalf("planning twice gives two plans\n%s", diff)
	}
	m.apply(r, s)
	m.checkHost(t)
	maps.DeleteFunc(r.Networks, func(_ string, n netconf.Network) bool { return n.Remove })
	maps.DeleteFunc(r.Bondings, func(_ string, b netconf.Bond) bool { return b.Remove })
	second := Generate(r, m.host())
	for i := range second.Interfaces {
		second.Interfaces[i].MAC = "" // is asked for only above links that were there before
	}
	if again := Diff(m.current, second); !r.Empty() && len(again) > 0 {
		t.Fatalf("what was set up would change\n%srequest %+v", Text(again), r)
	}
}

// checkHost checks that the host is one that a kernel could have.
func (m *model) checkHost(t *rapid.T) {
	for name, i := range m.current.Interfaces {
		var below []string
		if i.VLAN != nil {
			below = append(below, i.VLAN.BaseIface)
		}
		if i.Bridge != nil {
			for _, p := range i.Bridge.Port {
				below = append(below, p.Name)
			}
		}
		if i.Bond != nil {
			below = append(below, i.Bond.Port...)
		}
		for _, b := range below {
			lower, there := m.current.Interfaces[b]
			if !there {
				t.Fatalf("%s stands on %s, which is not there", name, b)
			}
			if i.Type != TypeOVSBridge && lower.MTU < i.MTU {
				t.Fatalf("%s has MTU %d on %s with %d", name, i.MTU, b, lower.MTU)
			}
		}
	}
	for name, n := range m.running.Networks {
		if m.current.Interfaces[n.NextHop(name)].State != Up {
			t.Fatalf("network %s has no interface %s", name, n.NextHop(name))
		}
		if base := m.current.Interfaces[n.Base()]; base.MTU < n.MTU {
			t.Fatalf("network %s needs MTU %d, %s has %d", name, n.MTU, base.Name, base.MTU)
		}
	}
}
