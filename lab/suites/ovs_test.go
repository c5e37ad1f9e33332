// SPDX-License-Identifier: GPL-2.0-or-later

package suites

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"govdsm/lab"
	"govdsm/lab/fixture"
)

// switchType: a manager in one host sets networks up in the other, on a bond,
// with and without a VLAN, over Linux bridges and over Open vSwitch, and turns
// them from one to the other and back. Packets get through each time; a change
// whose manager is not heard from comes to nothing.
func (p pair) switchType(t *testing.T) {
	client := filepath.Join(fixture.Binaries(t, "vdsmd", "supervdsmd", "vdsm-client"), "vdsm-client")
	p.server.Sh(t, `modprobe 8021q
		ip link set eth1 up
		ip addr add 10.8.0.1/24 dev eth1
		ip link add link eth1 name eth1.7 type vlan id 7
		ip addr add 10.7.0.1/24 dev eth1.7
		ip link set eth1.7 up`)
	p.server.Cleanup(t, func() { p.server.Sh(t, "ip link del eth1.7; ip addr flush dev eth1") })
	p.client.Sh(t, "modprobe -a bonding 8021q bridge")
	fixture.OpenVSwitch(t, p.client)
	fixture.PKI(t, p.server, p.client)
	fixture.VDSM(t, p.client)
	p.explain(t, "ip -d link; ip addr; ip route; ovs-vsctl show; grep -v DEBUG /var/log/vdsm/supervdsm.log | tail -50")

	call := func(method, params string) lab.Result {
		t.Helper()
		return p.server.Try(t, lab.Command{
			Args:  []string{client, "-a", "client", "--timeout", "300", "-f", "-", "Host", method},
			Stdin: strings.NewReader(params), Limit: 6 * time.Minute,
		})
	}
	setup := func(kind, options string) lab.Result {
		t.Helper()
		return call("setupNetworks", `{"networks": {
			"plain": {"bonding": "bond1", "switch": "`+kind+`", "ipaddr": "10.8.0.2", "netmask": "255.255.255.0"},
			"seven": {"bonding": "bond1", "vlan": "7", "switch": "`+kind+`", "ipaddr": "10.7.0.2", "prefix": "24", "mtu": 1400}},
			"bondings": {"bond1": {"nics": ["eth1", "eth2"], "options": "mode=1 miimon=100", "switch": "`+kind+`"}},
			"options": `+options+`}`)
	}
	works := func(kind string) {
		t.Helper()
		p.client.Until(t, time.Minute, "ping -c1 -W1 10.8.0.1 && ping -c1 -W1 10.7.0.1")
		var caps struct {
			Networks map[string]struct{ Switch, Southbound, MTU, Addr string }
			Bondings map[string]struct{ Switch string }
		}
		r := call("getNetworkCapabilities", "{}")
		if err := json.Unmarshal([]byte(r.Stdout), &caps); err != nil {
			t.Fatalf("%v: %s%s", err, r.Stdout, r.Stderr)
		}
		seven, bond := caps.Networks["seven"], caps.Bondings["bond1"]
		if seven.Switch != kind || seven.Southbound != "bond1.7" || seven.MTU != "1400" || seven.Addr != "10.7.0.2" || bond.Switch != kind {
			t.Errorf("%s: seven is %+v, bond1 %+v", kind, seven, bond)
		}
	}
	const sure, unheard = `{"connectivityCheck": "false"}`, `{"connectivityCheck": true, "connectivityTimeout": 1}`
	for _, kind := range []string{"legacy", "ovs", "legacy"} {
		if r := setup(kind, sure); r.Code != 0 {
			t.Fatalf("%s: %s%s", kind, r.Stdout, r.Stderr)
		}
		works(kind)
		other := map[string]string{"legacy": "ovs", "ovs": "legacy"}[kind]
		if r := setup(other, unheard); r.Code == 0 || !strings.Contains(r.Stdout+r.Stderr, "connectivity check failed") {
			t.Errorf("%s to %s, unheard: %d %s%s", kind, other, r.Code, r.Stdout, r.Stderr)
		}
		works(kind)
	}
	if r := call("setupNetworks", `{"networks": {"plain": {"remove": true}, "seven": {"remove": true}}, "bondings": {"bond1": {"remove": true}}, "options": `+sure+`}`); r.Code != 0 {
		t.Errorf("removal: %s%s", r.Stdout, r.Stderr)
	}
	if left := p.client.Sh(t, "ovs-vsctl list-br; ls -d /sys/class/net/bond1 /sys/class/net/seven 2>/dev/null || true"); left != "" {
		t.Errorf("left are %s", left)
	}
}
