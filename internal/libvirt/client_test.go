// SPDX-License-Identifier: GPL-2.0-or-later

package libvirt

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	binding "libvirt.org/go/libvirt"
)

// testDomain is the id of the domain that the driver test:///default is born
// with.
const testDomain = "6695eb01-f6a4-8304-79aa-97f2502e193f"

const otherDomain = `<domain type='test'><name>other</name>` +
	`<uuid>11111111-2222-3333-4444-555555555555</uuid><memory>65536</memory><os><type>hvm</type></os></domain>`

// recorder keeps the events it is told.
type recorder struct {
	mu     sync.Mutex
	events []Event
}

func (r *recorder) add(e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

// wait returns once an event equal to want has come.
func (r *recorder) wait(t *testing.T, want Event) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		r.mu.Lock()
		there := slices.ContainsFunc(r.events, func(e Event) bool {
			if _, is := e.(Disconnected); is {
				return e.(Disconnected).Reason == nil
			}
			return e == want
		})
		r.mu.Unlock()
		if there {
			return
		}
	}
	t.Fatalf("no %T %+v in %+v", want, want, r.events)
}

// start runs a client until the test ends and checks that it leaves nothing.
func start(t *testing.T, o Options) (*Client, *recorder) {
	t.Helper()
	r := &recorder{}
	if o.Handler == nil {
		o.Handler = r.add
	}
	c := New(loop, o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return c, r
}

func startTestDriver(t *testing.T) (*Client, *recorder) {
	t.Helper()
	c, r := start(t, Options{URI: "test:///default"})
	if err := c.WaitConnected(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c, r
}

func TestDomainLife(t *testing.T) {
	t.Parallel()
	c, r := startTestDriver(t)
	ctx := t.Context()
	const id = "11111111-2222-3333-4444-555555555555"

	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(c.Define(ctx, otherDomain))
	check(c.SetMetadata(ctx, id, "x", "http://example.org/x", "<a>1</a>"))
	md, err := c.Metadata(ctx, id, "http://example.org/x")
	check(err)
	if md != "<a>1</a>" {
		t.Errorf("metadata %q", md)
	}
	check(c.Create(ctx, id, 0))
	r.wait(t, Lifecycle{VM: id, Change: Started})
	check(c.Suspend(ctx, id))
	r.wait(t, Lifecycle{VM: id, Change: Suspended, Detail: SuspendedPaused})
	if s, err := c.State(ctx, id); err != nil || s.State != StatePaused {
		t.Errorf("state %+v, %v", s, err)
	}
	check(c.Resume(ctx, id))
	r.wait(t, Lifecycle{VM: id, Change: Resumed, Detail: ResumedUnpaused})
	xml, err := c.XML(ctx, id)
	check(err)
	if !strings.Contains(xml, "<name>other</name>") {
		t.Errorf("definition %s", xml)
	}
	states, err := c.States(ctx)
	check(err)
	if states[id].State != StateRunning || len(states) != 2 {
		t.Errorf("states %+v", states)
	}
	check(c.Destroy(ctx, id, false))
	r.wait(t, Lifecycle{VM: id, Change: Stopped, Detail: StoppedDestroyed})
	check(c.Undefine(ctx, id))
	if _, err := c.XML(ctx, id); !errors.Is(err, NoDomain) {
		t.Errorf("XML of an undefined domain: %v", err)
	}
}

func TestListAndFind(t *testing.T) {
	t.Parallel()
	c, _ := startTestDriver(t)
	list, err := c.List(t.Context())
	if err != nil || len(list) != 1 || list[0] != (Domain{testDomain, "test"}) {
		t.Errorf("List = %+v, %v", list, err)
	}
	for _, q := range []struct {
		id, name string
		want     []string
	}{
		{testDomain, "test", []string{testDomain}},
		{"11111111-2222-3333-4444-555555555555", "test", []string{testDomain}},
		{"11111111-2222-3333-4444-555555555555", "none", nil},
	} {
		got, err := c.Find(t.Context(), q.id, q.name)
		if err != nil || !slices.Equal(got, q.want) {
			t.Errorf("Find(%s, %s) = %v, %v", q.id, q.name, got, err)
		}
	}
}

func TestErrorsKeepLibvirtsWords(t *testing.T) {
	t.Parallel()
	c, _ := startTestDriver(t)
	err := c.Define(t.Context(), "<domain type='test'>")
	answer, ok := errors.AsType[*Error](err)
	if !ok || answer.Message == "" {
		t.Fatalf("Define of rubbish: %v", err)
	}
	if !strings.HasSuffix(err.Error(), answer.Message) {
		t.Errorf("%q does not end with %q", err, answer.Message)
	}
	if err := c.Resume(t.Context(), testDomain); !errors.Is(err, InternalError) {
		t.Errorf("Resume of a running domain: %v", err)
	}
}

func TestHostAndNetworks(t *testing.T) {
	t.Parallel()
	c, _ := startTestDriver(t)
	ctx := t.Context()
	if xml, err := c.Capabilities(ctx); err != nil || !strings.Contains(xml, "<capabilities>") {
		t.Errorf("Capabilities: %v", err)
	}
	if v, err := c.Versions(ctx); err != nil || v.Libvirt < 8_000_000 {
		t.Errorf("Versions = %+v, %v", v, err)
	}
	if n, err := c.NodeInfo(ctx); err != nil || n.CPUs == 0 {
		t.Errorf("NodeInfo = %+v, %v", n, err)
	}
	devices, err := c.NodeDevices(ctx)
	if err != nil || len(devices) == 0 || devices[0].XML == "" {
		t.Errorf("NodeDevices = %+v, %v", devices, err)
	}
	const network = "<network><name>vdsm-x</name><forward mode='bridge'/><bridge name='x'/></network>"
	if err := c.StartNetwork(ctx, "vdsm-x", network); err != nil {
		t.Fatal(err)
	}
	if err := c.StartNetwork(ctx, "vdsm-x", network); err != nil {
		t.Errorf("second StartNetwork: %v", err)
	}
	if names, err := c.Networks(ctx); err != nil || !slices.Contains(names, "vdsm-x") {
		t.Errorf("Networks = %v, %v", names, err)
	}
	for range 2 {
		if err := c.RemoveNetwork(ctx, "vdsm-x"); err != nil {
			t.Errorf("RemoveNetwork: %v", err)
		}
	}
	if _, err := c.NetworkXML(ctx, "vdsm-x"); !errors.Is(err, NoNetwork) {
		t.Errorf("NetworkXML of a removed network: %v", err)
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	c, _ := start(t, Options{URI: "qemu:///system?socket=" + t.TempDir() + "/none"})
	if _, err := c.List(t.Context()); !errors.Is(err, ErrUnavailable) {
		t.Errorf("List without libvirtd: %v", err)
	}
}

// A call that hangs costs its caller the deadline and itself a slot, until it
// comes back.
func TestHungCalls(t *testing.T) {
	t.Parallel()
	c, _ := start(t, Options{URI: "test:///default", MaxCalls: 2})
	if err := c.WaitConnected(t.Context()); err != nil {
		t.Fatal(err)
	}
	release := make(chan struct{})
	hang := func(*binding.Connect) (int, error) { <-release; return 0, nil }
	for range 2 {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		if _, err := call(ctx, c, "hang", hang); !errors.Is(err, ErrTimeout) {
			t.Errorf("hung call: %v", err)
		}
		cancel()
	}
	if n := c.Calls(); n != 2 {
		t.Errorf("%d calls are under way, want 2", n)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := c.List(ctx); !errors.Is(err, ErrBusy) {
		t.Errorf("call without a slot: %v", err)
	}
	close(release)
	if _, err := c.List(t.Context()); err != nil {
		t.Errorf("call after the hung ones came back: %v", err)
	}
}

// An object that is not freed is noticed when the client ends.
func TestForgottenFree(t *testing.T) {
	t.Parallel()
	c := New(loop, Options{URI: "test:///default", Handler: func(Event) {}})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- c.Run(ctx) }()
	if err := c.WaitConnected(t.Context()); err != nil {
		t.Fatal(err)
	}
	d, err := call(t.Context(), c, "keep", func(conn *binding.Connect) (*binding.Domain, error) {
		return conn.LookupDomainByUUIDString(testDomain)
	})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; !errors.Is(err, ErrNotFreed) {
		t.Errorf("Run = %v, want %v", err, ErrNotFreed)
	}
	free(d)
}

func TestQueueOverflow(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	q := newQueue(r.add)
	for range queueLimit + 1 {
		q.put(Connected{})
	}
	q.close()
	q.run()
	if len(r.events) != 2 || r.events[0] != (Lost{}) {
		t.Errorf("%d events, first %T", len(r.events), r.events[0])
	}
}
