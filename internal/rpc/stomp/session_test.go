// SPDX-License-Identifier: GPL-2.0-or-later

package stomp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pair returns a client's end whose other end a server serves, both without a
// network, so that time can be simulated. done ends the server.
func pair(t *testing.T, o Options) (conn net.Conn, s *Server, done func()) {
	t.Helper()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s = NewServer(o)
	near, far := net.Pipe()
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { s.Serve(ctx, far) })
	return near, s, func() {
		cancel()
		_ = near.Close()
		serving.Wait()
		if st := s.Stats(); st.Sessions != 0 || st.Subscriptions != 0 {
			t.Errorf("left behind: %+v", st)
		}
	}
}

func write(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

// The server beats at the pace the client asks for, counted from the last
// frame, and not before it was asked.
func TestServerHeartBeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		conn, s, done := pair(t, Options{})
		defer done()
		write(t, conn, "SUBSCRIBE\nid:s\ndestination:q\n\n\x00")
		time.Sleep(10 * time.Second)
		write(t, conn, "CONNECT\naccept-version:1.2\nheart-beat:0,3000\n\n\x00")
		start := time.Now()
		type arrival struct {
			after time.Duration
			text  string
		}
		var got []arrival
		next := func() {
			buf := make([]byte, 1000)
			n, err := conn.Read(buf)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, arrival{time.Since(start), string(buf[:n])})
		}
		next()
		next()
		time.Sleep(time.Second)
		s.Publish("q", nil)
		next()
		next()
		want := []arrival{
			{0, "CONNECTED\nversion:1.2\nheart-beat:3000,0\n\n\x00"},
			{3 * time.Second, "\n"},
			{4 * time.Second, "MESSAGE\ndestination:q\ncontent-type:application/json\nsubscription:s\n\n\x00"},
			{7 * time.Second, "\n"},
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%d: got %v, want %v", i, got[i], want[i])
			}
		}
	})
}

// Silence counts after the agreed interval and a fifth more, give or take the
// steps in which the deadline moves.
func TestSilentClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		conn, _, done := pair(t, Options{})
		defer done()
		write(t, conn, "CONNECT\naccept-version:1.2\nheart-beat:5000,0\n\n\x00")
		if _, err := conn.Read(make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		for range 10 { // any byte counts
			time.Sleep(4900 * time.Millisecond)
			write(t, conn, "\n")
		}
		start := time.Now()
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("read: %v", err)
		}
		if d := time.Since(start); d < 5*time.Second || d > 6*time.Second {
			t.Errorf("closed after %v", d)
		}
	})
}

// The client's end does both as well.
func TestClientHeartBeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		conn, _, done := pair(t, Options{})
		defer done()
		c, err := NewClient(t.Context(), conn, ClientOptions{Sends: 2 * time.Second, Wants: 3 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		var reading sync.WaitGroup
		reading.Go(func() {
			for {
				if _, err := c.Read(); err != nil {
					return
				}
			}
		})
		time.Sleep(10 * time.Minute)
		if err := c.Send("nobody", []byte("x")); err != nil {
			t.Errorf("after ten minutes: %v", err)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		reading.Wait()
	})
}

// A client notices a server that has stopped.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		go func() {
			_, _ = far.Read(make([]byte, 1000))
			_, _ = io.WriteString(far, "CONNECTED\nversion:1.2\nheart-beat:3000,0\n\n\x00")
		}()
		c, err := NewClient(t.Context(), near, ClientOptions{Wants: 3 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		_ = far.Close()
		_ = c.Close()
	})
}

func TestClientRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		go func() {
			_, _ = far.Read(make([]byte, 1000))
			_, _ = io.WriteString(far, "ERROR\n\nVersion unsupported\x00")
		}()
		if _, err := NewClient(t.Context(), near, ClientOptions{}); err == nil || !strings.Contains(err.Error(), "Version unsupported") {
			t.Errorf("got %v", err)
		}
		near, far = net.Pipe() // and one that never answers
		defer far.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		go func() { _, _ = io.Copy(io.Discard, far) }()
		if _, err := NewClient(ctx, near, ClientOptions{}); err == nil {
			t.Error("connected to nobody")
		}
	})
}

// A queue has room for so many frames or bytes and one frame of any size;
// beyond that the connection is cut, and put never waits.
func TestOutboxIsBounded(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		frames, bytes, size, fit int
	}{
		"frames":    {3, 1000, 1, 3},
		"bytes":     {100, 1000, 300, 3},
		"one large": {100, 10, 1000, 1},
	} {
		near, far := net.Pipe()
		o := newOutbox(near, tc.frames, tc.bytes)
		fit := 0
		for ; o.put(bytes.Repeat([]byte("x"), tc.size)) == nil; fit++ {
			if fit > 1000 {
				t.Fatal("no bound")
			}
		}
		if fit != tc.fit || !errors.Is(o.reason(), ErrSlowReader) {
			t.Errorf("%s: %d frames fit, %v", name, fit, o.reason())
		}
		if err := o.put(nil); !errors.Is(err, ErrClosed) {
			t.Errorf("%s: after the cut %v", name, err)
		}
		o.run() // has nothing to wait for
		_ = far.Close()
	}
}

// What is queued when the daemon ends still reaches the client.
func TestLastFramesGoOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := Options{Log: slog.New(slog.DiscardHandler)}
		s := NewServer(o)
		near, far := net.Pipe()
		ctx, cancel := context.WithCancel(t.Context())
		var serving sync.WaitGroup
		serving.Go(func() { s.Serve(ctx, far) })
		write(t, near, "SUBSCRIBE\nid:s\ndestination:q\n\n\x00")
		synctest.Wait()
		for range 10 {
			s.Publish("q", []byte("{}"))
		}
		cancel()
		got, _ := io.ReadAll(near)
		serving.Wait()
		if n := bytes.Count(got, []byte("MESSAGE")); n != 10 {
			t.Errorf("%d of 10 messages arrived", n)
		}
	})
}

func TestTooManySubscriptions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		conn, s, done := pair(t, Options{})
		defer done()
		for range maxSubscriptions {
			write(t, conn, "SUBSCRIBE\nid:"+time.Now().String()+"\ndestination:q\n\n\x00")
			time.Sleep(time.Nanosecond)
		}
		write(t, conn, "SUBSCRIBE\nid:more\ndestination:q\n\n\x00")
		buf := make([]byte, 1000)
		n, err := conn.Read(buf)
		if err != nil || !strings.Contains(string(buf[:n]), "Too many subscriptions") {
			t.Errorf("%q, %v", buf[:n], err)
		}
		if n := s.Stats().Subscriptions; n != maxSubscriptions {
			t.Errorf("%d subscriptions", n)
		}
	})
}
