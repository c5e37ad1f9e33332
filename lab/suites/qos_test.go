// SPDX-License-Identifier: GPL-2.0-or-later

package suites

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
	"govdsm/lab"
	"govdsm/lab/fixture"
)

// TestHostQoS sets shares of networks up through the wire, and looks at them
// with tc(8), which our daemons do not use, and in the capabilities.
func TestHostQoS(t *testing.T) {
	client := filepath.Join(fixture.Binaries(t, "vdsmd", "supervdsmd", "vdsm-client"), "vdsm-client")
	l := lab.Start(t, lab.Spec{Name: "qos", NICs: []string{"lan", "wire", "wire", "wire"}})
	h := qosHost{T: t, Host: l.Host("qos"), client: client}
	fixture.PKI(t, h.Host)
	fixture.VDSM(t, h.Host)
	h.Until(t, time.Minute, client+" -a localhost Host ping")
	h.Sh(t, "ip link set eth1 up")
	untouched := h.show("eth1")

	h.sub("tagged", qosHost.tagged)
	h.same("after a tagged network", "eth1", untouched)
	h.sub("untagged", qosHost.untagged)
	h.same("after an untagged network", "eth1", untouched)
	h.sub("bond", qosHost.bond)
	h.sub("the original's", qosHost.original)
	h.same("after the original's network", "eth1", untouched)
	h.sub("unconfirmed", qosHost.unconfirmed)
	h.sub("others' disciplines", qosHost.foreign)
}

type qosHost struct {
	T *testing.T
	*lab.Host

	client string
}

// sub runs a subtest.
func (h *qosHost) sub(name string, f func(qosHost, *testing.T)) {
	h.T.Run(name, func(t *testing.T) { f(qosHost{T: t, Host: h.Host, client: h.client}, t) })
}

// setup calls setupNetworks with the networks and bonds.
func (h qosHost) setup(networks, bonds, options string) string {
	h.T.Helper()
	h.Put(h.T, "/tmp/request.json", `{"networks": `+networks+`, "bondings": `+bonds+`, "options": `+options+`}`)
	r := h.Try(h.T, lab.Command{Args: []string{h.client, "-a", "localhost", "-f", "/tmp/request.json", "Host", "setupNetworks"}})
	if r.Code != 0 {
		return r.Stderr + r.Stdout
	}
	return ""
}

// must calls setupNetworks, which must succeed.
func (h qosHost) must(networks, bonds string) {
	h.T.Helper()
	if err := h.setup(networks, bonds, `{"connectivityCheck": "false"}`); err != "" {
		h.T.Fatal(err)
	}
}

func (h qosHost) show(dev string) string {
	return h.Sh(h.T, "tc qdisc show dev "+dev+"; tc class show dev "+dev+" | sed -n /hfsc/p | sort; tc filter show dev "+dev)
}

func (h qosHost) same(when, dev, want string) {
	h.T.Helper()
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(h.show(dev), "\n")); diff != "" {
		h.T.Errorf("%s: (-want +got)\n%s", when, diff)
	}
}

// shows fails the test unless tc shows all the texts.
func (h qosHost) shows(dev string, texts ...string) {
	h.T.Helper()
	out := h.show(dev)
	for _, text := range texts {
		if !strings.Contains(out, text) {
			h.T.Errorf("tc does not show %q:\n%s", text, out)
		}
	}
}

// caps is what the capabilities say of shares.
type caps struct {
	Networks map[string]struct {
		HostQoS *api.HostQoSParams `json:"hostQos"`
	}
	Nics, Bondings map[string]struct{ QoS []api.DeviceQoSParams }
}

func (h qosHost) caps() (c caps) {
	h.T.Helper()
	if err := json.Unmarshal([]byte(h.Run(h.T, h.client, "-a", "localhost", "Host", "getNetworkCapabilities")), &c); err != nil {
		h.T.Fatal(err)
	}
	return c
}

// has fails unless the capabilities give the network those curves, with zeros
// where nothing was asked for.
func (h qosHost) has(network, want string) {
	h.T.Helper()
	var out api.HostBandwidthParams
	if err := json.Unmarshal([]byte(want), &out); err != nil {
		h.T.Fatal(err)
	}
	if diff := cmp.Diff(&api.HostQoSParams{Out: &out}, h.caps().Networks[network].HostQoS); diff != "" {
		h.T.Errorf("%s: (-want +got)\n%s", network, diff)
	}
}

