// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/lab"
)

// power cuts the host's power while a change waits for its manager, with
// everything made and stored. Afterwards the configuration of before is stored
// again, whole, and networks can be set up.
func power(t *testing.T, h *lab.Host) {
	h.GoTest(t, "TestBeforePowerFails")
	h.Sh(t, "sync -f /var/lib/vdsm")
	waiting := h.Begin(t, lab.Command{Args: []string{"bash", "-c", changeScript}, Limit: 5 * time.Minute})
	h.Until(t, time.Minute, "test -e "+running+"/nets/green")
	if waiting.Ended() {
		t.Fatalf("the change has ended: %s", waiting.Output())
	}
	h.PowerOff()
	if err := h.Boot(t.Context()); err != nil {
		t.Fatal(err)
	}
	prepare(t, h)
	if got := h.Sh(t, "ls "+running+"/nets; ls /var/lib/vdsm/netapply"); !strings.Contains(got, "green") && !strings.Contains(got, "red") {
		t.Errorf("neither the old nor the new configuration is stored: %s", got)
	}
	start(t, h)
	h.GoTest(t, "TestAfterPowerFailed")
}

// changeScript makes a change as root's helper hears it from vdsmd; the test's
// own process would be gone with its host.
const changeScript = `cd /; GOVDSM_LAB_INSIDE=host exec "$(cat /run/suite.self)" -test.run '^TestWhilePowerFails$' -test.v`

// The three are run in the host, one after the other.
func TestBeforePowerFails(t *testing.T) {
	h := inHost(t)
	self, err := os.Executable()
	if err == nil {
		err = os.WriteFile("/run/suite.self", []byte(self), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	h.setup(networks{"red": families()["a gateway"].with("bonding", "bond1", "vlan", 7)}, bonds{"bond1": {"nics": h.nics(2)}})
}

func TestWhilePowerFails(t *testing.T) {
	h := inHost(t)
	err := h.request(networks{"red": gone(), "green": {"bonding": "bond1", "vlan": 8}}, nil, attrs{"connectivityTimeout": 300})
	t.Logf("the change ended: %v", err)
}

func TestAfterPowerFailed(t *testing.T) {
	h := inHost(t)
	c := h.config()
	if len(c.networks) != 1 || c.networks["red"]["bonding"] != "bond1" || c.bonds["bond1"] == nil {
		t.Errorf("stored is %s", h.stored())
	}
	if _, err := os.Stat("/var/lib/vdsm/netapply/journal"); err == nil {
		t.Error("the journal is there still")
	}
	red := attrs{"bonding": "bond1", "vlan": 7}
	if err := h.request(networks{"red": red}, bonds{"bond1": {"nics": h.nics(2)}}, nil); err != nil {
		said, _ := errors.AsType[*api.Error](err)
		t.Fatalf("setting up again: %v %v", err, said)
	}
	h.refresh()
	h.hasNetwork("red", red)
	h.clean()
}

// inHost is a host for tests that are not cases.
func inHost(t *testing.T) *host {
	if !lab.Inside() {
		t.Skip("runs in a host only")
	}
	return newMachine(t).host(t, "legacy")
}
