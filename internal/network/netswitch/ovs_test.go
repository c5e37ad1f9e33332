// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/network/netconf"
	"govdsm/internal/network/netinfo"
	"govdsm/internal/network/netlink"
	"govdsm/internal/network/ovsdb"
	"govdsm/internal/network/ovstest"
	"govdsm/internal/network/persistence"
	"govdsm/internal/privileged"
	"govdsm/lab"
)

// onSwitch runs the body on a host with Open vSwitch: over a datapath of its
// own, and in the lab over the kernel's, with bonds and VLANs.
func onSwitch(t *testing.T, body func(h *host, s *ovstest.Switch, whole bool)) {
	t.Run("netdev", func(t *testing.T) {
		onHostWith(t, "netdev", func(h *host) { body(h, h.openVSwitch(), false) })
	})
	t.Run("kernel", func(t *testing.T) {
		onHostWith(t, "", func(h *host) { body(h, h.openVSwitch(), true) }, lab.OpenVSwitch, lab.Bonding, lab.VLAN)
	})
}

// openVSwitch starts an Open vSwitch where supervdsmd looks for it.
func (h *host) openVSwitch() *ovstest.Switch {
	h.t.Helper()
	s := ovstest.Start(h.t)
	h.ip(`link add veth_2 type veth peer name peer2
		link add veth_3 type veth peer name peer3`)
	socket := filepath.Join(h.dir, "root", ovsdb.DefaultSocket)
	if err := os.MkdirAll(filepath.Dir(socket), 0o755); err != nil {
		h.t.Fatal(err)
	}
	if err := os.Symlink(s.Socket, socket); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { // the kernel's datapath goes with the last bridge
		for name := range strings.FieldsSeq(s.Vsctl("list-br")) {
			s.Vsctl("del-br", name)
		}
	})
	return s
}

// Running implements netinfo.Configuration, as vdsmd does.
func (h *host) Running() (netinfo.Running, error) {
	config, _, err := persistence.At(filepath.Join(h.dir, "state", "staging", "netconf")).Load()
	if err != nil {
		return netinfo.Running{}, err
	}
	r := netinfo.Running{Networks: map[string]netinfo.Network{}}
	for name, n := range config.Networks {
		r.Networks[name] = netinfo.Network{Switch: n.Switch, Bridged: n.Bridged, NIC: n.NIC, Bond: n.Bonding, VLAN: n.VLAN}
	}
	for name, b := range config.Bonds {
		if b.Switch == netconf.SwitchOVS {
			r.OVSBonds = append(r.OVSBonds, name)
		}
	}
	return r, nil
}

// Ports implements netinfo.Switch, as vdsmd does.
func (h *host) Ports(ctx context.Context) (map[string]netinfo.SwitchPort, error) {
	result, err := privileged.Call(ctx, h.client, privileged.SwitchPorts, nil)
	ports := map[string]netinfo.SwitchPort{}
	for name, p := range result.Ports {
		ports[name] = netinfo.SwitchPort(p)
	}
	return ports, err
}

// capabilities is the part of the capabilities that a path leads to, as JSON.
func (h *host) capabilities(path ...string) map[string]any {
	h.t.Helper()
	kernel, err := netlink.Open("")
	if err != nil {
		h.t.Fatal(err)
	}
	defer kernel.Close()
	r := netinfo.New(netinfo.Options{Kernel: kernel, Configuration: h, Switch: h, FakeNICs: []string{"veth_*"}, Log: h.log()})
	c, err := r.Capabilities(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	raw, err := json.Marshal(c)
	if err != nil {
		h.t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		h.t.Fatal(err)
	}
	for _, p := range path {
		all, _ = all[p].(map[string]any)
	}
	return all
}

func (h *host) must(verb, params string) {
	h.t.Helper()
	if err := h.call(verb, params); err != nil {
		h.t.Fatal(err)
	}
}

func (h *host) log() *slog.Logger { return slog.New(slog.NewTextHandler(h.t.Output(), nil)) }

// carrier is what links and routes say of a carrier. What a link is set to is
// among its flags.
var carrier = regexp.MustCompile(` +(UP|DOWN|UNKNOWN|LOWERLAYERDOWN)\b *|NO-CARRIER,|,LOWER_UP|,M-DOWN| linkdown`)

// sorted puts lines into an order that indexes of links have no say in, without
// the datapath itself, which comes with the first bridge, and without the words
// for a carrier, which take their time.
func sorted(text string) string {
	text = carrier.ReplaceAllString(text, "")
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return strings.HasPrefix(line, "ovs-") })
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// has fails the test unless the members have the values.
func (h *host) has(what string, members map[string]any, want map[string]any) {
	h.t.Helper()
	for name, value := range want {
		if got := fmt.Sprint(members[name]); got != fmt.Sprint(value) {
			h.t.Errorf("%s: %s is %s, not %v, in %v", what, name, got, value, members)
		}
	}
}

