// SPDX-License-Identifier: GPL-2.0-or-later

package acceptor

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 60 * time.Second

// protocol answers a greeting with its name. It is all that a further protocol
// on the port takes.
type protocol struct{ name, greeting string }

func (p protocol) Name() string             { return p.name }
func (p protocol) Peek() int                { return len(p.greeting) }
func (p protocol) Detect(first []byte) bool { return string(first) == p.greeting }

func (p protocol) Serve(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	all := make([]byte, len(p.greeting)+1)
	if _, err := io.ReadFull(conn, all); err == nil {
		_, _ = conn.Write(append([]byte(p.name+" "), all...))
	}
}

// start runs an acceptor until the end of the test.
func start(t testing.TB, o Options) *Acceptor {
	t.Helper()
	if o.Address == "" {
		o.Address = "127.0.0.1"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Detectors == nil {
		o.Detectors = []Detector{protocol{"http", "GET /"}, protocol{"stomp", "SEND"}, protocol{"third", "THIRDPROTOCOL"}}
	}
	a, err := Listen(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("acceptor ended with %v", err)
		}
	})
	return a
}

func dial(t testing.TB, a *Acceptor) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", a.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	return conn
}

// ask sends text and returns all that comes back until the connection ends.
func ask(conn net.Conn, text string) (string, error) {
	if _, err := io.WriteString(conn, text); err != nil {
		return "", err
	}
	answer, err := io.ReadAll(conn)
	return string(answer), err
}

func TestDetection(t *testing.T) {
	t.Parallel()
	a := start(t, Options{DetectTimeout: 3 * time.Second})
	for text, want := range map[string]string{
		"GET /x":         "http GET /x",
		"SEND\n":         "stomp SEND\n",
		"THIRDPROTOCOL!": "third THIRDPROTOCOL!",
		"POST / HTTP":    "", // known to nobody once all have seen enough
		"THIRDPARTY....": "",
		"\nSEND\n":       "",
		"GET":            "", // the time limit ends it
		"":               "",
	} {
		got, _ := ask(dial(t, a), text)
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if s := a.Stats(); s.Accepted != 8 || s.Undetected != 5 {
		t.Errorf("%+v", s)
	}
}

// A greeting in pieces is seen whole by its protocol.
func TestDetectionByteByByte(t *testing.T) {
	t.Parallel()
	a := start(t, Options{})
	conn := dial(t, a)
	for _, b := range []byte("THIRDPROTOCO") {
		if _, err := conn.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := ask(conn, "L!"); got != "third THIRDPROTOCOL!" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestDualStack(t *testing.T) {
	t.Parallel()
	a := start(t, Options{Address: "::"})
	addresses := []string{"127.0.0.1"}
	if l, err := net.Listen("tcp6", "[::1]:0"); err == nil {
		_ = l.Close()
		addresses = append(addresses, "::1")
	}
	for _, address := range addresses {
		conn, err := net.DialTCP("tcp", nil, &net.TCPAddr{IP: net.ParseIP(address), Port: a.Addr().Port})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ask(conn, "SEND\n"); got != "stomp SEND\n" {
			t.Errorf("%s: %q, %v", address, got, err)
		}
		_ = conn.Close()
	}
}

func TestPortTaken(t *testing.T) {
	t.Parallel()
	a := start(t, Options{})
	_, err := Listen(t.Context(), Options{Address: "127.0.0.1", Port: a.Addr().Port})
	if err == nil {
		t.Error("the same port twice")
	}
}

// The loss of the listening socket is an error of Run.
func TestLostPort(t *testing.T) {
	t.Parallel()
	a, err := Listen(t.Context(), Options{Address: "127.0.0.1", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- a.Run(context.Background()) }()
	_ = a.Close()
	if err := <-ended; err == nil {
		t.Error("Run ended without an error")
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	ours, other := newAuthority(t), newAuthority(t)
	config := ours.server(t)
	a := start(t, Options{TLS: func() (*tls.Config, error) { return config, nil }})
	good := ours.issue(t, "engine", time.Hour)
	for name, tc := range map[string]struct {
		config *tls.Config
		ok     bool
	}{
		"1.3":               {&tls.Config{Certificates: []tls.Certificate{good}, InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}, true},
		"1.2":               {&tls.Config{Certificates: []tls.Certificate{good}, InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12}, true},
		"1.1":               {&tls.Config{Certificates: []tls.Certificate{good}, InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false},
		"no certificate":    {client(), false},
		"foreign authority": {client(other.issue(t, "engine", time.Hour)), false},
		"expired":           {client(ours.issue(t, "engine", -time.Hour)), false},
	} {
		got, err := ask(tls.Client(dial(t, a), tc.config), "SEND\n")
		if tc.ok && got != "stomp SEND\n" || !tc.ok && (got != "" || err == nil) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if got, _ := ask(dial(t, a), "SEND\ndestination:q\n\n\x00"); bytes.Contains([]byte(got), []byte("stomp")) {
		t.Error("plain TCP is served on a TLS port")
	}
	// The client may know of the refusal before it is counted.
	for end := time.Now().Add(patience); a.Stats().HandshakesRefused != 5; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d handshakes refused", a.Stats().HandshakesRefused)
		}
	}
}

// A renewed certificate is what the next client sees.
func TestCertificateRenewal(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	var mu sync.Mutex
	config := ca.server(t)
	a := start(t, Options{TLS: func() (*tls.Config, error) {
		mu.Lock()
		defer mu.Unlock()
		return config, nil
	}})
	serial := func() string {
		conn := tls.Client(dial(t, a), client(ca.issue(t, "engine", time.Hour)))
		if err := conn.Handshake(); err != nil {
			t.Fatal(err)
		}
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
	}
	before := serial()
	mu.Lock()
	config = ca.server(t)
	mu.Unlock()
	if serial() == before {
		t.Error("the old certificate is still in use")
	}
}

// Unusable certificates cost connections, not the daemon.
func TestNoConfiguration(t *testing.T) {
	t.Parallel()
	a := start(t, Options{TLS: func() (*tls.Config, error) { return nil, errors.New("no such file") }})
	if got, _ := ask(dial(t, a), "SEND\n"); got != "" {
		t.Errorf("got %q", got)
	}
}

// A client that stops in the middle of its handshake delays nobody.
func TestHalfOpenTLS(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	config := ca.server(t)
	a := start(t, Options{HandshakeTimeout: 5 * time.Second, TLS: func() (*tls.Config, error) { return config, nil }})
	half := dial(t, a)
	if _, err := half.Write([]byte{22, 3, 1, 2, 0, 1, 0}); err != nil { // start of a ClientHello
		t.Fatal(err)
	}
	got, err := ask(tls.Client(dial(t, a), client(ca.issue(t, "engine", time.Hour))), "SEND\n")
	if got != "stomp SEND\n" {
		t.Errorf("%q, %v", got, err)
	}
	if rest, err := io.ReadAll(half); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("still open: %q, %v", rest, err)
	}
}
