// SPDX-License-Identifier: GPL-2.0-or-later

package privileged

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/dispatch"
)

func echo(ctx context.Context, p *echoParams) (echoResult, error) {
	select {
	case <-time.After(p.Sleep):
	case <-ctx.Done():
		return echoResult{}, ctx.Err()
	}
	return echoResult{Text: p.Text, Flow: dispatch.OriginOf(ctx).FlowID, Out: p.In}, nil
}

func bindEcho(s *Server) { Handle(s, echoOperation(), echo) }

func TestCallCarriesParametersResultAndFlow(t *testing.T) {
	s := serve(t, []uint32{self()}, bindEcho)
	c := client(t, s.path)
	ctx := dispatch.WithOrigin(t.Context(), dispatch.Origin{
		Verb: "Host.x", FlowID: "flow-7", Peer: netip.MustParseAddrPort("[::1]:99"),
	})
	got, err := Call(ctx, c, echoOperation(), &echoParams{Text: "hällo\x00"})
	if err != nil || got.Text != "hällo\x00" || got.Flow != "flow-7" {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := Call(t.Context(), c, Ping, nil); err != nil {
		t.Error(err)
	}
	s.stop()
	if line := s.log.String(); !strings.Contains(line, "op=echo") || !strings.Contains(line, "operation done") {
		t.Errorf("log: %s", line)
	}
}

func TestCallsRunAtTheSameTime(t *testing.T) {
	var gate sync.WaitGroup // opens when all calls are in the handler
	const calls = 20
	gate.Add(calls)
	s := serve(t, []uint32{self()}, func(s *Server) {
		Handle(s, echoOperation(), func(_ context.Context, p *echoParams) (echoResult, error) {
			gate.Done()
			gate.Wait()
			return echoResult{Text: p.Text}, nil
		})
	})
	c := client(t, s.path)
	var all sync.WaitGroup
	for i := range calls {
		all.Go(func() {
			want := fmt.Sprint(i)
			got, err := Call(t.Context(), c, echoOperation(), &echoParams{Text: want})
			if err != nil || got.Text != want {
				t.Errorf("call %d: %+v, %v", i, got, err)
			}
		})
	}
	all.Wait()
}

func TestFilesTravelBothWays(t *testing.T) {
	before := descriptors(t)
	s := serve(t, []uint32{self()}, func(s *Server) {
		Handle(s, echoOperation(), func(_ context.Context, p *echoParams) (echoResult, error) {
			if p.In != nil {
				return echoResult{}, errors.New("the file came in the wrong field")
			}
			// Hand back the other end: what is written there comes out here.
			r, w, err := os.Pipe()
			if err != nil {
				return echoResult{}, err
			}
			go func() {
				_, _ = io.Copy(w, p.Also)
				w.Close()
				p.Also.Close()
			}()
			return echoResult{Out: r}, nil
		})
	})
	c := client(t, s.path)
	for range 10 {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		got, err := Call(t.Context(), c, echoOperation(), &echoParams{Also: r})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, "through root and back")
		w.Close()
		r.Close()
		text, err := io.ReadAll(got.Out)
		got.Out.Close()
		if err != nil || string(text) != "through root and back" {
			t.Fatalf("read %q, %v", text, err)
		}
	}
	c.Close()
	s.stop()
	eventually(t, "all files are closed", func() bool { return descriptors(t) <= before })
}

func TestErrorsKeepTheirIdentity(t *testing.T) {
	for _, test := range []struct {
		returned error
		is       error
		text     string
	}{
		{api.ErrKSMUpdateFailed, api.ErrKSMUpdateFailed, "Failed to update KSM values"},
		{fmt.Errorf("wrapped: %w", api.ErrNoSuchVM.With("vmId", "x").Caused(errors.New("hidden"))),
			api.ErrNoSuchVM, "Virtual machine does not exist: {'vmId': 'x'}"},
		{&fs.PathError{Op: "open", Path: "/x", Err: fs.ErrNotExist}, nil, "echo: open /x: file does not exist"},
		{func() error { _, err := os.Open("/does/not/exist"); return err }(), fs.ErrNotExist, ""},
		{errors.New("plain"), nil, "echo: plain"},
		{context.DeadlineExceeded, context.DeadlineExceeded, ""},
	} {
		s := serve(t, []uint32{self()}, func(s *Server) {
			Handle(s, echoOperation(), func(context.Context, *echoParams) (echoResult, error) {
				return echoResult{}, test.returned
			})
		})
		_, err := Call(t.Context(), client(t, s.path), echoOperation(), nil)
		if err == nil || test.is != nil && !errors.Is(err, test.is) || test.text != "" && err.Error() != test.text {
			t.Errorf("%v became %v", test.returned, err)
		}
		s.stop()
		if !strings.Contains(s.log.String(), "operation failed") {
			t.Errorf("%v is not logged: %s", test.returned, s.log)
		}
	}
}

