// SPDX-License-Identifier: GPL-2.0-or-later

package network_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/netip"
	"testing"

	"govdsm/api"
	"govdsm/internal/dispatch/dispatchtest"
	"govdsm/internal/network"
	"govdsm/internal/network/lldp"
	"govdsm/internal/network/netinfo"
	"govdsm/internal/network/nettest"
)

// switches is what switches announce: the name of the link.
type switches struct{ err error }

func (s switches) Neighbours(_ context.Context, devices []string) (map[string]lldp.Heard, error) {
	heard := make(map[string]lldp.Heard)
	for _, d := range devices {
		if d == "veth_a" {
			heard[d] = lldp.Heard{Enabled: true, TLVs: []lldp.TLV{
				{Type: 5, Name: "System Name", Properties: map[string]string{"system name": d}},
				{Type: 127, OUI: 32962, Subtype: 1, Name: "Port VLAN ID", Properties: map[string]string{"Port VLAN ID": "0"}},
			}}
		}
	}
	return heard, s.err
}

type changes struct{ confirmed int }

func (c *changes) ConfigDirty() bool    { return c.confirmed > 0 }
func (c *changes) ConfirmConnectivity() { c.confirmed++ }

func pillar(t *testing.T, o network.Options) *network.Network {
	t.Helper()
	ns := nettest.New(t)
	ns.IP("link add veth_a type veth peer name p_a\nlink add veth_b type veth peer name p_b\naddress add 192.0.2.1/24 dev veth_b")
	o.Log = slog.New(slog.DiscardHandler)
	o.Info = netinfo.New(netinfo.Options{
		Kernel: ns.Kernel(), Root: ns.Root(), FakeNICs: []string{"veth_*"}, Log: o.Log,
	})
	return network.New(o)
}

func TestGetLldp(t *testing.T) {
	t.Parallel()
	n := pillar(t, network.Options{Neighbours: switches{}})
	const a = `"veth_a":{"enabled":true,"tlvs":[{"name":"System Name","properties":{"system name":"veth_a"},"type":5},` +
		`{"name":"Port VLAN ID","properties":{"Port VLAN ID":"0"},"type":127,"oui":32962,"subtype":1}]}`
	const b = `"veth_b":{"enabled":false,"tlvs":[]}`
	for params, want := range map[string]string{
		`{"filter":{}}`:                     `{` + a + `,` + b + `}`,
		`{"filter":{"devices":[]}}`:         `{` + a + `,` + b + `}`,
		`{"filter":{"devices":["veth_b"]}}`: `{` + b + `}`,
		`{"filter":{"devices":["x"]}}`:      `{"x":{"enabled":false,"tlvs":[]}}`,
	} {
		if got, err := dispatchtest.Call(t, n, "Host.getLldp", params); err != nil || got != want {
			t.Errorf("%s: %s, %v", params, got, err)
		}
	}
	broken := errors.New("lldptool: exit status 1")
	n = pillar(t, network.Options{Neighbours: switches{broken}})
	if _, err := dispatchtest.Call(t, n, "Host.getLldp", `{"filter":{}}`); !errors.Is(err, broken) {
		t.Errorf("a daemon that fails: %v", err)
	}
}

func TestConfigDirty(t *testing.T) {
	t.Parallel()
	n := pillar(t, network.Options{Changes: &changes{}})
	for _, want := range []string{"False", "True"} {
		c, err := n.Capabilities(t.Context())
		if err != nil || c.NetConfigDirty != want {
			t.Errorf("%q, %v; want %s", c.NetConfigDirty, err, want)
		}
		n.ConfirmConnectivity()
	}
	if name, err := n.Owner(t.Context(), netip.MustParseAddr("192.0.2.1")); err != nil || name != "veth_b" {
		t.Errorf("%q, %v", name, err)
	}
	if _, err := dispatchtest.Call(t, n, "Host.getNetworkStatistics", `{}`); err != nil {
		t.Error(err)
	}
	text, err := dispatchtest.Call(t, n, "Host.getNetworkCapabilities", `{}`)
	var c api.VdsmNetworkCapabilities
	if err != nil || json.Unmarshal([]byte(text), &c) != nil || len(c.Nics) != 2 {
		t.Errorf("%s, %v", text, err)
	}
}