func (h qosHost) tagged(t *testing.T) {
	const red = `{"red": {"nic": "eth1", "vlan": "10", "hostQos": {"out": {"ls": {"m1": 4000000, "d": 100000, "m2": 3000000}, "ul": {"m2": 8000000}}}}`
	h.must(red+`}`, `{}`)
	h.shows("eth1", "qdisc hfsc 1389: root refcnt", "default 1388", "qdisc ingress ffff:", "qdisc fq_codel a: parent 1389:a",
		"qdisc fq_codel 1388: parent 1389:1388", "class hfsc 1389:a parent 1389: leaf a: ls m1 32Mbit d 100ms m2 24Mbit ul m1 0bit d 0us m2 8Mbit",
		"class hfsc 1389:1388 parent 1389: leaf 1388: ls m1 32Mbit d 100ms m2 24Mbit",
		"pref 10 basic", "flowid 1389:a", "meta(vlan eq 10)", "pref 5000 u32", "flowid :1388")
	h.has("red", `{"ls": {"m1": 4000000, "d": 100000, "m2": 3000000}, "ul": {"m1": 0, "d": 0, "m2": 8000000}}`)
	if q := h.caps().Nics["eth1"].QoS; len(q) != 1 || q[0].VLAN != 10 {
		t.Errorf("the card has %+v", q)
	}
	// The same again touches nothing: not even a counter begins anew.
	before := h.Sh(t, "tc -s class show dev eth1 classid 1389:a; ip -o link show eth1.10")
	h.must(red+`}`, `{}`)
	if after := h.Sh(t, "tc -s class show dev eth1 classid 1389:a; ip -o link show eth1.10"); after != before {
		t.Errorf("a request that changes nothing did: before\n%s\nafter\n%s", before, after)
	}
	// A second one with more raises what the rest gets.
	h.must(red+`, "blue": {"nic": "eth1", "vlan": 20, "bridged": "false", "hostQos": {"out": {"ls": {"m2": 7000000}, "rt": {"m2": 800000}}}}}`, `{}`)
	h.shows("eth1", "class hfsc 1389:1388 parent 1389: leaf 1388: ls m1 0bit d 0us m2 56Mbit", "class hfsc 1389:14 parent 1389: leaf 14: rt m1 0bit d 0us m2 800Kbit ls m1 0bit d 0us m2 56Mbit")
	h.has("blue", `{"ls": {"m1": 0, "d": 0, "m2": 7000000}, "rt": {"m1": 0, "d": 0, "m2": 800000}}`)
	// One without shares after it had some; the other stays as it is.
	h.must(`{"red": {"nic": "eth1", "vlan": "10"}}`, `{}`)
	if out := h.show("eth1"); strings.Contains(out, "1389:a") || !strings.Contains(out, "1389:14") {
		t.Errorf("red's shares are there, or blue's are not:\n%s", out)
	}
	h.must(`{"red": {"remove": "true"}, "blue": {"remove": "true"}}`, `{}`)
}

func (h qosHost) untagged(t *testing.T) {
	h.must(`{"plain": {"nic": "eth1", "hostQos": {"out": {"ls": {"m2": 1000000}}}}}`, `{}`)
	h.has("plain", `{"ls": {"m1": 0, "d": 0, "m2": 1000000}}`)
	h.must(`{"red": {"nic": "eth1", "vlan": 10, "hostQos": {"out": {"ls": {"m2": 5000000}}}}}`, `{}`)
	h.has("plain", `{"ls": {"m1": 0, "d": 0, "m2": 1000000}}`) // its own, whatever the other gets
	h.has("red", `{"ls": {"m1": 0, "d": 0, "m2": 5000000}}`)
	q := h.caps().Nics["eth1"].QoS
	if len(q) != 2 || q[0].VLAN != -1 || q[1].VLAN != 10 {
		t.Errorf("the card has %+v", q)
	}
	h.must(`{"plain": {"nic": "eth1", "hostQos": {"out": {"ls": {"m1": 4000000, "d": 100000, "m2": 3000000}, "ul": {"m2": 8000000}}}}}`, `{}`)
	h.has("plain", `{"ls": {"m1": 4000000, "d": 100000, "m2": 3000000}, "ul": {"m1": 0, "d": 0, "m2": 8000000}}`)
	h.must(`{"red": {"remove": true}}`, `{}`)
	h.must(`{"plain": {"nic": "eth1"}}`, `{}`)
	if c := h.caps(); len(c.Nics["eth1"].QoS) != 0 || c.Networks["plain"].HostQoS != nil {
		t.Errorf("shares are left: %+v", c)
	}
	h.must(`{"plain": {"remove": true}}`, `{}`)
}

