// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	demo "govdsm/internal/guest"
	"govdsm/internal/libvirt"
	"govdsm/internal/sandbox"
	"govdsm/internal/virt"
	"govdsm/internal/virt/agent"
)

// A guest with an agent is Up as soon as that answers, and its facts are in
// the statistics; asked by its agent, it shuts down.
func TestGuestAgent(t *testing.T) {
	h, d := realHost(t, virt.Options{GuestAgent: virt.GuestAgent{
		Interval: 100 * time.Millisecond, CommandTimeout: 20 * time.Second, // the machine may be busy
	}})
	cache, err := sandbox.Cache()
	if err != nil {
		t.Fatal(err)
	}
	kernel, err := demo.Source{Cache: cache}.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	image, err := demo.Initramfs(t.Context(), kernel)
	if err != nil {
		t.Fatal(err)
	}
	id := uuid.NewString()
	v := demo.VM{
		ID: uuid.MustParse(id), Name: "vm-" + id[:8], Emulator: "/usr/bin/qemu-system-x86_64", MemoryMiB: 256,
		Kernel: kernel.Image, Initrd: filepath.Join(private.dir, "agent-initrd"), Console: filepath.Join(private.dir, id+".console"),
	}
	if err := os.WriteFile(v.Initrd, image, 0o600); err != nil {
		t.Fatal(err)
	}
	xml, err := v.XML()
	if err != nil {
		t.Fatal(err)
	}
	h.create(id, xml)
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		_ = h.client.Destroy(ctx, id, false) // gone already where the test went well
		_ = h.client.Undefine(ctx, id)
		if console, err := os.ReadFile(v.Console); t.Failed() {
			t.Logf("console: %s %v", console, err)
		}
	})
	up := h.awaitEvent(id, "Up")
	if !slices.Contains(up["appsList"].([]any), any("qemu-guest-agent-0.1")) {
		t.Errorf("event %v", up)
	}
	var st object
	h.eventually(func() bool { st = h.stats(id); return st["guestOsInfo"] != nil && st["guestName"] != nil },
		func() string { return "the guest tells nothing of itself" })
	system := st["guestOsInfo"].(object)
	if st["status"] != "Up" || st["guestFQDN"] != "govdsm-guest" || st["guestName"] != "govdsm-guest" ||
		st["guestOs"] != kernel.Release || system["distribution"] != "busybox" || system["arch"] != "x86_64" {
		t.Errorf("statistics %v", st)
	}
	h.must("VM.freeze", vmID(id))
	h.must("VM.thaw", vmID(id))
	// An agent is not lost with libvirtd.
	private.kill(t)
	h.eventually(func() bool { return !d.client.Connected() },
		func() string { return "the loss of libvirtd is not noticed" })
	private.restart(t)
	h.eventually(func() bool { _, err := h.call("VM.freeze", vmID(id)); return err == nil },
		func() string { return "the agent is not found again" })
	h.must("VM.shutdown", object{"vmID": id, "delay": 0, "message": "bye", "timeout": 100})
	h.await(id, "Down")
	if console, err := os.ReadFile(v.Console); err != nil || !strings.Contains(string(console), "asked to shut down") {
		t.Errorf("the agent was not asked: %v", err)
	}
	h.must("VM.destroy", vmID(id))
}

// An agent that never answers costs nobody else anything, and is asked by one
// at a time.
func TestSilentAgent(t *testing.T) {
	t.Parallel()
	f := newFake()
	silent, talks := newSketch(), newSketch()
	var mu sync.Mutex
	asking, most := 0, 0
	asked := make(chan struct{}, 1000)
	f.onAgent = func(ctx context.Context, vm, _ string) (string, error) {
		if vm == talks.id {
			return `{"return": {"version": "1", "supported_commands": []}}`, nil
		}
		mu.Lock()
		asking++
		most = max(most, asking)
		mu.Unlock()
		asked <- struct{}{}
		<-ctx.Done()
		mu.Lock()
		asking--
		mu.Unlock()
		return "", libvirt.ErrTimeout
	}
	h := fakeHost(t, f, virt.Options{GuestAgent: virt.GuestAgent{Interval: time.Millisecond, CommandTimeout: time.Millisecond}})
	for _, s := range []sketch{silent, talks} {
		h.create(s.id, s.xml())
		h.awaitEvent(s.id, "Powering up")
	}
	h.vms.Handle(libvirt.AgentLifecycle{VM: silent.id, Connected: true})
	<-asked
	h.vms.Handle(libvirt.AgentLifecycle{VM: talks.id, Connected: true})
	h.awaitEvent(talks.id, "Up")
	if got := h.stats(silent.id)["status"]; got != "Powering up" {
		t.Errorf("status without an answer: %v", got)
	}
	<-asked // again, while it boots
	h.must("VM.pause", vmID(silent.id))
	h.must("VM.destroy", vmID(silent.id))
	mu.Lock()
	defer mu.Unlock()
	if most != 1 {
		t.Errorf("asked by %d at once", most)
	}
}

// A reboot begins anew: the guest is up when its agent answers again.
func TestAgentAfterReboot(t *testing.T) {
	t.Parallel()
	f := newFake()
	s := newSketch()
	f.onAgent = func(context.Context, string, string) (string, error) {
		return `{"return": {"version": "1", "supported_commands": []}}`, nil
	}
	h := fakeHost(t, f, virt.Options{GuestAgent: virt.GuestAgent{Interval: time.Millisecond}})
	h.create(s.id, s.xml())
	h.awaitEvent(s.id, "Powering up")
	h.vms.Handle(libvirt.AgentLifecycle{VM: s.id, Connected: true})
	h.awaitEvent(s.id, "Up")
	h.vms.Handle(libvirt.AgentLifecycle{VM: s.id})
	h.vms.Handle(libvirt.Reboot{VM: s.id})
	h.await(s.id, "RebootInProgress")
	h.vms.Handle(libvirt.AgentLifecycle{VM: s.id, Connected: true})
	h.await(s.id, "Up")
}

// libvirt's word in the definition does where there was no event, and after
// events may have been missed.
func TestAgentHint(t *testing.T) {
	t.Parallel()
	f := newFake()
	s := newSketch()
	s.devices = `<channel type="unix"><source mode="bind" path="/run/agent"/>` +
		`<target type="virtio" name="org.qemu.guest_agent.0" state="connected"/></channel>`
	asked := make(chan struct{}) // without room: somebody asks now
	f.onAgent = func(ctx context.Context, _, _ string) (string, error) {
		select {
		case asked <- struct{}{}:
			return `{"return": {"version": "1", "supported_commands": []}}`, nil
		case <-ctx.Done():
			return "", libvirt.ErrUnavailable
		}
	}
	h := fakeHost(t, f, virt.Options{GuestAgent: virt.GuestAgent{
		Interval: time.Millisecond, Periods: agent.Periods{Capabilities: time.Nanosecond},
	}})
	h.create(s.id, s.xml())
	<-asked
	h.await(s.id, "Up")
	h.vms.Handle(libvirt.Disconnected{})
	h.vms.Handle(libvirt.Connected{})
	for range 10 { // the first may be one that was under way
		<-asked
	}
}
