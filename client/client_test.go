// SPDX-License-Identifier: GPL-2.0-or-later

package client_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"govdsm/api"
	"govdsm/client"
	"govdsm/internal/dispatch"
	"govdsm/internal/event"
	"govdsm/internal/rpc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is far more than anything here takes.
const patience = 60 * time.Second

// server is a host's wire with a few verbs.
type server struct {
	address string
	bus     *event.Bus
	block   chan struct{} // holds Host.setMOMPolicy until closed
	calling chan string   // gets the flow id of each such call
	stop    func()
}

func startServer(t *testing.T, address string) *server {
	t.Helper()
	s := &server{bus: event.NewBus(), block: make(chan struct{}), calling: make(chan string, 16)}
	table := dispatch.NewTable(dispatch.Checker{})
	dispatch.Bind(table, api.HostPing, func(context.Context, *api.NoParams) (api.Nothing, error) {
		return api.Nothing{}, nil
	}, dispatch.Inline())
	dispatch.Bind(table, api.HostEcho, func(_ context.Context, p *api.HostEchoParams) (string, error) {
		return p.Message, nil
	})
	dispatch.Bind(table, api.VMDestroy, func(_ context.Context, p *api.VMDestroyParams) (api.Nothing, error) {
		return api.Nothing{}, api.ErrNoSuchVM.With("vmId", string(p.VMID))
	})
	dispatch.Bind(table, api.HostSetMOMPolicy, func(ctx context.Context, _ *api.HostSetMOMPolicyParams) (api.Nothing, error) {
		s.calling <- dispatch.OriginOf(ctx).FlowID
		<-s.block
		return api.Nothing{}, nil
	})
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	number, err := net.LookupPort("tcp", port)
	if err != nil {
		t.Fatal(err)
	}
	options := rpc.Options{
		Address: host, Port: number, Table: table, Events: s.bus, Log: slog.New(slog.DiscardHandler),
	}
	wire, err := rpc.Listen(t.Context(), options)
	// A port that is used again may serve as somebody's source port for a moment.
	for deadline := time.Now().Add(patience); errors.Is(err, syscall.EADDRINUSE) && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
		wire, err = rpc.Listen(t.Context(), options)
	}
	if err != nil {
		t.Fatal(err)
	}
	wire.SetReady(true)
	s.address = wire.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := wire.Run(ctx); err != nil {
			t.Errorf("server: %v", err)
		}
	})
	s.stop = func() { cancel(); running.Wait() }
	t.Cleanup(func() {
		select {
		case <-s.block:
		default:
			close(s.block)
		}
		s.stop()
	})
	return s
}

