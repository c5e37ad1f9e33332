// SPDX-License-Identifier: GPL-2.0-or-later

package pki_test

import (
	"bytes"
	"crypto/tls"
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
)

// journal keeps what was logged.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) count(what string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Count(j.text.String(), what)
}

func (j *journal) logger() *slog.Logger { return slog.New(slog.NewTextHandler(j, nil)) }

func authority(t *testing.T) *pki.Authority {
	t.Helper()
	a, err := pki.EnsureAuthority(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func issue(t *testing.T, a *pki.Authority, name string) pki.Files {
	t.Helper()
	files, err := a.Ensure(t.TempDir(), pki.Subject{CommonName: name, Names: []string{name, "127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func open(t *testing.T, files pki.Files) (*pki.Source, *journal) {
	t.Helper()
	j := new(journal)
	s, err := pki.Open(files, j.logger())
	if err != nil {
		t.Fatal(err)
	}
	return s, j
}

// talk makes one handshake over a socket and sends a byte each way, since
// under TLS 1.3 a client learns of its refusal only when it reads.
func talk(t *testing.T, server, client *tls.Config) (state tls.ConnectionState, serverErr, clientErr error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	done := make(chan error, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			done <- err
			return
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
		done <- echo(tls.Server(conn, server))
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	c := tls.Client(conn, client)
	clientErr = call(c)
	conn.Close()
	return c.ConnectionState(), <-done, clientErr
}

func echo(c *tls.Conn) error {
	if err := c.Handshake(); err != nil {
		return err
	}
	b := make([]byte, 1)
	if _, err := io.ReadFull(c, b); err != nil {
		return err
	}
	_, err := c.Write(b)
	return err
}

func call(c *tls.Conn) error {
	if _, err := c.Write([]byte("x")); err != nil {
		return err
	}
	_, err := io.ReadFull(c, make([]byte, 1))
	return err
}

func mustTalk(t *testing.T, server, client *tls.Config) tls.ConnectionState {
	t.Helper()
	state, serverErr, clientErr := talk(t, server, client)
	if serverErr != nil || clientErr != nil {
		t.Fatalf("server: %v, client: %v", serverErr, clientErr)
	}
	return state
}

func mustRefuse(t *testing.T, server, client *tls.Config, why string) {
	t.Helper()
	_, serverErr, clientErr := talk(t, server, client)
	if clientErr == nil {
		t.Fatal("the client was served")
	}
	if serverErr == nil || !strings.Contains(serverErr.Error(), why) {
		t.Errorf("server: %v, want an error with %q", serverErr, why)
	}
}

func replaceFile(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	next := to + ".next"
	if err := os.WriteFile(next, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, to); err != nil {
		t.Fatal(err)
	}
}

func TestBothVersionsAndNoNameCheck(t *testing.T) {
	t.Parallel()
	a := authority(t)
	server, _ := open(t, issue(t, a, "host.example"))
	client, _ := open(t, issue(t, a, "manager"))
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		cfg := client.Client()
		cfg.MaxVersion = version
		state := mustTalk(t, server.Server(), cfg)
		if state.Version != version {
			t.Errorf("spoke %s, want %s", tls.VersionName(state.Version), tls.VersionName(version))
		}
		if cn := state.PeerCertificates[0].Subject.CommonName; cn != "host.example" {
			t.Errorf("the server is %q", cn)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	a, other := authority(t), authority(t)
	server, _ := open(t, issue(t, a, "host"))
	client, _ := open(t, issue(t, a, "manager"))
	stranger, _ := open(t, issue(t, other, "manager"))

	t.Run("old version", func(t *testing.T) {
		cfg := client.Client()
		cfg.MinVersion, cfg.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
		mustRefuse(t, server.Server(), cfg, "unsupported versions")
	})
	t.Run("client of another authority", func(t *testing.T) {
		cfg := stranger.Client()
		cfg.VerifyConnection = nil // so that it is the server who refuses
		mustRefuse(t, server.Server(), cfg, "unknown authority")
	})
	t.Run("no client certificate", func(t *testing.T) {
		cfg := client.Client()
		cfg.GetClientCertificate = nil
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			cfg.MaxVersion = version
			mustRefuse(t, server.Server(), cfg, "didn't provide a certificate")
		}
	})
	t.Run("server of another authority", func(t *testing.T) {
		_, _, err := talk(t, server.Server(), stranger.Client())
		if err == nil || !strings.Contains(err.Error(), "unknown authority") {
			t.Errorf("client: %v", err)
		}
	})
}

func TestRenewalWithoutRestart(t *testing.T) {
	t.Parallel()
	a, next := authority(t), authority(t)
	files := issue(t, a, "host")
	server, log := open(t, files)
	listening := server.Server() // made once, as a listener would
	before, _ := open(t, issue(t, a, "manager"))
	after, _ := open(t, issue(t, next, "manager"))
	mustTalk(t, listening, before.Client())

	// One authority takes over from the other; for a while both count.
	renewed := issue(t, next, "host")
	both, err := os.ReadFile(files.CA)
	if err != nil {
		t.Fatal(err)
	}
	more, err := os.ReadFile(renewed.CA)
	if err != nil {
		t.Fatal(err)
	}
	bundle := filepath.Join(t.TempDir(), "bundle")
	if err := os.WriteFile(bundle, append(both, more...), 0o600); err != nil {
		t.Fatal(err)
	}
	replaceFile(t, bundle, files.CA)
	late := after.Client()
	late.VerifyConnection = nil // the host's own certificate is the old one still
	mustTalk(t, listening, late)
	mustTalk(t, listening, before.Client())

	// A key without its certificate is half a renewal: the old pair is used.
	replaceFile(t, renewed.Key, files.Key)
	for range 3 {
		mustTalk(t, listening, before.Client())
	}
	if n := log.count("cannot be used"); n != 1 {
		t.Errorf("the mismatch was logged %d times, want once", n)
	}
	replaceFile(t, renewed.Cert, files.Cert)
	replaceFile(t, renewed.CA, files.CA)
	mustTalk(t, listening, after.Client())
	early := before.Client()
	early.VerifyConnection = nil
	mustRefuse(t, listening, early, "unknown authority")
}

func TestBrokenFilesKeepTheOldOnes(t *testing.T) {
	t.Parallel()
	a := authority(t)
	client, _ := open(t, issue(t, a, "manager"))
	for name, damage := range map[string]func(pki.Files) error{
		"empty certificate": func(f pki.Files) error { return os.WriteFile(f.Cert, nil, 0o600) },
		"half a bundle":     func(f pki.Files) error { return os.Truncate(f.CA, 100) },
		"rubbish key":       func(f pki.Files) error { return os.WriteFile(f.Key, []byte("rubbish"), 0o600) },
		"missing authority": func(f pki.Files) error { return os.Remove(f.CA) },
		"a folder instead": func(f pki.Files) error {
			return firstError(os.Remove(f.Cert), os.Mkdir(f.Cert, 0o700))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := issue(t, a, "host")
			server, log := open(t, files)
			if err := damage(files); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				mustTalk(t, server.Server(), client.Client())
			}
			if n := log.count("cannot be used"); n != 1 {
				t.Errorf("logged %d times, want once", n)
			}
			if _, err := pki.Open(files, slog.New(slog.DiscardHandler)); err == nil {
				t.Error("a new start accepts the broken files")
			}
		})
	}
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestManyHandshakesWhileRenewing(t *testing.T) {
	t.Parallel()
	a := authority(t)
	files, renewed := issue(t, a, "host"), issue(t, a, "host")
	server, _ := open(t, files)
	client, _ := open(t, issue(t, a, "manager"))
	listening := server.Server()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 10 {
				if _, s, c := talk(t, listening, client.Client()); s != nil || c != nil {
					t.Errorf("server: %v, client: %v", s, c)
				}
			}
		})
	}
	for range 20 {
		replaceFile(t, renewed.Key, files.Key)
		replaceFile(t, renewed.Cert, files.Cert)
	}
	wg.Wait()
}
