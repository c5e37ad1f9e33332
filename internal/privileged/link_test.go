// SPDX-License-Identifier: GPL-2.0-or-later

package privileged

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// The tests declare operations of their own; the list of the product stays as
// it is, for declare is what adds to it.
type echoParams struct {
	Text  string        `json:"text"`
	Sleep time.Duration `json:"sleep"`
	In    *os.File      `json:"-"`
	Also  *os.File      `json:"-"`
}

type echoResult struct {
	Text string   `json:"text"`
	Flow string   `json:"flow"`
	Out  *os.File `json:"-"`
}

func echoOperation() Operation[echoParams, echoResult] {
	return Operation[echoParams, echoResult]{&Declaration{Name: "echo", Timeout: time.Minute}}
}

// served is a running server and how to end it.
type served struct {
	path string
	log  *bytes.Buffer // read it after stop
	stop func()
}

func logger(b *bytes.Buffer) *slog.Logger {
	return slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func self() uint32 { return uint32(os.Getuid()) }

// serve runs a server that allows the uids. bind may add handlers.
func serve(t *testing.T, uids []uint32, bind func(*Server)) *served {
	t.Helper()
	dir, err := os.MkdirTemp("", "priv") // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := &served{path: filepath.Join(dir, "s.sock"), log: new(bytes.Buffer)}
	serveAt(t, s, uids, bind)
	return s
}

func serveAt(t *testing.T, s *served, uids []uint32, bind func(*Server)) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: s.path})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(s.path, 0o666); err != nil {
		t.Fatal(err)
	}
	server := NewServer(ServerOptions{AllowUIDs: uids, Log: logger(s.log)})
	if bind != nil {
		bind(server)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, l) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Serve: %v", err)
			}
		case <-time.After(time.Minute):
			t.Error("the server does not stop")
		}
	})
	t.Cleanup(s.stop)
}

func client(t *testing.T, path string) *Client {
	t.Helper()
	c := NewClient(path)
	t.Cleanup(func() { c.Close() })
	return c
}

// descriptors counts the open files of the process.
func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// eventually waits until ok, for a minute at most.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
