// SPDX-License-Identifier: GPL-2.0-or-later

package faults

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"govdsm/internal/pki"
	"govdsm/test/hosttest"
)

// dial opens a connection and speaks whatever the test writes.
func dial(t *testing.T, h *hosttest.Host) net.Conn {
	t.Helper()
	var conn net.Conn
	var err error
	if config := h.TLS(t); config != nil {
		conn, err = tls.Dial("tcp", h.Address, config)
	} else {
		conn, err = net.Dial("tcp", h.Address)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(hosttest.Patience)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func frame(command string, headers, body string) string {
	if body != "" {
		headers += fmt.Sprintf("content-length:%d\n", len(body))
	}
	return command + "\n" + headers + "\n" + body + "\x00"
}

const hello = "CONNECT\naccept-version:1.2\nheart-beat:0,0\n\n\x00SUBSCRIBE\nid:1\ndestination:replies\n\n\x00"

func call(body string) string {
	return frame("SEND", "destination:jms.topic.vdsm_requests\nreply-to:replies\n", body)
}

// TestBadBytes sends what is no request, each on a connection of its own. The
// answer is among the wanted ones, or the connection is closed.
func TestBadBytes(t *testing.T) {
	t.Parallel()
	h := hosttest.Shared(t)
	mustServe(t, h)
	const closed = "" // no answer, the end of the connection
	ping := `{"jsonrpc": "2.0", "method": "Host.ping2", "params": {}, "id": 1}`
	for name, c := range map[string]struct{ send, want string }{
		"rubbish":                {"rubbish and more rubbish\n", closed},
		"a command alone":        {"CONNECTED\n", "open"},
		"an unknown command":     {hello + "EXPLODE\nx:y\n\n\x00", closed},
		"a header without colon": {hello + "SEND\nrubbish\n\n\x00", closed},
		"a bad escape":           {hello + "SEND\na:\\q\n\n\x00", closed},
		"a wrong length":         {hello + "SEND\ndestination:x\ncontent-length:3\n\nabcdef\x00", closed},
		"a negative length":      {hello + "SEND\ndestination:x\ncontent-length:-3\n\nabcdef\x00", closed},
		"a length of text":       {hello + "SEND\ndestination:x\ncontent-length:x\n\nabcdef\x00", closed},
		"an enormous length":     {hello + "SEND\ndestination:x\ncontent-length:99999999999999999999\n\nabcdef\x00", closed},
		"endless headers":        {hello + "SEND\n" + strings.Repeat("a:b\n", 1<<18), closed},
		"an endless header":      {hello + "SEND\na:" + strings.Repeat("x", 4<<20), closed},
		"bad UTF-8 in a header":  {hello + "SEND\na:\xff\xfe\n\n\x00", closed},
		"no JSON":                {hello + call("{rubbish"), "-32700"},
		"bad UTF-8":              {hello + call("{\"method\": \"\xff\xfe\"}"), "-32700"},
		"NaN":                    {hello + call(`{"jsonrpc": "2.0", "method": "Host.echo", "params": {"message": NaN}, "id": 1}`), "-32700"},
		"infinity":               {hello + call(`{"jsonrpc": "2.0", "method": "Host.echo", "params": {"message": -Infinity}, "id": 1}`), "-32700"},
		"a duplicate key":        {hello + call(`{"jsonrpc": "2.0", "method": "Host.noSuch", "method": "Host.ping2", "id": 1, "id": 2}`), `"id"`},
		"a number":               {hello + call("7"), "-32603"},
		"an empty batch":         {hello + call("[]"), "-32600"},
		"no method":              {hello + call(`{"jsonrpc": "2.0", "id": 1}`), "-32600"},
		"an old version":         {hello + call(`{"jsonrpc": "1.0", "method": "Host.ping2", "id": 1}`), "-32600"},
		"an unknown verb":        {hello + call(`{"jsonrpc": "2.0", "method": "Host.noSuchVerb", "id": 1}`), "-32601"},
		"an unknown namespace":   {hello + call(`{"jsonrpc": "2.0", "method": "Nothing.ping", "id": 1}`), "-32601"},
		"a verb of nothing":      {hello + call(`{"jsonrpc": "2.0", "method": "", "id": 1}`), "-32601"},
		"params of text":         {hello + call(`{"jsonrpc": "2.0", "method": "Host.ping2", "params": "x", "id": 1}`), "-32600"},
		"params of a number":     {hello + call(`{"jsonrpc": "2.0", "method": "Host.ping2", "params": 7, "id": 1}`), "-32600"},
		"a method of a number":   {hello + call(`{"jsonrpc": "2.0", "method": 7, "id": 1}`), "error"},
		"deep nesting":           {hello + call(strings.Repeat("[", 1<<20)), "-32700"},
		"deep parameters": {hello + call(`{"jsonrpc": "2.0", "method": "Host.echo", "id": 1, "params": {"message": `+
			strings.Repeat("[", 1<<18)+strings.Repeat("]", 1<<18)+"}}"), "error"},
		"a nested id":          {hello + call(`{"jsonrpc": "2.0", "method": "Host.ping2", "id": {"a": [1]}}`), `{"a": [1]}`},
		"text after a request": {hello + call(ping+" rubbish"), "-32700"},
		"a byte order mark":    {hello + call("\ufeff"+ping), "error"},
		"frames in one piece":  {hello + strings.Repeat(call(ping), 20), `"result"`},
	} {
		t.Run(name, func(t *testing.T) {
			conn := dial(t, h)
			// The host may close before it has read everything.
			_, _ = io.WriteString(conn, c.send)
			if c.want == "open" {
				return
			}
			var all strings.Builder
			answer := bufio.NewReader(conn)
			for {
				text, err := answer.ReadString('\x00')
				all.WriteString(text)
				if c.want != closed && strings.Contains(all.String(), c.want) {
					return
				}
				if err != nil {
					var late net.Error
					if c.want != closed || errors.As(err, &late) && late.Timeout() {
						t.Errorf("got %.1000q, %v", all.String(), err)
					}
					return
				}
			}
		})
	}
	mustServe(t, h)
}

// A frame in many pieces, among heart-beats, is a frame.
func TestSlowSender(t *testing.T) {
	t.Parallel()
	h := hosttest.Shared(t)
	conn := dial(t, h)
	for _, b := range []byte(hello + "\n\n" + call(`{"jsonrpc": "2.0", "method": "Host.echo", "params": {"message": "piece by piece"}, "id": 1}`)) {
		if _, err := conn.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	answer := bufio.NewReader(conn)
	for {
		text, err := answer.ReadString('\x00')
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(text, `"result": "piece by piece"`) {
			return
		}
	}
}

// 100 MB of JSON in one request: refused or cut off, and forgotten.
func TestHugeRequest(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t)
	mustServe(t, h)
	before := h.Usage(t)
	conn := dial(t, h)
	const size = 100 << 20
	_, err := fmt.Fprintf(conn, hello+"SEND\ndestination:jms.topic.vdsm_requests\nreply-to:replies\ncontent-length:%d\n\n", size)
	piece := []byte(strings.Repeat("[1,", 1<<18))
	for sent := 0; err == nil && sent < size; sent += len(piece) {
		_, err = conn.Write(piece)
	}
	if err == nil {
		_, err = io.Copy(io.Discard, conn)
	}
	if late, ok := err.(net.Error); ok && late.Timeout() {
		t.Error("the connection stays open")
	}
	conn.Close()
	mustServe(t, h)
	h.AwaitUsage(t, before)
	const plenty = 512 << 20 // the race detector multiplies
	if memory := h.Metric(t, "vdsm_process_resident_memory_bytes"); memory > plenty {
		t.Errorf("%.0f MiB are resident", memory/(1<<20))
	}
}

// Clients that begin a TLS handshake and do not go on hold nobody up.
func TestHalfOpenTLS(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t)
	mustServe(t, h)
	before := h.Usage(t)
	for i := range 200 {
		conn, err := net.Dial("tcp", h.Address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		// The beginning of a ClientHello, of another length each time.
		start := []byte{22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3}
		if _, err := conn.Write(start[:i%len(start)]); err != nil {
			t.Fatal(err)
		}
	}
	mustServe(t, h)
	h.AwaitUsage(t, before)
}

func TestWrongCertificates(t *testing.T) {
	t.Parallel()
	h := hosttest.Shared(t)
	mustServe(t, h)
	ca, err := pki.EnsureAuthority(filepath.Join(t.TempDir(), "ca"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := ca.Ensure(t.TempDir(), pki.Subject{CommonName: "stranger"})
	if err != nil {
		t.Fatal(err)
	}
	source, err := pki.Open(files, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	stranger := source.Client().Clone()
	stranger.InsecureSkipVerify, stranger.VerifyPeerCertificate, stranger.VerifyConnection = true, nil, nil
	for name, config := range map[string]*tls.Config{
		"none":     {InsecureSkipVerify: true},
		"stranger": stranger,
		"TLS 1.1":  {InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11},
	} {
		for range 20 {
			conn, err := tls.Dial("tcp", h.Address, config)
			if err != nil {
				continue
			}
			// Under TLS 1.3 a client learns of the refusal when it reads.
			_ = conn.SetDeadline(time.Now().Add(hosttest.Patience))
			_, _ = io.WriteString(conn, hello)
			if n, err := conn.Read(make([]byte, 1)); n > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%s: let in", name)
			}
			conn.Close()
		}
	}
	mustServe(t, h)
}

// A client that asks and never reads is cut off; others notice nothing.
func TestReaderThatDoesNotRead(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t, hosttest.Plain())
	mustServe(t, h)
	before := h.Usage(t)
	conn := dial(t, h)
	if err := conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	// Its own events come back to it: a client may publish.
	if _, err := io.WriteString(conn, hello+frame("SUBSCRIBE", "id:2\ndestination:jms.queue.events\n", "")); err != nil {
		t.Fatal(err)
	}
	publish := frame("SEND", "destination:jms.queue.events\n", `{"jsonrpc": "2.0", "method": "|x|y|z", "params": {"text": "`+strings.Repeat("x", 1<<20)+`"}}`)
	var publishing sync.WaitGroup
	publishing.Go(func() {
		for range 200 {
			if _, err := io.WriteString(conn, publish); err != nil {
				return // cut off
			}
		}
	})
	for range 20 {
		mustServe(t, h)
	}
	publishing.Wait()
	conn.Close()
	h.AwaitUsage(t, before)
}
