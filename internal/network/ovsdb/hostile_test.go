// SPDX-License-Identifier: GPL-2.0-or-later

package ovsdb

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// serve runs a server that does as it likes with each connection, and returns
// its socket.
func serve(t *testing.T, with func(net.Conn)) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "db")
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(); os.RemoveAll(dir) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); with(c) }()
		}
	}()
	return socket
}

// question reads until a question is whole; they are small.
func question(c net.Conn) { _, _ = c.Read(make([]byte, 64<<10)) }

// TestHostileServers ask for nothing but an error, in time, and none of them
// gets us to keep the connection.
func TestHostileServers(t *testing.T) {
	say := func(text string) func(net.Conn) {
		return func(c net.Conn) {
			question(c)
			_, _ = io.WriteString(c, text)
		}
	}
	for name, test := range map[string]struct {
		with func(net.Conn)
		want error
	}{
		"hangs":            {func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, ErrSilent},
		"hangs up":         {question, ErrUnavailable},
		"dies half way":    {say(`{"id":1,"result":[{"rows"`), ErrUnavailable},
		"no JSON":          {say("HTTP/1.1 400 Bad Request\r\n\r\n"), ErrProtocol},
		"another kind":     {say(`{"id":1,"result":{"a":1},"error":null}`), ErrProtocol},
		"no object":        {say(`[1,2,3]`), ErrProtocol},
		"nothing in it":    {say(`{"id":1}`), ErrProtocol},
		"too few results":  {say(`{"id":1,"result":[],"error":null}`), ErrProtocol},
		"too many results": {say(`{"id":1,"result":[{},{},{}],"error":null}`), ErrProtocol},
		"rows of no kind":  {say(`{"id":1,"result":[{"rows":7}],"error":null}`), ErrProtocol},
		"deep":             {say(`{"id":1,"result":` + strings.Repeat("[", 200000)), ErrProtocol},
		"others' answers": {func(c net.Conn) {
			for {
				if _, err := io.WriteString(c, `{"id":9,"result":[],"error":null}`); err != nil {
					return
				}
			}
		}, ErrProtocol},
		"questions for ever": {func(c net.Conn) {
			for {
				if _, err := io.WriteString(c, `{"id":"x","method":"steal","params":[]}`); err != nil {
					return
				}
			}
		}, ErrProtocol},
		"without end": {func(c net.Conn) {
			_, _ = io.WriteString(c, `{"id":1,"result":["`)
			for junk := bytes.Repeat([]byte("x"), 1<<20); ; {
				if _, err := c.Write(junk); err != nil {
					return
				}
			}
		}, ErrProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limit := 2 * time.Minute // of the test, not of the server
			if test.want == ErrSilent {
				limit = 100 * time.Millisecond
			}
			c, err := Dial(t.Context(), serve(t, test.with))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			_, err = c.Transact(ctx, "db", Select("t", nil))
			if !errors.Is(err, test.want) {
				t.Errorf("error is %v", err)
			}
			if again := c.Echo(t.Context()); again == nil {
				t.Error("the connection is used again")
			}
		})
	}
}

// A server that asks whether we are alive, before it answers, is told so.
func TestEchoOfServer(t *testing.T) {
	told := make(chan string, 1)
	socket := serve(t, func(c net.Conn) {
		question(c)
		_, _ = io.WriteString(c, `{"id":"echo","method":"echo","params":["alive?"]}`)
		b := make([]byte, 1000)
		n, _ := c.Read(b)
		told <- string(b[:n])
		_, _ = io.WriteString(c, `{"id":1,"result":["vdsm"],"error":null}`)
		question(c)
	})
	c, err := Dial(t.Context(), socket)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Echo(t.Context()); err != nil {
		t.Error(err)
	}
	if got := <-told; got != `{"error":null,"id":"echo","result":["alive?"]}` {
		t.Errorf("it was told %s", got)
	}
}

// A caller that gives up is let go.
func TestCancelled(t *testing.T) {
	arrived := make(chan struct{})
	socket := serve(t, func(c net.Conn) { question(c); close(arrived); _, _ = io.Copy(io.Discard, c) })
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	go func() { <-arrived; cancel(why) }()
	c, err := Dial(ctx, socket)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Echo(ctx); !errors.Is(err, why) {
		t.Errorf("error is %v", err)
	}
}

func TestNobody(t *testing.T) {
	if _, err := Dial(t.Context(), filepath.Join(t.TempDir(), "s")); !errors.Is(err, ErrUnavailable) {
		t.Errorf("error is %v", err)
	}
}