// bond: the shares go with the bond, and come back with it when its removal is
// undone.
func (h qosHost) bond(t *testing.T) {
	h.must(`{"red": {"bonding": "bond1", "vlan": 10, "hostQos": {"out": {"ls": {"m2": 5}}}}}`, `{"bond1": {"nics": ["eth2", "eth3"], "options": "mode=1"}}`)
	h.has("red", `{"ls": {"m1": 0, "d": 0, "m2": 5}}`)
	if q := h.caps().Bondings["bond1"].QoS; len(q) != 1 || q[0].VLAN != 10 {
		t.Errorf("the bond has %+v", q)
	}
	text := h.show("bond1")
	const gone = `{"red": {"remove": true}}`
	if err := h.setup(gone, `{"bond1": {"remove": true}}`, `{"connectivityTimeout": 0.1}`); !strings.Contains(err, "connectivity check failed") {
		t.Errorf("nobody confirms, and: %s", err)
	}
	h.same("after the removal was undone", "bond1", text)
	// To a card, in one call.
	h.must(`{"red": {"nic": "eth1", "vlan": 11, "hostQos": {"out": {"ls": {"m2": 5}}}}}`, `{}`)
	if out := h.show("bond1"); strings.Contains(out, "hfsc") {
		t.Errorf("shares are left where the network was:\n%s", out)
	}
	h.has("red", `{"ls": {"m1": 0, "d": 0, "m2": 5}}`)
	h.must(gone, `{"bond1": {"remove": true}}`)
}

// original: what the original made by tc(8) is read, is left alone by a request
// that asks for the same, and goes with its network.
func (h qosHost) original(t *testing.T) {
	const ask = `{"red": {"nic": "eth1", "vlan": 10, "hostQos": {"out": {"ls": {"m2": 3000000}, "ul": {"m2": 8000000}}}}}`
	h.must(ask, `{}`)
	h.Sh(t, `tc qdisc del dev eth1 root; tc qdisc del dev eth1 ingress
		tc qdisc add dev eth1 root handle 0x1389: hfsc default 0x1388
		tc qdisc add dev eth1 ingress
		tc class add dev eth1 parent 1389: classid 1389:a hfsc ls m2 24000000bit ul m2 8000000bit
		tc class add dev eth1 parent 1389: classid 1389:1388 hfsc ls m2 24000000bit
		tc filter replace dev eth1 protocol all parent 1389: pref 5000 u32 match u8 0 0 flowid 0x1388
		tc filter replace dev eth1 protocol all parent 1389: pref 10 basic match 'meta(vlan eq 10)' flowid 1389:a
		tc qdisc add dev eth1 parent 1389:a handle a: fq_codel
		tc qdisc add dev eth1 parent 1389:1388 handle 1388: fq_codel`)
	h.has("red", `{"ls": {"m1": 0, "d": 0, "m2": 3000000}, "ul": {"m1": 0, "d": 0, "m2": 8000000}}`)
	text := h.show("eth1")
	h.must(ask, `{}`)
	h.same("after a request for what the original had made", "eth1", text)
	h.must(`{"red": {"remove": true}}`, `{}`)
}

// unconfirmed: a manager that is not heard from gets the former shares back.
func (h qosHost) unconfirmed(t *testing.T) {
	h.must(`{"red": {"nic": "eth1", "vlan": 10, "hostQos": {"out": {"ls": {"m2": 3}}}}}`, `{}`)
	text := h.show("eth1")
	err := h.setup(`{"red": {"nic": "eth1", "vlan": 12, "hostQos": {"out": {"ls": {"m2": 9}}}}, "blue": {"nic": "eth1", "hostQos": {"out": {"ls": {"m2": 5}}}}}`,
		`{}`, `{"connectivityTimeout": 0.1}`)
	if !strings.Contains(err, "connectivity check failed") {
		t.Errorf("nobody confirms, and: %s", err)
	}
	h.same("after the change was undone", "eth1", text)
	h.must(`{"red": {"remove": true}}`, `{}`)
}

// foreign: a network without shares leaves alone what an administrator has put
// on its card.
func (h qosHost) foreign(t *testing.T) {
	h.Sh(t, "tc qdisc replace dev eth1 root handle 42: fq_codel limit 77")
	text := h.show("eth1")
	h.must(`{"red": {"nic": "eth1", "vlan": 10}}`, `{}`)
	h.must(`{"red": {"remove": true}}`, `{}`)
	h.same("after a network came and went", "eth1", text)
	h.Sh(t, "tc qdisc del dev eth1 root")
}
