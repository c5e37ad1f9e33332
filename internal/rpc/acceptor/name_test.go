// SPDX-License-Identifier: GPL-2.0-or-later

package acceptor

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

// from is a connection that seems to come from another address.
type from struct {
	net.Conn
	addr net.Addr
}

func (f from) RemoteAddr() net.Addr { return f.addr }

func TestVerifyName(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	resolve := func(_ context.Context, address string) ([]string, error) {
		if address == "192.0.2.7" {
			return []string{"engine.example.", "alias.example."}, nil
		}
		return nil, errors.New("no such name")
	}
	for name, tc := range map[string]struct {
		peer, commonName string
		ok               bool
	}{
		"name":             {"192.0.2.7", "engine.example", true},
		"alias, any case":  {"192.0.2.7", "Alias.EXAMPLE", true},
		"address":          {"192.0.2.9", "192.0.2.9", true},
		"mapped address":   {"::ffff:192.0.2.9", "192.0.2.9", true},
		"this machine":     {"127.0.0.1", "anything", true},
		"this machine, v6": {"::1", "anything", true},
		"other name":       {"192.0.2.7", "evil.example", false},
		"other address":    {"192.0.2.9", "192.0.2.7", false},
		"no name":          {"192.0.2.9", "", false},
	} {
		cert := ca.issue(t, tc.commonName, time.Hour)
		got := func() error {
			near, far := net.Pipe()
			defer near.Close()
			defer far.Close()
			server := tls.Server(from{near, &net.TCPAddr{IP: net.ParseIP(tc.peer)}}, ca.server(t))
			go func() { _, _ = io.Copy(io.Discard, tls.Client(far, client(cert))) }()
			if err := server.Handshake(); err != nil {
				t.Fatal(err)
			}
			a := &Acceptor{options: Options{Resolve: resolve}}
			return a.verifyName(t.Context(), server)
		}()
		if (got == nil) != tc.ok {
			t.Errorf("%s: %v", name, got)
		}
	}
}
