// SPDX-License-Identifier: GPL-2.0-or-later

package host_test

import (
	"context"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/host"
)

// embedded is this machine's libvirt, run within virsh; one at a time, they
// share their folder.
type embedded struct {
	root string
	one  sync.Mutex
}

func (l *embedded) virsh(ctx context.Context, args ...string) (string, error) {
	l.one.Lock()
	defer l.one.Unlock()
	// The first start probes every emulator, which a client would not wait for.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
	defer cancel()
	args = append([]string{"-c", "qemu:///embed?root=" + l.root}, args...)
	out, err := exec.CommandContext(ctx, "virsh", args...).Output()
	return string(out), err
}

func (l *embedded) Capabilities(ctx context.Context) (string, error) {
	return l.virsh(ctx, "capabilities")
}

func (l *embedded) DomainCapabilities(ctx context.Context, arch, _, virtType string) (string, error) {
	return l.virsh(ctx, "domcapabilities", "--arch", arch, "--virttype", virtType)
}

func (l *embedded) Versions(context.Context) (uint64, uint64, error) { return 0, 0, nil }

func (l *embedded) NodeDevices(context.Context, []string) ([]string, error) { return nil, nil }

// complete reports whether libvirt has said all.
func complete(caps api.VdsmCapabilities) bool {
	return len(caps.EmulatedMachines) > 0 && strings.Contains(caps.CPUFlags, "model_")
}

func TestCapabilitiesByThisMachinesLibvirt(t *testing.T) {
	l := &embedded{root: t.TempDir()}
	if _, err := l.Capabilities(t.Context()); err != nil {
		t.Fatal(err)
	}
	o := host.Options{Libvirt: l, FakeKVM: true, Log: discard()}
	h := newHost(t, o)
	caps := capabilitiesOf(t, h)
	for deadline := time.Now().Add(2 * time.Minute); !complete(caps) && time.Now().Before(deadline); {
		caps = capabilitiesOf(t, h)
	}
	if caps.CPUThreads == "" || caps.CPUThreads == "0" || len(caps.CPUTopology) == 0 || len(caps.NUMANodes) == 0 {
		t.Errorf("threads %q, topology %v, nodes %v", caps.CPUThreads, caps.CPUTopology, caps.NUMANodes)
	}
	if !complete(caps) {
		t.Errorf("machines %v, flags %s", caps.EmulatedMachines, caps.CPUFlags)
	}
}
