// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
	"govdsm/internal/virt"
)

// exchange is one call of a recorded session, or one event (without a method).
type exchange struct {
	method string
	params json.RawMessage
	event  json.RawMessage
	result json.RawMessage
	code   int
}

// recording reads the session that testdata/captures holds.
func recording(t *testing.T, name string) (session []exchange) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "captures", name))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Records []struct{ Dir, Data string } }
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	calls := map[string]int{}
	for _, r := range file.Records {
		for frame := range strings.SplitSeq(r.Data, "\x00") {
			_, body, ok := strings.Cut(frame, "\n\n")
			if !ok || !strings.HasPrefix(body, "{") {
				continue
			}
			var m struct {
				Method, ID     string
				Params, Result json.RawMessage
				Error          struct{ Code int }
			}
			if err := json.Unmarshal([]byte(body), &m); err != nil {
				t.Fatal(err)
			}
			switch {
			case r.Dir == "c2s":
				calls[m.ID] = len(session)
				session = append(session, exchange{method: m.Method, params: m.Params})
			case m.Method != "":
				session = append(session, exchange{event: m.Params})
			default:
				session[calls[m.ID]].result, session[calls[m.ID]].code = m.Result, m.Error.Code
			}
		}
	}
	return session
}

// The life of a VM, recorded of the original, goes the same way with us: every
// answer and event has the same members of the same types.
func TestRecordedLife(t *testing.T) {
	const id = "11111111-2222-3333-4444-555555555555"
	h, _ := realHost(t, virt.Options{})
	t.Cleanup(func() { _, _ = h.call("VM.destroy", vmID(id)) })
	var events []json.RawMessage
	for _, e := range recording(t, "raw-vm-life.json") {
		if e.method == "" {
			events = append(events, e.event)
			continue
		}
		if _, err := h.table.Lookup(e.method); errors.Is(err, api.ErrMethodNotImplemented) {
			t.Logf("%s is not there yet", e.method)
			continue
		}
		got, err := h.call(e.method, e.params)
		if code := codeOf(err); code != e.code {
			t.Fatalf("%s answers code %d (%v), recorded is %d", e.method, code, err, e.code)
		}
		if err == nil {
			if diff := cmp.Diff(shapeOf(t, e.result), shapeOf(t, got)); diff != "" {
				t.Errorf("%s answers (-recorded +ours)\n%s", e.method, diff)
			}
		}
		if e.method == "VM.create" && err == nil {
			h.awaitEvent(id, "Powering up")
		}
	}
	for i, ours := range h.events.of(t, id) {
		if i >= len(events) {
			t.Errorf("event beyond the recorded ones: %v", ours)
			continue
		}
		var recorded map[string]json.RawMessage
		if err := json.Unmarshal(events[i], &recorded); err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(ours)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(shapeOf(t, recorded[id]), shapeOf(t, raw)); diff != "" {
			t.Errorf("event %d (-recorded +ours)\n%s", i, diff)
		}
	}
	if got := h.events.statuses(t, id); len(got) != len(events) {
		t.Errorf("%d events are recorded, ours are %v", len(events), got)
	}
}

func codeOf(err error) int {
	var e *api.Error
	var c *api.Code
	switch {
	case errors.As(err, &e):
		return e.Number
	case errors.As(err, &c):
		return c.Number
	}
	return 0
}

// shapeOf lists the members of a JSON value with their types, texts that say
// something fixed with their text.
func shapeOf(t *testing.T, raw json.RawMessage) map[string]string {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	shape := map[string]string{}
	walk("", v, shape)
	return shape
}

func walk(path string, v any, shape map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		shape[path] = "object"
		for k, member := range v {
			walk(path+"."+k, member, shape)
		}
	case []any:
		shape[path] = "array"
		for i, item := range v {
			walk(fmt.Sprintf("%s[%d]", path, i), item, shape)
		}
	case string:
		shape[path] = "text"
		switch path[strings.LastIndexByte(path, '.')+1:] {
		case "status", "pauseCode", "exitMessage", "vmName", "vmType", "kvmEnable", "acpiEnable", "monitorResponse",
			"cpuUser", "cpuSys", "cpuUsage", "username", "session", "memUsage", "timeOffset", "clientIp", "vmId":
			shape[path] += " " + v
		}
	default:
		shape[path] = fmt.Sprintf("%T %v", v, v)
	}
}
