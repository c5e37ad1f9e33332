// SPDX-License-Identifier: GPL-2.0-or-later

package host_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/host"
	"govdsm/internal/host/asroot"
	"govdsm/internal/host/hosttest"
)

func TestCapabilitiesOfHosts(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"debian", "el9", "node", "node-next", "ppc64le", "container"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := object(t, capabilitiesOf(t, newHost(t, fixture(t, name))))
			for _, ofThisMachine := range []string{"vdsmToCpusAffinity", "nics"} {
				delete(got, ofThisMachine)
			}
			golden(t, name+".caps.json", got)
		})
	}
}

// captured returns the answer in a recording of the original.
func captured(t *testing.T, file string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "captures", file))
	if err != nil {
		t.Fatal(err)
	}
	var recording struct{ Stdout string }
	if err := json.Unmarshal(text, &recording); err != nil {
		t.Fatal(err)
	}
	var answer map[string]any
	if err := json.Unmarshal([]byte(recording.Stdout), &answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

// kind names the JSON type of a value.
func kind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case string:
		return "text"
	case []any:
		return "array"
	default:
		return "object"
	}
}

// compareShape checks that got has want's members with the same types, but for
// the absent ones that have a reason.
func compareShape(t *testing.T, got, want map[string]any, absent map[string]string) {
	t.Helper()
	for _, key := range slices.Sorted(maps.Keys(want)) {
		value, there := got[key]
		reason, excused := absent[key]
		switch {
		case !there && !excused:
			t.Errorf("%s is missing", key)
		case there && excused:
			t.Errorf("%s is there, although it is listed as absent: %s", key, reason)
		case there && kind(value) != kind(want[key]):
			t.Errorf("%s is %s, the original's is %s", key, kind(value), kind(want[key]))
		}
	}
}

func TestCapabilitiesHaveTheShapeOfTheOriginal(t *testing.T) {
	t.Parallel()
	o := fixture(t, "debian")
	got := object(t, capabilitiesOf(t, newHost(t, o)))
	want := captured(t, "cli-Host.getCapabilities.json")
	compareShape(t, got, want, map[string]string{
		"domain_versions":      "the storage pillar knows",
		"supported_block_size": "the storage pillar knows",
	})
	for _, nested := range []string{"operatingSystem", "packages2", "selinux", "HBAInventory", "numaNodes"} {
		compareShape(t, got[nested].(map[string]any), want[nested].(map[string]any), nil)
	}
	compareShape(t, got["cpuTopology"].([]any)[0].(map[string]any), want["cpuTopology"].([]any)[0].(map[string]any), nil)
	for key := range got {
		if _, known := want[key]; !known {
			t.Errorf("%s is unknown to the original", key)
		}
	}
}

func TestCapabilitiesOfThisMachine(t *testing.T) {
	t.Parallel()
	h := newHost(t, host.Options{Network: wired{}, Log: discard()})
	ctx := dispatch.WithOrigin(t.Context(), dispatch.Origin{Local: netip.MustParseAddrPort("127.0.0.1:54321")})
	got := capabilitiesIn(t, ctx, h)
	if got.LastClientIface != "lo" {
		t.Errorf("lastClientIface is %q", got.LastClientIface)
	}
	if got.MemSize == "" || len(got.VdsmToCpusAffinity) == 0 || got.Packages2[api.SoftwarePackageKernel].Version == "" {
		t.Errorf("memory %q, affinity %v, packages %v", got.MemSize, got.VdsmToCpusAffinity, got.Packages2)
	}
	for _, key := range []string{"networks", "bridges", "vlans", "bondings", "nics", "HBAInventory", "hooks", "packages2"} {
		if kind(object(t, got)[key]) != "object" {
			t.Errorf("%s is no object", key)
		}
	}
}

// hung is a libvirt that answers nothing until it is let go.
type hung struct {
	recorded
	asked chan struct{}
	let   chan struct{}
}

func (l hung) Capabilities(context.Context) (string, error) {
	l.asked <- struct{}{}
	<-l.let
	return l.recorded.Capabilities(context.Background())
}