func dial(t *testing.T, o client.Options) *client.Host {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	h, err := client.Dial(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

func TestCalls(t *testing.T) {
	s := startServer(t, "127.0.0.1:0")
	h := dial(t, client.Options{Address: s.address})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()

	if _, err := api.HostPing.Call(ctx, h, api.NoParams{}); err != nil {
		t.Errorf("ping: %v", err)
	}
	text := "grüße, \"quotes\" and a \x00"
	if got, err := api.HostEcho.Call(ctx, h, api.HostEchoParams{Message: text}); err != nil || got != text {
		t.Errorf("echo: %q, %v", got, err)
	}
	_, err := api.VMDestroy.Call(ctx, h, api.VMDestroyParams{VMID: "x"})
	var refused *api.Error
	if !errors.Is(err, api.ErrNoSuchVM) || !errors.As(err, &refused) || refused.Number != 1 {
		t.Errorf("unknown VM: %v", err)
	}
	if want := "Virtual machine does not exist: {'vmId': 'x'}"; err.Error() != want {
		t.Errorf("text %q, want %q", err, want)
	}
	if _, err := h.Request(ctx, "Host.nope", struct{}{}); !errors.Is(err, api.ErrJsonRpcMethodNotFound) {
		t.Errorf("unknown verb: %v", err)
	}
	for _, none := range []any{nil, map[string]any(nil)} {
		if _, err := h.Request(ctx, "Host.ping", none); err != nil {
			t.Errorf("no parameters as %T: %v", none, err)
		}
	}
}

// Answers must reach the calls they belong to, whatever their order.
func TestManyCallsAtOnce(t *testing.T) {
	s := startServer(t, "127.0.0.1:0")
	h := dial(t, client.Options{Address: s.address})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var all sync.WaitGroup
	for i := range 50 {
		text := strings.Repeat("x", i+1)
		all.Go(func() {
			if got, err := api.HostEcho.Call(ctx, h, api.HostEchoParams{Message: text}); err != nil || got != text {
				t.Errorf("echo of %d: %d, %v", len(text), len(got), err)
			}
		})
	}
	all.Wait()
}

func TestFlowID(t *testing.T) {
	s := startServer(t, "127.0.0.1:0")
	h := dial(t, client.Options{Address: s.address})
	close(s.block)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := api.HostSetMOMPolicy.Call(client.WithFlow(ctx, "flow:1"), h, api.HostSetMOMPolicyParams{}); err != nil {
		t.Fatal(err)
	}
	if got := <-s.calling; got != "flow:1" {
		t.Errorf("flow id %q", got)
	}
}

func TestContextEndsACall(t *testing.T) {
	s := startServer(t, "127.0.0.1:0")
	h := dial(t, client.Options{Address: s.address})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-s.calling; cancel() }()
	_, err := api.HostSetMOMPolicy.Call(ctx, h, api.HostSetMOMPolicyParams{})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	if _, err := api.HostPing.Call(t.Context(), h, api.NoParams{}); err != nil {
		t.Errorf("the next call: %v", err)
	}
}

func TestCloseEndsEverything(t *testing.T) {
	s := startServer(t, "127.0.0.1:0")
	h := dial(t, client.Options{Address: s.address, Reconnect: true})
	sub, err := h.Subscribe(t.Context(), client.EventQueue)
	if err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	go func() {
		_, err := api.HostSetMOMPolicy.Call(context.Background(), h, api.HostSetMOMPolicyParams{})
		result <- err
	}()
	<-s.calling
	h.Close()
	if err := <-result; !errors.Is(err, client.ErrLost) {
		t.Errorf("call under way: %v", err)
	}
	if _, open := <-sub.C; open {
		t.Error("subscription is open")
	}
	if _, err := api.HostPing.Call(t.Context(), h, api.NoParams{}); !errors.Is(err, client.ErrClosed) {
		t.Errorf("call after Close: %v", err)
	}
	if _, err := h.Subscribe(t.Context(), client.EventQueue); !errors.Is(err, client.ErrClosed) {
		t.Errorf("subscription after Close: %v", err)
	}
}

// publishUntilHeard repeats an event until the subscriber has one: there is no
// answer to SUBSCRIBE that would tell when it counts.
func publishUntilHeard(t *testing.T, s *server, sub *client.Subscription) client.Event {
	t.Helper()
	deadline := time.After(patience)
	for {
		if err := event.Publish(s.bus, api.VMStatusEvent, "id", map[api.UUID]api.StatusDetails{"id": {"status": "Up"}}); err != nil {
			t.Fatal(err)
		}
		select {
		case e := <-sub.C:
			return e
		case <-time.After(20 * time.Millisecond):
		case <-deadline:
			t.Fatal("no event comes")
		}
	}
}

func TestEvents(t *testing.T) {
	s := startServer(t, "127.0.0.1:0")
	h := dial(t, client.Options{Address: s.address})
	sub, err := h.Subscribe(t.Context(), client.EventQueue)
	if err != nil {
		t.Fatal(err)
	}
	e := publishUntilHeard(t, s, sub)
	if e.ID != "|virt|VM_status|id" {
		t.Errorf("id %q", e.ID)
	}
	status, ok, err := client.As(e, api.VMStatusEvent)
	if err != nil || !ok || len(status) != 1 || status["id"]["status"] != "Up" {
		t.Errorf("decoded %v, %v, %v", status, ok, err)
	}
	if _, ok, _ := client.As(e, api.HostConnectionEvent); ok {
		t.Error("the event is of another kind too")
	}
	sub.Close()
	for range sub.C { // ends, since Close closes it
	}
}

// A Host that reconnects outlives its server, with its subscriptions.
func TestReconnect(t *testing.T) {
	s := startServer(t, "127.0.0.1:0")
	h := dial(t, client.Options{Address: s.address, Reconnect: true})
	sub, err := h.Subscribe(t.Context(), client.EventQueue)
	if err != nil {
		t.Fatal(err)
	}
	publishUntilHeard(t, s, sub)
	s.stop()
	s = startServer(t, s.address)

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		_, err := api.HostPing.Call(ctx, h, api.NoParams{})
		if err == nil {
			break
		}
		if !errors.Is(err, client.ErrLost) {
			t.Fatalf("call after the restart: %v", err)
		}
	}
	lost := false
	for !lost {
		e := publishUntilHeard(t, s, sub)
		lost = e.Missed < 0
	}
}

func TestDialFails(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	l.Close()
	if _, err := client.Dial(t.Context(), client.Options{Address: closed}); err == nil {
		t.Error("nobody listens, and no error")
	}

	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := client.Dial(ctx, client.Options{Address: mute.Addr().String()}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a mute server: %v", err)
	}
}
