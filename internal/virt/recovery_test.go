// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/libvirt"
	"govdsm/internal/virt"
)

// leave puts the domain of a VM into libvirt as an earlier daemon left it.
func leave(t *testing.T, d *driver, s sketch) {
	t.Helper()
	if err := d.client.Define(t.Context(), s.xml()); err != nil {
		t.Fatal(err)
	}
	if err := d.client.Create(t.Context(), s.id, 0); err != nil {
		t.Fatal(err)
	}
}

func TestRecovery(t *testing.T) {
	t.Parallel()
	d := mockDriver(t)
	if err := d.client.WaitConnected(t.Context()); err != nil {
		t.Fatal(err)
	}
	const started = `<ovirt-vm:startTime type="float">%d.5</ovirt-vm:startTime>`
	old, paused, ended, reasoned, external, externalOff := newSketch(), newSketch(), newSketch(), newSketch(), newSketch(), newSketch()
	old.metadata = fmt.Sprintf(started, time.Now().Unix()-1005)
	reasoned.metadata = `<ovirt-vm:exitCode type="int">1</ovirt-vm:exitCode>` +
		`<ovirt-vm:exitReason type="int">14</ovirt-vm:exitReason><ovirt-vm:exitMessage>too long</ovirt-vm:exitMessage>`
	external.plain, externalOff.plain = true, true
	for _, s := range []sketch{old, paused, ended, reasoned, external, externalOff} {
		leave(t, d, s)
	}
	if err := d.client.Suspend(t.Context(), paused.id); err != nil {
		t.Fatal(err)
	}
	for _, s := range []sketch{ended, reasoned, externalOff} {
		if err := d.client.Destroy(t.Context(), s.id, false); err != nil {
			t.Fatal(err)
		}
	}

	h, _ := startHost(t, d, virt.Options{})
	st := h.stats(old.id)
	if st["status"] != "Up" || !strings.HasPrefix(st["elapsedTime"].(string), "10") || st["vmName"] != old.name {
		t.Errorf("the old VM: %v", st)
	}
	if st := h.stats(paused.id); st["status"] != "Paused" {
		t.Errorf("the paused VM: %v", st)
	}
	if st := h.stats(ended.id); st["status"] != "Down" || st["exitMessage"] == "" || st["exitReason"] == nil {
		t.Errorf("the VM that ended: %v", st)
	}
	if st := h.stats(reasoned.id); st["exitReason"] != 14.0 || st["exitCode"] != 1.0 || st["exitMessage"] != "too long" {
		t.Errorf("the VM that ended before: %v", st)
	}
	before := xmlOfDomain(t, d, external.id)
	h.must("VM.pause", vmID(external.id))
	h.must("VM.cont", vmID(external.id))
	if after := xmlOfDomain(t, d, external.id); after != before {
		t.Errorf("somebody else's domain was written to: %s", after)
	}
	h.refused("VM.getStats", vmID(externalOff.id), api.ErrNoSuchVM)

	// Events reach VMs that were found.
	if err := d.client.Destroy(t.Context(), old.id, false); err != nil {
		t.Fatal(err)
	}
	h.awaitEvent(old.id, "Down")
}

func xmlOfDomain(t *testing.T, d *driver, id string) string {
	t.Helper()
	xml, err := d.client.XML(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return xml
}

// Recovery is many domains' work and must not take many domains' time. The
// limit is generous for a loaded machine; the log shows the real figure.
func TestRecoveryOfMany(t *testing.T) {
	t.Parallel()
	d := mockDriver(t)
	if err := d.client.WaitConnected(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		leave(t, d, newSketch())
	}
	began := time.Now()
	h, _ := startHost(t, d, virt.Options{})
	t.Logf("200 VMs in %v", time.Since(began))
	if n := strings.Count(string(h.must("Host.getVMList", object{})), `"Up"`); n != 200 {
		t.Errorf("%d VMs are Up", n)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("recovery took %v", took)
	}
}

// Events that come during recovery wait for it.
func TestEventsDuringRecovery(t *testing.T) {
	t.Parallel()
	d := mockDriver(t)
	if err := d.client.WaitConnected(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := newSketch()
	leave(t, d, s)
	h := newHost(t, d, virt.Options{})
	if err := d.client.Destroy(t.Context(), s.id, false); err != nil {
		t.Fatal(err)
	}
	h.run()
	<-h.vms.Ready()
	h.await(s.id, "Down")
}

// A domain that somebody else runs is listed, and stays theirs.
func TestExternal(t *testing.T) {
	t.Parallel()
	d := mockDriver(t)
	if err := d.client.WaitConnected(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := newSketch()
	s.plain = true
	leave(t, d, s)
	h, _ := startHost(t, d, virt.Options{})
	if st := h.stats(s.id); st["vmName"] != s.name {
		t.Errorf("the external VM: %v", st)
	}
	h.must("VM.destroy", vmID(s.id))
	if xmlOfDomain(t, d, s.id) == "" {
		t.Error("the definition of somebody else's domain is gone")
	}
}

// A domain whose definition makes no sense is listed by its state.
func TestUnreadableDomain(t *testing.T) {
	t.Parallel()
	f := newFake()
	id := "11111111-1111-1111-1111-111111111111"
	f.domains[id] = &fakeDomain{name: "odd", xml: "<domain/>", status: libvirt.Status{State: libvirt.StateRunning}}
	h := fakeHost(t, f, virt.Options{})
	if st := h.stats(id); st["status"] != "Powering up" || st["vmName"] != "odd" {
		t.Errorf("a domain that is not understood: %v", st)
	}
}
