// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"encoding/json"
	"strings"
	"testing"

	"govdsm/internal/network/tc"
	"govdsm/lab"
)

// Networks on a card and on a bond get shares, others, and none; a process that
// is killed anywhere on the way leaves the old ones or the new ones. The bond
// has shares when it is deleted, and a card has a discipline of somebody else.
func TestSharesKilled(t *testing.T) {
	inside(t, func(b *bench) {
		b.ip(`link add eth2 type dummy
			link set eth2 up`)
		b.output("tc", "qdisc", "add", "dev", "eth2", "root", "handle", "77:", "fq_codel", "limit", "123")
		for _, want := range []string{
			`{"interfaces": [
				{"name": "bond1", "type": "bond", "state": "up", "link-aggregation": {"mode": "active-backup", "port": ["eth1"]}},
				{"name": "eth0.10", "type": "vlan", "state": "up", "vlan": {"id": 10, "base-iface": "eth0"}},
				{"name": "eth1", "state": "up"}],
			"shares": {"eth0": {"10": {"ls": {"m2": 30}, "ul": {"m2": 800000}}, "-1": {"ls": {"m2": 10}}},
				"bond1": {"7": {"ls": {"m2": 5}}},
				"eth2": {"5": {"ls": {"m2": 5}}}}}`,
			`{"interfaces": [], "shares": {"eth0": {"20": {"ls": {"m2": 30}}, "10": {"ls": {"m2": 40}}}, "eth2": {}}}`,
			`{"interfaces": [{"name": "bond1", "state": "absent"}], "shares": {"eth0": {}, "bond1": {}}}`,
		} {
			b.everywhere(want, 5)
		}
		if out := b.output("tc", "qdisc"); strings.Contains(out, "hfsc") || strings.Contains(out, "ingress") {
			b.t.Errorf("something is left:\n%s", out)
		}
	}, lab.HFSC, lab.Bonding, lab.VLAN, lab.FQCodel, lab.Dummy)
}

// wishes are the shares in the JSON of a test.
func wishes(t testing.TB, text string) map[string]tc.Shares {
	var more struct{ Shares map[string]tc.Shares }
	if err := json.Unmarshal([]byte(text), &more); err != nil {
		t.Fatal(err)
	}
	return more.Shares
}
