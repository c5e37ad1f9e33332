// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/event"
	"govdsm/internal/libvirt"
	"govdsm/internal/virt"
)

// patience is how long a test waits for what must come.
const patience = 120 * time.Second

// host is a pillar on a libvirt, called through the dispatch table as the
// daemon does.
type host struct {
	t      *testing.T
	client *libvirt.Client
	vms    *virt.VMs
	table  *dispatch.Table
	events *eventLog
}

// driver is a connection to libvirt whose events go to whichever pillar is
// there.
type driver struct {
	client *libvirt.Client
	mu     sync.Mutex
	handle func(libvirt.Event)
}

func (d *driver) hand(e libvirt.Event) {
	d.mu.Lock()
	handle := d.handle
	d.mu.Unlock()
	if handle != nil {
		handle(e)
	}
}

func (d *driver) setHandler(f func(libvirt.Event)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.handle = f
}

// connect runs a client until the test ends, and then checks that it leaves
// nothing behind.
func connect(t *testing.T, uri string) *driver {
	t.Helper()
	d := &driver{}
	d.client = libvirt.New(loop, libvirt.Options{URI: uri, Handler: d.hand, Backoff: 10 * time.Millisecond, KeepAlive: 3 * time.Second})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.client.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("libvirt client: %v", err)
		}
	})
	return d
}

// mockDriver connects to a libvirt of the test's own that runs nothing.
func mockDriver(t *testing.T) *driver {
	t.Helper()
	file := filepath.Join(t.TempDir(), "node.xml")
	if err := os.WriteFile(file, []byte("<node/>"), 0o600); err != nil {
		t.Fatal(err)
	}
	return connect(t, "test://"+file)
}

// startHost runs a pillar on the driver until the returned function is called,
// or the test ends.
func startHost(t *testing.T, d *driver, o virt.Options) (h *host, stop func()) {
	t.Helper()
	h = newHost(t, d, o)
	stop = h.run()
	select {
	case <-h.vms.Ready():
	case <-time.After(patience):
		t.Fatal("the pillar does not become ready")
	}
	return h, stop
}

func newHost(t *testing.T, d *driver, o virt.Options) *host {
	t.Helper()
	h := &host{t: t, client: d.client, events: &eventLog{}}
	if o.Libvirt == nil {
		o.Libvirt = d.client
	}
	o.Events = event.NewBus()
	o.Events.Subscribe(h.events.add)
	if testing.Verbose() {
		o.Log = logTo(t)
	}
	h.vms = virt.New(o)
	d.setHandler(h.vms.Handle)
	h.table = dispatch.NewTable(dispatch.Checker{})
	h.vms.Bind(h.table)
	return h
}

func (h *host) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.vms.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			h.t.Errorf("Run: %v", err)
		}
	})
	h.t.Cleanup(stop)
	return stop
}

// call calls a verb and returns the JSON of its result.
func (h *host) call(verb string, params any) (json.RawMessage, error) {
	h.t.Helper()
	handler, err := h.table.Lookup(verb)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(params)
	if err != nil {
		h.t.Fatal(err)
	}
	result, err := h.table.Call(h.t.Context(), handler, raw)
	if err != nil {
		return nil, err
	}
	answer, err := json.Marshal(result)
	if err != nil {
		h.t.Fatalf("%s: %v", verb, err)
	}
	return answer, nil
}

// must is call for verbs that have to succeed.
func (h *host) must(verb string, params any) json.RawMessage {
	h.t.Helper()
	answer, err := h.call(verb, params)
	if err != nil {
		h.t.Fatalf("%s: %v", verb, err)
	}
	return answer
}

// refused calls a verb that has to fail with that code.
func (h *host) refused(verb string, params any, code *api.Code) error {
	h.t.Helper()
	answer, err := h.call(verb, params)
	if !errors.Is(err, code) {
		h.t.Errorf("%s answers %s, %v; want error %d", verb, answer, err, code.Number)
	}
	return err
}

type object = map[string]any

func vmID(id string) object { return object{"vmID": id} }

func (h *host) create(id, xml string) json.RawMessage {
	h.t.Helper()
	return h.must("VM.create", object{"vmID": id, "vmParams": object{"xml": xml}})
}