func TestHungLibvirtCostsItsPartAndAFewSeconds(t *testing.T) {
	o := fixture(t, "debian")
	synctest.Test(t, func(t *testing.T) {
		l := hung{recorded{o.Root}, make(chan struct{}, 9), make(chan struct{})}
		o.Libvirt = l
		h := newHost(t, o)
		for range 3 {
			caps := capabilitiesOf(t, h)
			if caps.EmulatedMachines != nil || caps.MemSize == "" || !strings.Contains(caps.CPUFlags, "model_") {
				t.Errorf("machines %v, memory %q, flags %s", caps.EmulatedMachines, caps.MemSize, caps.CPUFlags)
			}
		}
		if n := len(l.asked); n != 1 {
			t.Errorf("%d questions hang, want one", n)
		}
		close(l.let)
		synctest.Wait()
		if caps := capabilitiesOf(t, h); len(caps.EmulatedMachines) == 0 {
			t.Error("libvirt is back and its machines are not")
		}
	})
}

// lost is a libvirt whose connection can break.
type lost struct {
	recorded
	gone *atomic.Bool
}

var errLost = errors.New("connection lost")

func (l lost) Capabilities(ctx context.Context) (string, error) {
	if l.gone.Load() {
		return "", errLost
	}
	return l.recorded.Capabilities(ctx)
}

func (l lost) DomainCapabilities(ctx context.Context, arch, machine, virtType string) (string, error) {
	if l.gone.Load() {
		return "", errLost
	}
	return l.recorded.DomainCapabilities(ctx, arch, machine, virtType)
}

func TestLostLibvirtIsRemembered(t *testing.T) {
	t.Parallel()
	o := fixture(t, "el9")
	var gone atomic.Bool
	o.Libvirt = lost{recorded{o.Root}, &gone}
	h := newHost(t, o)
	before := object(t, capabilitiesOf(t, h))
	gone.Store(true)
	after := object(t, capabilitiesOf(t, h))
	for _, key := range []string{"emulatedMachines", "cpuFlags", "numaNodes", "clusterLevels"} {
		if b, _ := json.Marshal(before[key]); string(b) != string(must(json.Marshal(after[key]))) {
			t.Errorf("%s changed from %s", key, b)
		}
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func TestLibvirtMayAnswerNonsense(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{}", "<capabilities", "<other/>", "<!DOCTYPE x [<!ENTITY a 'b'>]><capabilities>&a;</capabilities>"} {
		o := fixture(t, "debian")
		hosttest.Add(t, o.Root, "-- libvirt/capabilities.xml --\n"+text+"\n-- libvirt/domain.xml --\n"+text+"\n")
		caps := capabilitiesOf(t, newHost(t, o))
		if caps.EmulatedMachines != nil || caps.CPUModel == "" || strings.Contains(caps.CPUFlags, "model_") {
			t.Errorf("%q: machines %v, model %q", text, caps.EmulatedMachines, caps.CPUModel)
		}
	}
}

// refused is a helper that cannot do anything.
type refused struct{}

func (refused) HardwareInfo(context.Context) (api.HardwareInformation, error) {
	return api.HardwareInformation{}, errLost
}
func (refused) Facts(context.Context) (asroot.Facts, error) { return asroot.Facts{}, errLost }

func (refused) TuneKSM(context.Context, []asroot.KSMSetting) error { return errLost }

func TestWithoutTheHelperItsFactsAreAbsent(t *testing.T) {
	t.Parallel()
	o := fixture(t, "debian")
	o.Privileged = refused{}
	got := object(t, capabilitiesOf(t, newHost(t, o)))
	for _, key := range []string{"uuid", "vncEncrypted"} {
		if v, there := got[key]; there {
			t.Errorf("%s is %v", key, v)
		}
	}
}

func TestKVMIsEnabledWhenItWorks(t *testing.T) {
	t.Parallel()
	o := fixture(t, "debian")
	works := false
	o.KVMWorks = func() bool { return works }
	h := newHost(t, o)
	if got := capabilitiesOf(t, h).KvmEnabled; got != "false" {
		t.Errorf("with a useless device: %q", got)
	}
	works = true
	if got := capabilitiesOf(t, h).KvmEnabled; got != "true" {
		t.Errorf("with a working device: %q", got)
	}
}

func TestLibvirtIsAskedBeforeAnybodyWantsToKnow(t *testing.T) {
	o := fixture(t, "el9")
	synctest.Test(t, func(t *testing.T) {
		var gone atomic.Bool
		gone.Store(true)
		o.Libvirt = lost{recorded{o.Root}, &gone}
		h := newHost(t, o)
		run(t, h)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		gone.Store(false)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		gone.Store(true)
		if caps := capabilitiesOf(t, h); len(caps.EmulatedMachines) == 0 {
			t.Error("it was not")
		}
	})
}
