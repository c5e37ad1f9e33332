// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"govdsm/lab"
	"govdsm/lab/fixture"
)

// TestHost boots the host and runs the suite in it.
func TestHost(t *testing.T) {
	h := boot(t)
	all := os.Getenv("GOVDSM_NETWORK") == "all"
	part := func(name, test string, always bool) {
		t.Run(name, func(t *testing.T) {
			if !always && !all {
				t.Skip("takes many minutes: set GOVDSM_NETWORK=all")
			}
			if only := os.Getenv("GOVDSM_NETWORK_CASE"); only != "" {
				test += "/" + strings.ReplaceAll(only, " ", "_")
			}
			h.GoTest(t, test)
		})
	}
	for _, area := range slices.Sorted(maps.Keys(areas())) {
		part(area, "TestLegacy/"+area, true)
	}
	// There is a bridge that is not ours, as where OVN is used. It also spares
	// Open vSwitch to end and start its threads with each case.
	fixture.OpenVSwitch(t, h)
	h.Sh(t, "ovs-vsctl --timeout=20 add-br br-int")
	for _, area := range slices.Sorted(maps.Keys(switched())) {
		part("ovs_"+area, "TestOVS/"+area, slices.Contains(quickOnSwitch, area))
	}
	t.Run("power", func(t *testing.T) { power(t, h) })
}

// quickOnSwitch are the areas that run on Open vSwitch each time. The change of the
// switch type has a test in lab/suites and one in netswitch that do, too.
var quickOnSwitch = []string{"bond_basic", "dns", "hook", "stats"}

// boot boots a host, whose state is on a disk that survives its power, and
// starts our daemons.
func boot(t testing.TB) *lab.Host {
	t.Helper()
	h := lab.Start(t, lab.Spec{Name: "host", Disks: []lab.Disk{{Name: "state", Size: 48 << 20}}}).Host("host")
	h.Sh(t, "mkfs.ext4 -qF -m 0 "+h.Disk("state"))
	prepare(t, h)
	start(t, h)
	return h
}

// prepare does what a host needs after each boot.
func prepare(t testing.TB, h *lab.Host) {
	t.Helper()
	h.Sh(t, `modprobe -a bonding 8021q bridge dummy veth tun ext4
		ip link del bond0 2>/dev/null || true
		[ -e /dev/net/tun ] || { mkdir -p /dev/net; mknod /dev/net/tun c 10 200; }
		mkdir -p /var/lib/vdsm; mount `+h.Disk("state")+` /var/lib/vdsm`)
}

// start starts the daemons. supervdsmd is started again when it dies, as
// systemd does it: tests kill it. The file tells how often it was.
func start(t testing.TB, h *lab.Host) {
	t.Helper()
	bin := fixture.Binaries(t, "vdsmd", "supervdsmd")
	fixture.PKI(t, h)
	fixture.Enrolled(t, h)
	h.Start(t, "supervdsmd", "bash", "-c", `while echo started >>`+startsFile+`; do "$0"; sleep 0.05; done`, filepath.Join(bin, "supervdsmd"))
	h.Until(t, time.Minute, "test -S /run/vdsm/svdsm.sock")
	h.Start(t, "vdsmd", filepath.Join(bin, "vdsmd"))
	h.Until(t, time.Minute, "ss -Hltn | grep :54321")
}

// startsFile has a line for every start of supervdsmd.
const startsFile = "/run/supervdsmd.starts"

// areas are the parts of the contract and their cases.
func areas() map[string]func(*area) {
	return map[string]func(*area){
		"net_basic":     netBasic,
		"net_with_bond": netWithBond,
		"bond_basic":    bondBasic,
		"bridge":        bridges,
		"link_mtu":      linkMTU,
		"static_ip":     staticIP,
		"dns":           dns,
		"dynamic_ip":    dynamicIP,
		"rollback":      rollback,
		"restore":       restores,
		"stats":         statistics,
		"hook":          hooks,
		"refused":       refusals,
		"faults":        faults,
	}
}

// TestLegacy runs the cases on Linux bridges.
func TestLegacy(t *testing.T) { run(t, "legacy", areas()) }

// switched are the areas on Open vSwitch. The others are about Linux bridges,
// or about what has no switch.
func switched() map[string]func(*area) {
	all := areas()
	for _, name := range []string{"bridge", "refused", "faults"} {
		delete(all, name)
	}
	all["switch_type_change"] = switchTypes
	return all
}

// TestOVS runs the cases on Open vSwitch.
func TestOVS(t *testing.T) { run(t, "ovs", switched()) }