func TestUnlistedOperationIsRefused(t *testing.T) {
	s := serve(t, []uint32{self()}, nil)
	c := client(t, s.path)
	for _, name := range []string{"echo", "run_command", "", "ksm_tune\x00", strings.Repeat("x", 1<<20)} {
		op := Operation[None, None]{&Declaration{Name: name, Timeout: time.Minute}}
		if _, err := Call(t.Context(), c, op, nil); !errors.Is(err, ErrUnknownOperation) {
			t.Errorf("%.20q: %v", name, err)
		}
	}
	if _, err := Call(t.Context(), c, Ping, nil); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	s.stop()
	if !strings.Contains(s.log.String(), "operation refused") {
		t.Errorf("log: %s", s.log)
	}
}

func TestDeadlineAndCancelReachTheHandler(t *testing.T) {
	ended := make(chan error, 2)
	s := serve(t, []uint32{self()}, func(s *Server) {
		Handle(s, echoOperation(), func(ctx context.Context, _ *echoParams) (echoResult, error) {
			<-ctx.Done()
			ended <- ctx.Err()
			return echoResult{}, ctx.Err()
		})
	})
	c := client(t, s.path)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Call(ctx, c, echoOperation(), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("deadline: %v", err)
	}
	<-ended
	why := errors.New("the VM is gone")
	cctx, ccancel := context.WithCancelCause(t.Context())
	time.AfterFunc(50*time.Millisecond, func() { ccancel(why) })
	if _, err := Call(cctx, c, echoOperation(), nil); !errors.Is(err, why) {
		t.Errorf("cancel: %v", err)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the handler saw %v", err)
	}
	if _, err := Call(t.Context(), c, Ping, nil); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestDeadServerFailsAtOnceAndANewOneIsFound(t *testing.T) {
	s := serve(t, []uint32{self()}, bindEcho)
	c := client(t, s.path)
	for range 3 {
		if _, err := Call(t.Context(), c, Ping, nil); err != nil {
			t.Fatal(err)
		}
		s.stop()
		if _, err := Call(t.Context(), c, Ping, nil); !errors.Is(err, ErrUnavailable) {
			t.Errorf("dead server: %v", err)
		}
		serveAt(t, s, []uint32{self()}, bindEcho)
	}
	c.Close()
	if _, err := Call(t.Context(), c, Ping, nil); !errors.Is(err, ErrUnavailable) {
		t.Errorf("closed client: %v", err)
	}
}

func TestServerThatStopsDuringACall(t *testing.T) {
	entered := make(chan struct{})
	s := serve(t, []uint32{self()}, func(s *Server) {
		Handle(s, echoOperation(), func(ctx context.Context, _ *echoParams) (echoResult, error) {
			close(entered)
			<-ctx.Done()
			return echoResult{}, ctx.Err()
		})
	})
	c := client(t, s.path)
	failed := make(chan error, 1)
	go func() {
		_, err := Call(t.Context(), c, echoOperation(), nil)
		failed <- err
	}()
	<-entered
	s.stop()
	if err := <-failed; !errors.Is(err, ErrLost) && !errors.Is(err, context.Canceled) {
		t.Errorf("the call ended with %v", err)
	}
}

func TestAPanicIsAnAnswer(t *testing.T) {
	s := serve(t, []uint32{self()}, func(s *Server) {
		Handle(s, echoOperation(), func(context.Context, *echoParams) (echoResult, error) { panic("oh") })
	})
	c := client(t, s.path)
	if _, err := Call(t.Context(), c, echoOperation(), nil); err == nil || !strings.Contains(err.Error(), "oh") {
		t.Errorf("got %v", err)
	}
	if _, err := Call(t.Context(), c, Ping, nil); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestTooLongIsRefusedOnBothSides(t *testing.T) {
	long := strings.Repeat("x", longest)
	s := serve(t, []uint32{self()}, func(s *Server) {
		Handle(s, echoOperation(), func(context.Context, *echoParams) (echoResult, error) {
			return echoResult{Text: long}, nil
		})
	})
	c := client(t, s.path)
	for _, p := range []echoParams{{Text: long}, {}} {
		if _, err := Call(t.Context(), c, echoOperation(), &p); err == nil || !strings.Contains(err.Error(), "longer") {
			t.Errorf("got %v", err)
		}
	}
	if _, err := Call(t.Context(), c, Ping, nil); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestTooManyCalls(t *testing.T) {
	release := make(chan struct{})
	s := serve(t, []uint32{self()}, func(s *Server) {
		Handle(s, echoOperation(), func(context.Context, *echoParams) (echoResult, error) {
			<-release
			return echoResult{}, nil
		})
	})
	c := client(t, s.path)
	var all sync.WaitGroup
	results := make(chan error, 2*mostCalls)
	for range cap(results) {
		all.Go(func() {
			_, err := Call(t.Context(), c, echoOperation(), nil)
			results <- err
		})
	}
	for range mostCalls {
		if err := <-results; !errors.Is(err, ErrBusy) {
			t.Fatalf("got %v", err)
		}
	}
	close(release)
	all.Wait()
	for range mostCalls {
		if err := <-results; err != nil {
			t.Fatal(err)
		}
	}
}
