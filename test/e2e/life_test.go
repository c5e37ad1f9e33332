// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"govdsm/api"
	"govdsm/client"
	"govdsm/test/hosttest"
)

// wantCode checks that a call was refused with the code.
func wantCode(t *testing.T, what string, err error, code int) *api.Error {
	t.Helper()
	var refused *api.Error
	if !errors.As(err, &refused) || refused.Number != code {
		t.Errorf("%s: %v instead of code %d", what, err, code)
		return &api.Error{}
	}
	return refused
}

func params(id string) map[string]any { return map[string]any{"vmID": id} }

// A VM from its creation to its end, as a manager sees it.
func TestLife(t *testing.T) {
	t.Parallel()
	h := hosttest.Shared(t)
	c := h.Dial(t)
	events := hosttest.Listen(t, c)
	v := h.Tiny(t)

	created, err := hosttest.Create(t, c, v)
	if err != nil {
		t.Fatal(err)
	}
	if created.Status != api.VmStatusWaitForLaunch || string(created.VMID) != v.ID || created.XML != v.XML {
		t.Errorf("VM.create answered %+v", created)
	}
	if _, err := strconv.ParseInt(created.StatusTime, 10, 64); err != nil {
		t.Errorf("statusTime: %v", err)
	}
	if _, err := hosttest.Create(t, c, v); err != nil {
		wantCode(t, "VM.create once more", err, 4)
	} else {
		t.Error("the same VM was created twice")
	}

	up := events.Await(t, v.ID, "Powering up")
	if up["hash"] == nil || up["pauseCode"] != "NOERR" || up["monitorResponse"] != "0" {
		t.Errorf("first event: %v", up)
	}
	// A guest without an agent is Powering up for its first minute in what the
	// guest tells, and Up in what libvirt tells.
	hosttest.AwaitStatus(t, c, v.ID, "Powering up", "Up")
	checkLists(t, c, v.ID, "Up")

	mustCall(t, c, "VM.pause", params(v.ID), `{"vmList":{}}`)
	events.Await(t, v.ID, "Paused")
	stats := hosttest.AwaitStatus(t, c, v.ID, "Paused")
	if stats["pauseCode"] != "NOERR" {
		t.Errorf("statistics of a paused VM: %v", stats)
	}
	checkLists(t, c, v.ID, "Paused")
	mustCall(t, c, "VM.cont", params(v.ID), `{"vmList":{}}`)
	hosttest.AwaitStatus(t, c, v.ID, "Powering up", "Up")
	checkXML(t, c, v)

	mustCall(t, c, "VM.destroy", params(v.ID), `true`)
	down := events.Await(t, v.ID, "Down")
	if down["exitCode"] != 0.0 || down["exitReason"] != 6.0 || down["exitMessage"] != "Admin shut down from the engine" || down["vmId"] != v.ID {
		t.Errorf("last event: %v", down)
	}
	list, err := events.Of(v.ID)
	if err != nil {
		t.Fatal(err)
	}
	if first, last := list[0].Status(), list[len(list)-1].Status(); first != "Powering up" || last != "Down" {
		t.Errorf("events come in the order %v", list)
	}
	_, err = hosttest.Stats(t.Context(), c, v.ID)
	if refused := wantCode(t, "VM.getStats", err, 1); refused.Error() != "Virtual machine does not exist: {'vmId': '"+v.ID+"'}" {
		t.Errorf("message: %s", refused)
	}
	if h.QEMU(v.ID) != 0 {
		t.Error("QEMU runs on")
	}
}

func mustCall(t *testing.T, c *client.Host, verb string, params any, want string) {
	t.Helper()
	raw, err := c.Request(t.Context(), verb, params)
	if err != nil {
		t.Errorf("%s: %v", verb, err)
		return
	}
	var got, wanted any
	if err := errors.Join(json.Unmarshal(raw, &got), json.Unmarshal([]byte(want), &wanted)); err != nil || !reflect.DeepEqual(got, wanted) {
		t.Errorf("%s answered %s instead of %s (%v)", verb, raw, want, err)
	}
}