const ovsNetworks = `{"networks": {
	"net1": {"nic": "veth_0", "switch": "ovs", "mtu": 1500, "ipaddr": "198.51.100.5", "netmask": "255.255.255.0", "gateway": "198.51.100.1", "defaultRoute": true},
	"net7": {"nic": "veth_0", "switch": "ovs", "vlan": "7", "mtu": 1400, "bridged": "false", "ipaddr": "203.0.113.5", "prefix": "24", "ipv6addr": "2001:db8::5/64"}},
	"bondings": {}, "options": {"connectivityCheck": "false"}}`

func TestOVS(t *testing.T) {
	onSwitch(t, func(h *host, s *ovstest.Switch, _ bool) {
		before := h.links()
		h.must("Host.setupNetworks", ovsNetworks)
		h.has("net1", h.capabilities("networks", "net1"), map[string]any{
			"iface": "net1", "bridged": true, "switch": "ovs", "southbound": "veth_0", "ports": "[veth_0]", "stp": "off", "vlanid": nil,
			"addr": "198.51.100.5", "netmask": "255.255.255.0", "gateway": "198.51.100.1", "ipv4defaultroute": true, "mtu": "1500",
		})
		h.has("bridge", h.capabilities("bridges", "net1"), map[string]any{"ports": "[veth_0]", "addr": "198.51.100.5", "mtu": "1500"})
		h.has("net7", h.capabilities("networks", "net7"), map[string]any{
			"iface": "veth_0.7", "bridged": false, "switch": "ovs", "southbound": "veth_0.7", "vlanid": 7,
			"addr": "203.0.113.5", "ipv6addrs": "[2001:db8::5/64]", "mtu": "1400",
		})
		h.has("vlan", h.capabilities("vlans", "veth_0.7"), map[string]any{"iface": "veth_0", "vlanid": 7, "addr": "203.0.113.5", "mtu": "1400"})
		if got := h.stored("staging", "nets/net7"); !strings.Contains(got, `"switch": "ovs"`) || !strings.Contains(got, `"vlan": 7`) {
			h.t.Errorf("stored: %s", got)
		}
		// The same again changes nothing; another VLAN and MTU change just that.
		h.must("Host.setupNetworks", ovsNetworks)
		h.must("Host.setupNetworks", `{"networks": {"net7": {"nic": "veth_0", "switch": "ovs", "vlan": 8, "mtu": 2000}}, "bondings": {}, "options": {"connectivityCheck": "false"}}`)
		h.has("net7", h.capabilities("networks", "net7"), map[string]any{"southbound": "veth_0.8", "vlanid": 8, "addr": "", "mtu": "2000", "bridged": true})
		h.has("card", h.capabilities("nics", "veth_0"), map[string]any{"mtu": "2000"})
		if tag := s.Vsctl("get", "Port", "net7", "tag"); tag != "8\n" {
			h.t.Errorf("tag is %q", tag)
		}
		h.moves(s)
		h.must("Host.setupNetworks", `{"networks": {"net1": {"remove": true}, "net7": {"remove": true}}, "bondings": {}, "options": {"connectivityCheck": "false"}}`)
		if left := s.Vsctl("list-br") + h.stored("staging", "nets/net1"); left != "" {
			h.t.Errorf("left are %s", left)
		}
		if after := h.links(); strings.Contains(after, "net1") || strings.Contains(after, "198.51.100") {
			h.t.Errorf("after:\n%s\nbefore:\n%s", after, before)
		}
	})
}

// moves takes a network to another card and its bridge.
func (h *host) moves(s *ovstest.Switch) {
	h.t.Helper()
	h.must("Host.setupNetworks", `{"networks": {"net7": {"nic": "veth_1", "switch": "ovs", "ipaddr": "203.0.113.6", "prefix": "24"}}, "bondings": {}, "options": {"connectivityCheck": "false"}}`)
	h.has("net7", h.capabilities("networks", "net7"), map[string]any{"southbound": "veth_1", "addr": "203.0.113.6", "mtu": "1500", "vlanid": nil})
	if n := len(strings.Fields(s.Vsctl("list-br"))); n != 2 {
		h.t.Errorf("%d bridges for two cards", n)
	}
	h.has("card", h.capabilities("nics", "veth_0"), map[string]any{"mtu": "1500"})
}

