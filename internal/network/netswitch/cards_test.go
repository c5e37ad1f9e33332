// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch_test

import (
	"os/exec"
	"strings"
	"testing"
)

// The property ethtool_opts reaches the network's card and no other, and a card
// that cannot do something gets its network all the same.
func TestEthtoolOptions(t *testing.T) {
	onHost(t, func(h *host) {
		tso := func(card string) bool {
			h.t.Helper()
			out, err := exec.CommandContext(h.t.Context(), "ethtool", "-k", card).CombinedOutput()
			if err != nil {
				h.t.Fatalf("%v: %s", err, out)
			}
			return strings.Contains(string(out), "tx-tcp-segmentation: on")
		}
		request := func(options string) {
			h.t.Helper()
			err := h.call("Host.setupNetworks", `{"networks": {"blue": {"nic": "veth_0", "custom": {"ethtool_opts": "`+options+`"}}},
				"bondings": {}, "options": {"connectivityCheck": "false"}}`)
			if err != nil {
				h.t.Errorf("%s: %v", options, err)
			}
		}
		if !tso("veth_0") || !tso("veth_1") {
			h.t.Fatal("cards have no segmentation to begin with")
		}
		request("-A veth_0 rx on -K veth_1 tso off -K * tso off")
		if tso("veth_0") || !tso("veth_1") {
			h.t.Errorf("segmentation: %v and, of a card of nobody, %v", tso("veth_0"), tso("veth_1"))
		}
		request("-K veth_0 tso on; rm -rf /")
		if tso("veth_0") {
			h.t.Error("a part of what is not understood was carried out")
		}
		request("--offload veth_0 tso on")
		if !tso("veth_0") {
			h.t.Error("segmentation is off still")
		}
		if !strings.Contains(h.stored("staging", "nets/blue"), `"ethtool_opts": "--offload veth_0 tso on"`) {
			h.t.Error("the property is not kept")
		}
	})
}
