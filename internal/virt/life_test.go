// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
	"govdsm/internal/libvirt"
	"govdsm/internal/virt"
)

func TestLife(t *testing.T) {
	t.Parallel()
	h, _ := startHost(t, mockDriver(t), virt.Options{})
	s := newSketch()

	var created object
	if err := json.Unmarshal(h.create(s.id, s.xml()), &created); err != nil {
		t.Fatal(err)
	}
	if created["vmId"] != s.id || created["status"] != "WaitForLaunch" || created["xml"] != s.xml() {
		t.Errorf("VM.create answers %v", created)
	}
	up := h.awaitEvent(s.id, "Powering up")
	if up["hash"] == nil || up["pauseCode"] != "NOERR" || up["username"] != nil {
		t.Errorf("event of a VM that came up: %v", up)
	}
	h.refused("VM.create", object{"vmID": s.id, "vmParams": object{"xml": s.xml()}}, api.ErrVMExists)

	if got := string(h.must("VM.pause", vmID(s.id))); got != `{"vmList":{}}` {
		t.Errorf("VM.pause answers %s", got)
	}
	if st := h.stats(s.id); st["status"] != "Paused" || st["pauseCode"] != "NOERR" {
		t.Errorf("statistics of a paused VM: %v", st)
	}
	if got := string(h.must("VM.cont", vmID(s.id))); got != `{"vmList":{}}` {
		t.Errorf("VM.cont answers %s", got)
	}
	if st := h.stats(s.id); st["status"] != "Powering up" || st["pauseCode"] != nil {
		t.Errorf("statistics of a VM that goes on: %v", st)
	}
	var xmls map[string]string
	if err := json.Unmarshal(h.must("Host.dumpxmls", object{"vmList": []string{s.id}}), &xmls); err != nil {
		t.Fatal(err)
	}
	contains(t, xmls[s.id], "<ovirt-vm:startTime type=\"float\">", "<ovirt-vm:balloonTarget type=\"int\">65536<",
		"<ovirt-vm:cpuPolicy>none<", "<ovirt-vm:memGuaranteedSize type=\"int\">32<",
		"<ovirt-vm:destroy_on_reboot type=\"bool\">False<", "<ovirt-vm:clusterVersion>4.7<")

	if got := string(h.must("VM.destroy", vmID(s.id))); got != "true" {
		t.Errorf("VM.destroy answers %s", got)
	}
	want := []string{"Powering up", "Paused", "Powering up", "Down"}
	if got := h.events.statuses(t, s.id); !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
	down := h.awaitEvent(s.id, "Down")
	wantDown := object{
		"status": "Down", "vmId": s.id, "exitCode": 0.0, "exitReason": 6.0,
		"exitMessage": "Admin shut down from the engine",
	}
	if diff := cmp.Diff(wantDown, down); diff != "" {
		t.Errorf("event of the end: %s", diff)
	}
	err := h.refused("VM.getStats", vmID(s.id), api.ErrNoSuchVM)
	if want := "Virtual machine does not exist: {'vmId': '" + s.id + "'}"; err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
	if left, err := h.client.Find(t.Context(), s.id, s.name); err != nil || len(left) > 0 {
		t.Errorf("libvirt still has %v, %v", left, err)
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	h, _ := startHost(t, mockDriver(t), virt.Options{})
	a, b := newSketch(), newSketch()
	for _, s := range []sketch{a, b} {
		h.create(s.id, s.xml())
		h.awaitEvent(s.id, "Powering up")
	}
	ids := func(answer json.RawMessage) (list []string) {
		var entries []object
		if err := json.Unmarshal(answer, &entries); err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e["status"] != "Up" || len(e) != 3 || strings.Trim(e["statusTime"].(string), "0123456789") != "" {
				t.Errorf("entry %v", e)
			}
			list = append(list, e["vmId"].(string))
		}
		return list
	}
	both := []string{a.id, b.id}
	slices.Sort(both)
	if got := ids(h.must("Host.getVMList", object{})); !slices.Equal(got, both) {
		t.Errorf("Host.getVMList: %v", got)
	}
	only := object{"vmList": []string{b.id, "11111111-1111-1111-1111-111111111111"}}
	for _, verb := range []string{"Host.getVMList", "Host.getVMFullList"} {
		if got := ids(h.must(verb, only)); !slices.Equal(got, []string{b.id}) {
			t.Errorf("%s of one: %v", verb, got)
		}
	}
	if got := ids(append(append([]byte("["), h.must("VM.getInfo", vmID(a.id))...), ']')); !slices.Equal(got, []string{a.id}) {
		t.Errorf("VM.getInfo: %v", got)
	}
	h.refused("Host.dumpxmls", object{"vmList": []string{"none"}}, api.ErrJsonRpcInternal)
	h.refused("VM.getInfo", vmID("none"), api.ErrNoSuchVM)
	for _, verb := range []string{"VM.pause", "VM.cont", "VM.reset", "VM.shutdown", "VM.destroy", "VM.setDestroyOnReboot"} {
		h.refused(verb, vmID("none"), api.ErrNoSuchVM)
	}
}

// startsPaused does what the mock driver does not know: to start paused.
type startsPaused struct{ *libvirt.Client }

func (p startsPaused) Create(ctx context.Context, id string, flags uint32) error {
	err := p.Client.Create(ctx, id, flags&^libvirt.StartPaused)
	if err == nil && flags&libvirt.StartPaused != 0 {
		err = p.Suspend(ctx, id)
	}
	return err
}

func TestLaunchPaused(t *testing.T) {
	t.Parallel()
	d := mockDriver(t)
	h, _ := startHost(t, d, virt.Options{Libvirt: startsPaused{d.client}})
	s := newSketch()
	s.metadata = "<ovirt-vm:launchPaused>true</ovirt-vm:launchPaused>"
	h.create(s.id, s.xml())
	up := h.awaitEvent(s.id, "Paused")
	if up["pauseCode"] != "NOERR" {
		t.Errorf("event %v", up)
	}
}

// A VM that is Down answers what is documented, until it is destroyed.
func TestDown(t *testing.T) {
	t.Parallel()
	h, _ := startHost(t, mockDriver(t), virt.Options{})
	s := newSketch()
	h.create(s.id, s.xml())
	h.awaitEvent(s.id, "Powering up")
	if err := h.client.Destroy(t.Context(), s.id, false); err != nil {
		t.Fatal(err)
	}
	st := h.await(s.id, "Down")
	want := object{
		"vmId": s.id, "status": "Down", "statusTime": st["statusTime"],
		"exitCode": 1.0, "exitReason": 2.0, "exitMessage": "Lost connection with qemu process",
	}
	if diff := cmp.Diff(want, st); diff != "" {
		t.Errorf("statistics: %s", diff)
	}
	h.refused("VM.pause", vmID(s.id), api.ErrGeneral)
	h.refused("VM.cont", vmID(s.id), api.ErrUnexpected)
	h.refused("VM.reset", vmID(s.id), api.ErrNoSuchVM)
	h.refused("VM.shutdown", vmID(s.id), api.ErrNoSuchVM)
	h.must("VM.destroy", vmID(s.id))
	if got := h.events.statuses(t, s.id); !slices.Equal(got, []string{"Powering up", "Down"}) {
		t.Errorf("events %v", got)
	}
}
