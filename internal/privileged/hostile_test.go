// SPDX-License-Identifier: GPL-2.0-or-later

package privileged

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// childSocket makes the test binary a client that pings and says how it went.
const childSocket = "PRIVILEGED_TEST_SOCKET"

func TestMain(m *testing.M) {
	if path := os.Getenv(childSocket); path != "" {
		_, err := Call(context.Background(), NewClient(path), Ping, nil)
		fmt.Printf("uid %d: allowed=%t refused=%t %v\n", os.Getuid(), err == nil, errors.Is(err, ErrNotAllowed), err)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestAnotherUIDIsRefused(t *testing.T) {
	s := serve(t, []uint32{self() + 1}, nil)
	c := client(t, s.path)
	for range 20 { // whoever wins the race between request and refusal
		if _, err := Call(t.Context(), c, Ping, nil); !errors.Is(err, ErrNotAllowed) {
			t.Fatalf("got %v", err)
		}
	}
	s.stop()
	if !strings.Contains(s.log.String(), "connection refused") {
		t.Errorf("log: %s", s.log)
	}
}

// TestProcessOfAnotherUser has the kernel say who asks.
func TestProcessOfAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can become another user; TestAnotherUIDIsRefused covers the refusal")
	}
	const nobody = 65534
	s := serve(t, []uint32{nobody}, nil)
	// The test's binary lies where only its owner may go.
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(filepath.Dir(s.path), "child")
	if err := os.WriteFile(program, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	for uid, want := range map[uint32]string{
		nobody:     "uid 65534: allowed=true",
		nobody - 1: "uid 65533: allowed=false refused=true",
		0:          "uid 0: allowed=false refused=true",
	} {
		cmd := exec.CommandContext(t.Context(), program)
		cmd.Env = []string{childSocket + "=" + s.path}
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.HasPrefix(string(out), want) {
			t.Errorf("%q, %v; want %q", out, err, want)
		}
	}
}

func TestRubbishEndsTheConnectionOnly(t *testing.T) {
	s := serve(t, []uint32{self()}, bindEcho)
	frame := func(body string) []byte {
		return append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)
	}
	for name, bytes := range map[string][]byte{
		"huge length":    {0xff, 0xff, 0xff, 0xff},
		"no JSON":        frame("rubbish"),
		"empty":          frame(""),
		"half a header":  {0, 0},
		"half a body":    frame(`{"id":1,"op":"ping"}`)[:10],
		"wrong types":    frame(`{"id":"one","op":7}`),
		"deep":           frame(strings.Repeat("[", 100_000)),
		"wrong params":   frame(`{"id":1,"op":"echo","params":[1,2]}`),
		"missing files":  frame(`{"id":1,"op":"echo","params":{},"files":[2,3]}`),
		"negative field": frame(`{"id":1,"op":"echo","params":{},"files":[-1]}`),
		"huge deadline":  frame(`{"id":1,"op":"ping","millis":9223372036854775807}`),
		"bad peer":       frame(`{"id":1,"op":"ping","peer":"rubbish","flow_id":"\n"}`),
		"no call":        frame(`{"id":9,"cancel":true}`),
	} {
		conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: s.path})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write(bytes); err != nil && !errors.Is(err, syscall.EPIPE) {
			t.Errorf("%s: %v", name, err)
		}
		if err := conn.CloseWrite(); err != nil && !errors.Is(err, syscall.ENOTCONN) {
			t.Errorf("%s: %v", name, err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: the connection stays open", name)
		}
		conn.Close()
		if _, err := Call(t.Context(), client(t, s.path), echoOperation(), &echoParams{Text: "x"}); err != nil {
			t.Errorf("after %s: %v", name, err)
		}
	}
}

// TestFilesNobodyAskedForAreClosed sends descriptors where none belong.
func TestFilesNobodyAskedForAreClosed(t *testing.T) {
	s := serve(t, []uint32{self()}, bindEcho)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, body := range []string{
		`{"id":1,"op":"ping","files":[0]}`,
		`{"id":1,"op":"echo","params":{},"files":[0]}`,
		`{"id":1,"op":"echo","params":{},"files":[2,2]}`,
		`{"id":1,"op":"absent"}`,
		`{"id":1,"cancel":true}`,
		`rubbish`,
	} {
		for _, count := range []int{1, 2, mostFiles, mostFiles + 1, 200} {
			conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: s.path})
			if err != nil {
				t.Fatal(err)
			}
			fds := make([]int, count)
			for i := range fds {
				fds[i] = int(w.Fd())
			}
			frame := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)
			if _, _, err := conn.WriteMsgUnix(frame, unix.UnixRights(fds...), nil); err != nil {
				t.Fatal(err)
			}
			_ = conn.CloseWrite()
			_, _ = io.Copy(io.Discard, conn) // until the server hangs up
			conn.Close()
		}
	}
	w.Close()
	// The pipe ends when its last writer is closed: none may be left.
	if err := r.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("a descriptor is still open: %v", err)
	}
	s.stop()
}

func TestConnectionsAreBounded(t *testing.T) {
	s := serve(t, []uint32{self()}, nil)
	var idle []net.Conn
	for range mostConnections {
		conn, err := net.Dial("unix", s.path)
		if err != nil {
			t.Fatal(err)
		}
		idle = append(idle, conn)
	}
	eventually(t, "a connection too many is refused", func() bool {
		c := NewClient(s.path)
		defer c.Close()
		_, err := Call(t.Context(), c, Ping, nil)
		return errors.Is(err, ErrBusy)
	})
	for _, conn := range idle {
		conn.Close()
	}
	eventually(t, "there is room again", func() bool {
		c := NewClient(s.path)
		defer c.Close()
		_, err := Call(t.Context(), c, Ping, nil)
		return err == nil
	})
}

// TestAHungServerHoldsNobodyLongerThanItsDeadline has a peer that accepts and
// reads nothing, and more requests than its buffer takes.
func TestAHungServerHoldsNobodyLongerThanItsDeadline(t *testing.T) {
	dir, err := os.MkdirTemp("", "priv")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := client(t, path)
	failed := make(chan error)
	for range 10 {
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
			defer cancel()
			_, err := Call(ctx, c, echoOperation(), &echoParams{Text: strings.Repeat("x", 1<<20)})
			failed <- err
		}()
	}
	for range 10 {
		if err := <-failed; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	}
}
