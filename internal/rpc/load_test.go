// SPDX-License-Identifier: GPL-2.0-or-later

package rpc_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/rpc"
)

// TestOverload replays raw-overload: of 150 calls at once 88 run and 62 are
// refused at once, with the bytes of the recorded refusal.
func TestOverload(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	h := start(t, func(o *rpc.Options) {
		dispatch.Bind(o.Table, api.HostGetCapabilities, func(context.Context, *api.NoParams) (c api.VdsmCapabilities, err error) {
			<-release
			return c, nil
		})
	})
	p := newPeer(h.dial(t))
	p.send(t, subscribe("s1", "replies"))
	var calls strings.Builder
	for i := range 150 {
		calls.WriteString(request("replies", fmt.Sprintf(
			`{"jsonrpc": "2.0", "method": "Host.getCapabilities", "id": "n%03d", "params": {}}`, i)))
	}
	p.send(t, calls.String())
	for i := range 62 {
		f, err := p.read()
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf(`{"jsonrpc": "2.0", "id": "n%03d", "error": {"code": 1100, "message": "Not enough resources: `+
			`{'resource': 'jsonrpc', 'current_tasks': 80, 'reason': 'Too many tasks'}"}}`, 88+i)
		if f.body != want {
			t.Fatalf("got %s\nwant %s", f.body, want)
		}
	}
	close(release)
	for range 88 {
		f, err := p.read()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(f.body, `"result": {`) {
			t.Errorf("got %.200s", f.body)
		}
	}
	p.expectNothingMore(t, h)
}

// With every worker stuck and the queue full, pings are answered and
// heart-beats keep their pace.
func TestPingWhileEveryWorkerIsStuck(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	h := start(t, func(o *rpc.Options) {
		dispatch.Bind(o.Table, api.VMCreate, func(context.Context, *api.VMCreateParams) (c api.VmCreated, err error) {
			<-release
			return c, nil
		})
	})
	defer close(release)
	stuck := newPeer(h.dial(t))
	stuck.send(t, "CONNECT\naccept-version:1.2\nheart-beat:0,1000\n\n\x00"+subscribe("s", "stuck"))
	if _, err := stuck.read(); err != nil {
		t.Fatal(err)
	}
	for range 88 {
		stuck.send(t, request("stuck", `{"jsonrpc":"2.0","method":"VM.create","id":1,"params":{"vmID":"x","vmParams":{}}}`))
	}
	eventually(t, "all workers are stuck", func() bool { s := h.Work(); return s.Running == 8 && s.Waiting == 80 })

	other := newPeer(h.dial(t))
	other.send(t, subscribe("s", "mine"))
	for _, p := range []*peer{other, stuck} {
		if p == stuck {
			p.send(t, subscribe("m", "mine2"))
		}
		for i := range 100 {
			to := "mine"
			if p == stuck {
				to = "mine2"
			}
			p.send(t, request(to, fmt.Sprintf(`{"jsonrpc":"2.0","method":"Host.ping","id":%d}`, i)))
			f, err := p.read()
			if want := fmt.Sprintf(`{"jsonrpc": "2.0", "id": %d, "result": true}`, i); err != nil || f.body != want {
				t.Fatalf("ping %d: %q, %v", i, f.body, err)
			}
		}
	}
	for range 2 {
		if b, err := stuck.in.ReadByte(); b != '\n' {
			t.Fatalf("heart-beat: %q, %v", b, err)
		}
	}
}

// A client whose heart-beats are missing is closed, one that sends them is not.
func TestClientHeartBeats(t *testing.T) {
	t.Parallel()
	h := start(t, nil)
	silent, alive := newPeer(h.dial(t)), newPeer(h.dial(t))
	for p, beat := range map[*peer]string{silent: "1000", alive: "20000"} {
		p.send(t, "CONNECT\naccept-version:1.2\nheart-beat:"+beat+",0\n\n\x00")
		if _, err := p.read(); err != nil {
			t.Fatal(err)
		}
	}
	end := make(chan error, 1)
	go func() {
		_, err := silent.in.ReadByte()
		end <- err
	}()
	beat := time.NewTicker(200 * time.Millisecond)
	defer beat.Stop()
	for {
		select {
		case <-beat.C:
			alive.send(t, "\n")
			continue
		case err := <-end:
			if !errors.Is(err, io.EOF) {
				t.Fatalf("silent client: %v", err)
			}
		}
		break
	}
	alive.expectNothingMore(t, h)
}

// A client that does not read is cut off once its queue is full; others hear
// every event meanwhile.
func TestClientThatNeverReads(t *testing.T) {
	t.Parallel()
	server, client := identity(t)
	for name, secured := range map[string]bool{"plain": false, "TLS": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dial := (*host).dial
			if secured {
				dial = func(h *host, t testing.TB) net.Conn { return tls.Client(h.dial(t), client) }
			}
			h := start(t, func(o *rpc.Options) {
				o.Bounds.Frames = 100
				o.Bounds.Bytes = 8 << 20
				if secured {
					secure(server)(o)
				}
			})
			neverReads(t, h, newPeer(dial(h, t)), newPeer(dial(h, t)), newPeer(dial(h, t)))
		})
	}
}

func neverReads(t *testing.T, h *host, deaf, good, sender *peer) {
	t.Helper()
	deaf.send(t, subscribe("e", "jms.queue.events"))
	good.send(t, subscribe("e", "jms.queue.events"))
	eventually(t, "both listen", func() bool { return h.Sessions().Subscriptions == 2 })
	body := strings.Repeat("x", 1<<20)
	for i := range 60 {
		sender.send(t, fmt.Sprintf("SEND\ndestination:jms.queue.events\nn:%d\ncontent-length:%d\n\n%s\x00", i, len(body), body))
		f, err := good.read()
		if err != nil || f.header("n") != fmt.Sprint(i) {
			t.Fatalf("event %d: %v, %v", i, f.headers, err)
		}
	}
	eventually(t, "the deaf client is cut off", func() bool { return h.Sessions().Sessions == 2 })
	if n := h.Sessions().SlowReaders; n != 1 {
		t.Errorf("%d slow readers counted", n)
	}
	// What it finds in the end is the end, in the middle of something.
	if _, err := io.Copy(io.Discard, deaf.in); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("deaf client: %v", err)
	}
}

// A call that exceeds its limit gives its worker to those that wait.
func TestStuckCallsAreSetAside(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	h := start(t, func(o *rpc.Options) {
		o.Workers, o.Waiting, o.CallLimit = 1, 10, 100*time.Millisecond
		dispatch.Bind(o.Table, api.VMPause, func(context.Context, *api.VMPauseParams) (r api.VMListResult, err error) {
			<-release
			return r, nil
		})
	})
	p := newPeer(h.dial(t))
	p.send(t, subscribe("r", "r")+
		request("r", `{"jsonrpc":"2.0","method":"VM.pause","id":"stuck","params":{"vmID":"x"}}`)+
		request("r", `{"jsonrpc":"2.0","method":"Host.echo","id":"next","params":{"message":"hi"}}`))
	if f, err := p.read(); err != nil || f.body != `{"jsonrpc": "2.0", "id": "next", "result": "hi"}` {
		t.Fatalf("%s, %v", f.body, err)
	}
	close(release)
	if f, err := p.read(); err != nil || f.body != `{"jsonrpc": "2.0", "id": "stuck", "result": {"vmList":{}}}` {
		t.Fatalf("%s, %v", f.body, err)
	}
}
