// SPDX-License-Identifier: GPL-2.0-or-later

package canonicalize

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
	"govdsm/internal/network/kernelconfig"
	"govdsm/internal/network/netconf"
	"govdsm/internal/network/nmstate"
	"govdsm/internal/network/validate"
)

// FuzzRequest throws requests at all that is pure: nothing panics, and what is
// canonical stays so.
func FuzzRequest(f *testing.F) {
	files, _ := filepath.Glob("../nmstate/testdata/examples/*.json")
	for _, file := range files {
		var e struct{ Request json.RawMessage }
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if err := json.Unmarshal(text, &e); err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(e.Request))
	}
	f.Add([]byte(`{"networks": {"-a/..": {"bridged": false, "STP": {}, "bonding": "bond0", "vlan": -1, "custom": {"bridge_opts": "a=b"}}}}`))
	f.Add([]byte(`{"bondings": {"bond0": {"nics": ["eth0", "eth0", ""], "options": "mode=9 =", "remove": 0}}, "options": {"x": 1}}`))
	running := netconf.Config{
		Networks: map[string]netconf.Network{"old": {
			NIC: "eth0", VLAN: new(5), MTU: 9000, Bridged: true, Switch: "legacy", BootProto: "none", DefaultRoute: true,
			IPAddr: "192.0.2.5", Netmask: "255.255.255.0", Gateway: "192.0.2.1",
		}},
		Bonds: map[string]netconf.Bond{"bond0": {Nics: []string{"eth1"}, Switch: "legacy"}},
	}
	host := Host{
		Running: running, Nameservers: []string{"192.0.2.53"},
		Bonds: map[string]Bond{"bond0": {Ports: []string{"eth1"}, Hwaddr: "52:54:00:00:00:01"}},
	}
	info := kernelconfig.Info{
		Nics:     []string{"eth0", "eth1", "eth2"},
		Networks: map[string]kernelconfig.Network{"old": {Bridged: true, Southbound: "eth0.5", VLAN: new(5), MTU: 9000, Switch: "legacy"}},
		Vlans:    map[string]kernelconfig.Vlan{"eth0.5": {Base: "eth0", Tag: 5}},
		Bonds:    map[string]kernelconfig.Bond{"bond0": {Ports: []string{"eth1"}, Switch: "legacy"}},
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var p api.HostSetupNetworksParams
		if json.Unmarshal(text, &p) != nil {
			return
		}
		once, err := Request(p, host)
		if err != nil {
			return
		}
		twice, err := Request(once.Params(), host)
		if err != nil {
			t.Fatalf("canonical, and refused: %v\n%s", err, text)
		}
		if diff := cmp.Diff(tree(t, once), tree(t, twice)); diff != "" {
			t.Errorf("canonicalizing again changes it (-once +twice)\n%s\n%s", diff, text)
		}
		_ = validate.Request(once, validate.Host{Info: info, Running: running})
		_, _ = validate.SwitchChange(once, running)
		state := nmstate.Generate(once, nmstate.Host{Running: running})
		if _, err := json.Marshal(state); err != nil {
			t.Error(err)
		}
	})
}
