// SPDX-License-Identifier: GPL-2.0-or-later

package rpc_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/event"
	"govdsm/internal/rpc"
	"govdsm/internal/rpc/httpserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must come.
const patience = 60 * time.Second

// host is a server under test.
type host struct {
	*rpc.Server
	events *event.Bus
	table  *dispatch.Table
}

// start runs a server until the end of the test. The verbs that answer for
// themselves are bound; change may bind more and set options.
func start(t testing.TB, change func(*rpc.Options)) *host {
	t.Helper()
	h := &host{events: event.NewBus(), table: dispatch.NewTable(dispatch.Checker{})}
	dispatch.Bind(h.table, api.HostPing, nothing, dispatch.Inline())
	dispatch.Bind(h.table, api.HostPing2, nothing, dispatch.Inline())
	dispatch.Bind(h.table, api.HostEcho, func(_ context.Context, p *api.HostEchoParams) (string, error) {
		return p.Message, nil
	})
	o := rpc.Options{
		Address: "127.0.0.1", Table: h.table, Events: h.events,
		HTTP: &httpserver.Options{
			Registry: httpserver.NewRegistry(),
			Images:   noImages{},
		},
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if change != nil {
		change(&o)
	}
	s, err := rpc.Listen(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	h.Server = s
	s.SetReady(true)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("server ended with %v", err)
		}
	})
	return h
}

func nothing(context.Context, *api.NoParams) (api.Nothing, error) { return api.Nothing{}, nil }

// noImages is a host without storage domains.
type noImages struct{}

func (noImages) Receive(_ context.Context, i httpserver.Image, _ int64, _ io.Reader) (string, error) {
	return "", api.ErrStorageDomainDoesNotExist.Of(i.Domain)
}

func (noImages) Send(_ context.Context, i httpserver.Image, _ int64, _ func(string) io.Writer) error {
	return api.ErrStorageDomainDoesNotExist.Of(i.Domain)
}

// dial opens a plain connection that ends with the test.
func (h *host) dial(t testing.TB) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", h.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// eventually waits until a condition holds that others bring about.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}