// checkLists asks for the VM in all lists there are.
func checkLists(t *testing.T, c *client.Host, id, status string) {
	t.Helper()
	for verb, params := range map[string][]any{
		"Host.getVMList": {
			map[string]any{}, map[string]any{"onlyUUID": true}, map[string]any{"onlyUUID": false},
			map[string]any{"vmList": []string{id}}, map[string]any{"vmList": []string{id, "00000000-0000-0000-0000-000000000000"}},
			map[string]any{"vmList": nil}, []any{},
		},
		"Host.getVMFullList": {map[string]any{}, map[string]any{"vmList": []string{id}}},
	} {
		for _, p := range params {
			raw, err := c.Request(t.Context(), verb, p)
			if err != nil {
				t.Errorf("%s %v: %v", verb, p, err)
				continue
			}
			var list []map[string]any
			if err := json.Unmarshal(raw, &list); err != nil {
				t.Errorf("%s %v: %v", verb, p, err)
			}
			found := false
			for _, vm := range list {
				if vm["vmId"] == id {
					found = true
					if _, isText := vm["statusTime"].(string); vm["status"] != status || !isText || len(vm) != 3 {
						t.Errorf("%s %v: %v instead of %s", verb, p, vm, status)
					}
				}
			}
			if !found {
				t.Errorf("%s %v does not list the VM: %s", verb, p, raw)
			}
		}
	}
	raw, err := c.Request(t.Context(), "VM.getInfo", map[string]any{"vmID": id})
	var info map[string]any
	if err == nil {
		err = json.Unmarshal(raw, &info)
	}
	if err != nil || info["status"] != status || info["vmId"] != id {
		t.Errorf("VM.getInfo: %s, %v", raw, err)
	}
}

// checkXML looks at the definition that libvirt has.
func checkXML(t *testing.T, c *client.Host, v hosttest.VM) {
	t.Helper()
	xmls, err := api.HostDumpxmls.Call(t.Context(), c, api.HostDumpxmlsParams{VMList: []api.UUID{api.UUID(v.ID)}})
	if err != nil {
		t.Error(err)
		return
	}
	xml := xmls[api.UUID(v.ID)]
	for _, part := range []string{v.ID, "<alias name=", "http://ovirt.org/vm/1.0", "startTime"} {
		if !strings.Contains(xml, part) {
			t.Errorf("dumpxmls has no %q: %s", part, xml)
		}
	}
	for _, part := range []string{"OS-NAME:", "OS-VERSION:", "HOST-SERIAL:"} {
		if strings.Contains(xml, part) {
			t.Errorf("%s is not filled in: %s", part, xml)
		}
	}
}

// recorded are the calls and answers of the original in the life of a VM.
type recorded struct {
	Records []struct{ Dir, Data string }
}

type message struct {
	ID     string
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  *struct{ Code int }
}

// TestAsRecorded has the calls of a recording carried out. Every answer must
// have the members, of the same types, that the original's had.
func TestAsRecorded(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/usr/bin/qemu-system-x86_64"); err != nil {
		t.Fatal("the recording names the emulator: ", err)
	}
	text, err := os.ReadFile("testdata/raw-vm-life.json")
	if err != nil {
		t.Fatal(err)
	}
	var all recorded
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	answers := make(map[string]message)
	var calls []message
	for _, r := range all.Records {
		_, body, _ := strings.Cut(r.Data, "\n\n")
		var m message
		if json.Unmarshal([]byte(strings.TrimRight(body, "\x00")), &m) != nil {
			continue // a frame without a body
		}
		switch {
		case r.Dir == "c2s":
			calls = append(calls, m)
		case m.Method == "":
			answers[m.ID] = m
		}
	}
	h := hosttest.Start(t) // its lists have this VM alone
	c := h.Dial(t)
	const id = "11111111-2222-3333-4444-555555555555"
	for _, call := range calls {
		want, answered := answers[call.ID]
		raw, err := c.Request(t.Context(), call.Method, call.Params)
		if call.Method == "VM.create" && err == nil {
			hosttest.AwaitStatus(t, c, id, "Powering up", "Up")
		}
		switch {
		case errors.Is(err, api.ErrMethodNotImplemented):
			t.Logf("%s is not implemented yet", call.Method)
		case want.Error != nil:
			wantCode(t, call.Method, err, want.Error.Code)
		case err != nil:
			t.Errorf("%s: %v", call.Method, err)
		case answered:
			var got, wanted any
			if err := errors.Join(json.Unmarshal(raw, &got), json.Unmarshal(want.Result, &wanted)); err != nil {
				t.Error(err)
			}
			sameShape(t, call.Method, got, wanted)
		}
	}
}

// sameShape reports members that are missing or of another type.
func sameShape(t *testing.T, path string, got, want any) {
	t.Helper()
	if reflect.TypeOf(got) != reflect.TypeOf(want) {
		t.Errorf("%s is %v (%T) instead of %v (%T)", path, got, got, want, want)
		return
	}
	switch want := want.(type) {
	case map[string]any:
		got := got.(map[string]any)
		for name, value := range want {
			if own, ok := got[name]; ok {
				sameShape(t, path+"."+name, own, value)
			} else {
				t.Errorf("%s lacks %s", path, name)
			}
		}
	case []any:
		got := got.([]any)
		for i, value := range want {
			if i < len(got) {
				sameShape(t, path+"[]", got[i], value)
			}
		}
	}
}