// A manager that is not heard from gets the old networks back, of either type.
func TestSwitchChange(t *testing.T) {
	onSwitch(t, func(h *host, s *ovstest.Switch, whole bool) {
		request := func(kind, options string) string {
			bonded := ""
			bonds := `{}`
			if whole {
				bonded = `, "green": {"bonding": "bond0", "vlan": 9, "bridged": true, "ipaddr": "192.0.2.9", "prefix": "24", "switch": "` + kind + `"}`
				bonds = `{"bond0": {"nics": ["veth_1", "veth_2"], "options": "mode=1 miimon=100", "switch": "` + kind + `"}}`
			}
			return `{"networks": {"blue": {"nic": "veth_0", "switch": "` + kind + `", "ipaddr": "198.51.100.5", "prefix": "24", "gateway": "198.51.100.1"}` +
				bonded + `}, "bondings": ` + bonds + `, "options": ` + options + `}`
		}
		const unchecked, unheard = `{"connectivityCheck": "false"}`, `{"connectivityCheck": true, "connectivityTimeout": 0.1}`
		there := func(kind string) {
			h.t.Helper()
			h.has(kind, h.capabilities("networks", "blue"), map[string]any{
				"switch": kind, "southbound": "veth_0", "addr": "198.51.100.5", "gateway": "198.51.100.1",
			})
			if whole {
				h.has(kind, h.capabilities("networks", "green"), map[string]any{"switch": kind, "southbound": "bond0.9", "vlanid": 9, "addr": "192.0.2.9"})
				h.has(kind, h.capabilities("bondings", "bond0"), map[string]any{"switch": kind, "slaves": "[veth_1 veth_2]"})
			}
			if got := h.stored("staging", "nets/blue"); !strings.Contains(got, `"switch": "`+kind+`"`) {
				h.t.Errorf("stored: %s", got)
			}
		}
		h.must("Host.setupNetworks", request("legacy", unchecked))
		for _, kinds := range [][2]string{{"legacy", "ovs"}, {"ovs", "legacy"}} {
			from, to := kinds[0], kinds[1]
			before := h.links()
			if err := h.call("Host.setupNetworks", request(to, unheard)); !errors.Is(err, api.ErrNetLostConnection) {
				h.t.Fatalf("%s to %s: error is %v", from, to, err)
			}
			there(from)
			if after := h.links(); sorted(after) != sorted(before) {
				h.t.Errorf("%s to %s, undone:\n%s\nbefore:\n%s", from, to, after, before)
			}
			if left := s.Vsctl("list-br"); from == "legacy" && left != "" {
				h.t.Errorf("Open vSwitch has %s", left)
			}
			h.refused(request(to, unchecked), whole)
			h.must("Host.setupNetworks", request(to, unchecked))
			there(to)
		}
		if left := s.Vsctl("list-br"); left != "" {
			h.t.Errorf("bridges are left: %s", left)
		}
	})
}

// refused makes a good change of the switch type bad in every way.
func (h *host) refused(good string, whole bool) {
	h.t.Helper()
	more := strings.Replace(good, `"blue": {`, `"red": {"nic": "veth_3", "switch": "`+map[bool]string{true: "ovs", false: "legacy"}[strings.Contains(good, `"ovs"`)]+`"}, "blue": {`, 1)
	cases := map[string]string{"a network that is not there": more, "a bad address": strings.Replace(good, "198.51.100.5", "300.300.300.300", 1)}
	if whole {
		cases["a removal"] = strings.Replace(good, `"green": {`, `"green": {"remove": true}, "dummy": {`, 1)
	}
	before := h.links()
	for name, request := range cases {
		if err := h.call("Host.setupNetworks", request); !errors.Is(err, api.ErrNetBadParams) && !errors.Is(err, api.ErrNetBadAddr) {
			h.t.Errorf("%s: error is %v", name, err)
		}
	}
	if after := h.links(); sorted(after) != sorted(before) {
		h.t.Errorf("refused, and yet:\n%s\nbefore:\n%s", after, before)
	}
}

// A database that is not there, or that hangs, costs an error with a code, in
// bounded time; networks over Linux bridges do not notice.
func TestNoDatabase(t *testing.T) {
	onHostWith(t, "netdev", func(h *host) {
		s := h.openVSwitch()
		h.must("Host.setupNetworks", ovsNetworks)
		before := h.links()
		edit := strings.Replace(ovsNetworks, "198.51.100.5", "198.51.100.6", 1)
		s.Hang()
		began := time.Now()
		if err := h.call("Host.setupNetworks", edit); !errors.Is(err, api.ErrNetOvsConnection) {
			h.t.Errorf("hanging: error is %v", err)
		}
		if took := time.Since(began); took > 2*time.Minute {
			h.t.Errorf("hanging: it took %v", took)
		}
		h.has("net1", h.capabilities("networks", "net1"), map[string]any{"switch": "ovs", "addr": "198.51.100.5"})
		s.Resume()
		s.StopServer()
		if err := h.call("Host.setupNetworks", edit); !errors.Is(err, api.ErrNetOvsConnection) {
			h.t.Errorf("gone: error is %v", err)
		}
		if after := h.links(); sorted(after) != sorted(before) {
			h.t.Errorf("after:\n%s\nbefore:\n%s", after, before)
		}
		s.StartServerAgain()
		h.must("Host.setupNetworks", edit)
		h.has("net1", h.capabilities("networks", "net1"), map[string]any{"addr": "198.51.100.6"})
	})
}
