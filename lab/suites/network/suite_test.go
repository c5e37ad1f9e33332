// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"path/filepath"
	"testing"
	"time"

	"govdsm/lab"
	"govdsm/lab/fixture"
)

// TestHost boots the host and runs the suite in it.
func TestHost(t *testing.T) {
	l := lab.Start(t, lab.Spec{Name: "host", NICs: []string{"lan", "wire", "wire"}, Disks: []lab.Disk{{Name: "state", Size: 256 << 20}}})
	h := l.Host("host")
	h.Sh(t, `modprobe -a bonding 8021q bridge dummy veth ext4 sch_fq_codel
		ip link del bond0 2>/dev/null || true
		mkfs.ext4 -qF `+h.Disk("state")+`; mkdir -p /var/lib/vdsm; mount `+h.Disk("state")+` /var/lib/vdsm`)
	fixture.PKI(t, h)
	start(t, h)
	t.Run("legacy", func(t *testing.T) { h.GoTest(t, "TestLegacy") })
	t.Run("faults", func(t *testing.T) { h.GoTest(t, "TestFaults") })
}

// start starts the daemons. supervdsmd is started again when it dies, as
// systemd does it: tests kill it. The file tells how often it was.
func start(t *testing.T, h *lab.Host) {
	t.Helper()
	bin := fixture.Binaries(t, "vdsmd", "supervdsmd")
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
		"rollback":      rollback,
		"stats":         statistics,
		"hook":          hooks,
		"refused":       refusals,
	}
}

// TestLegacy runs the cases on Linux bridges.
func TestLegacy(t *testing.T) { run(t, "legacy", areas()) }

// TestFaults breaks things meanwhile.
func TestFaults(t *testing.T) { run(t, "legacy", map[string]func(*area){"faults": faults}) }