// stats returns what VM.getStats says of the VM.
func (h *host) stats(id string) object {
	h.t.Helper()
	var list []object
	if err := json.Unmarshal(h.must("VM.getStats", vmID(id)), &list); err != nil || len(list) != 1 {
		h.t.Fatalf("VM.getStats: %d VMs, %v", len(list), err)
	}
	return list[0]
}

// await returns the statistics once the VM shows one of the statuses.
func (h *host) await(id string, statuses ...string) object {
	h.t.Helper()
	var s object
	h.eventually(func() bool {
		s = h.stats(id)
		for _, want := range statuses {
			if s["status"] == want {
				return true
			}
		}
		return false
	}, func() string {
		return fmt.Sprintf("VM %s is %v (%v), not %v", id, s["status"], s["exitMessage"], statuses)
	})
	return s
}

// eventually returns when the condition holds.
func (h *host) eventually(condition func() bool, otherwise func() string) {
	h.t.Helper()
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			h.t.Fatal(otherwise())
		}
	}
}

// eventLog keeps the events that managers would get.
type eventLog struct {
	mu   sync.Mutex
	list []event.Notice
}

func (l *eventLog) add(n event.Notice) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, n)
}

// of returns the details of all VM_status events about the VM.
func (l *eventLog) of(t *testing.T, id string) []object {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []object
	for _, n := range l.list {
		if n.ID != "|virt|VM_status|"+id {
			continue
		}
		var params object
		if err := json.Unmarshal(n.Params, &params); err != nil {
			t.Fatal(err)
		}
		if _, ok := params["notify_time"].(float64); !ok {
			t.Errorf("event without notify_time: %s", n.Params)
		}
		details, ok := params[id].(map[string]any)
		if !ok {
			t.Fatalf("event without details: %s", n.Params)
		}
		found = append(found, details)
	}
	return found
}

// statuses are the statuses that events told about the VM, in order.
func (l *eventLog) statuses(t *testing.T, id string) []string {
	t.Helper()
	var list []string
	for _, e := range l.of(t, id) {
		list = append(list, e["status"].(string))
	}
	return list
}

// awaitEvent returns the details of an event with that status.
func (h *host) awaitEvent(id, status string) object {
	h.t.Helper()
	var found object
	h.eventually(func() bool {
		for _, e := range h.events.of(h.t, id) {
			switch e["status"] {
			case status:
				found = e
			case "Down":
				h.t.Fatalf("VM %s is down: %v", id, e["exitMessage"])
			}
		}
		return found != nil
	}, func() string {
		return fmt.Sprintf("no event %s of %s, only %v", status, id, h.events.statuses(h.t, id))
	})
	return found
}

// A sketch of a domain, completed by xml.
type sketch struct {
	typ, id, name   string
	devices, onRoot string
	kernel          string // members of os
	memory          int    // KiB, default 65536
	metadata        string // members of ovirt-vm:vm
	plain           bool   // without a manager's metadata
}

func newSketch() sketch {
	id := uuid.NewString()
	return sketch{typ: "test", id: id, name: "vm-" + id[:8]}
}

func (s sketch) xml() string {
	text := fmt.Sprintf(`<?xml version="1.0" encoding="utf-8"?>
<domain type="%s" xmlns:ovirt-vm="http://ovirt.org/vm/1.0"><name>%s</name><uuid>%s</uuid><memory>%d</memory>
<vcpu>1</vcpu><os><type arch="x86_64">hvm</type>%s</os><features><acpi/></features>%s<devices>%s<memballoon model="virtio"/></devices>
<metadata><ovirt-vm:vm><ovirt-vm:minGuaranteedMemoryMb type="int">32</ovirt-vm:minGuaranteedMemoryMb>
<ovirt-vm:clusterVersion>4.7</ovirt-vm:clusterVersion>%s</ovirt-vm:vm></metadata></domain>`,
		s.typ, s.name, s.id, cmp.Or(s.memory, 65536), s.kernel, s.onRoot, s.devices, s.metadata)
	if s.plain {
		before, _, _ := strings.Cut(text, "<metadata>")
		return before + "</domain>"
	}
	return text
}

// contains fails the test unless text has every part.
func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("no %q in %s", p, text)
		}
	}
}
