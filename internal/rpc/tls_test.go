// SPDX-License-Identifier: GPL-2.0-or-later

package rpc_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"govdsm/internal/rpc"
)

// identity makes a certificate that signs itself and is its own authority, for
// both ends.
func identity(t testing.TB) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "host"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	pair := []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
	return &tls.Config{Certificates: pair, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool},
		&tls.Config{Certificates: pair, InsecureSkipVerify: true}
}

func secure(server *tls.Config) func(*rpc.Options) {
	return func(o *rpc.Options) { o.TLS = func() (*tls.Config, error) { return server, nil } }
}

// A burst of 100 TLS clients at one time loses none.
func TestBurst(t *testing.T) {
	t.Parallel()
	server, client := identity(t)
	h := start(t, secure(server))
	var clients sync.WaitGroup
	for range 100 {
		clients.Go(func() {
			conn, err := net.Dial("tcp", h.Addr().String())
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(patience))
			p := newPeer(tls.Client(conn, client))
			p.send(t, subscribe("s", "r")+"\n")
			p.send(t, request("r", `{"jsonrpc":"2.0","method":"Host.ping","id":1}`))
			if f, err := p.read(); err != nil || f.body != `{"jsonrpc": "2.0", "id": 1, "result": true}` {
				t.Errorf("%s, %v", f.body, err)
			}
		})
	}
	clients.Wait()
}

// The manager's client takes one record for one frame.
func TestOneFrameOneRecord(t *testing.T) {
	t.Parallel()
	server, client := identity(t)
	h := start(t, secure(server))
	conn := tls.Client(h.dial(t), client)
	p := newPeer(conn)
	text := strings.Repeat("x", 15_000)
	p.send(t, subscribe("s", "r"))
	for range 20 {
		p.send(t, request("r", `{"jsonrpc":"2.0","method":"Host.ping","id":1}`)+
			request("r", `{"jsonrpc":"2.0","method":"Host.echo","id":1,"params":{"message":"`+text+`"}}`))
	}
	buf := make([]byte, 32<<10)
	for i := range 40 {
		n, err := conn.Read(buf) // never more than a record
		if err != nil {
			t.Fatal(err)
		}
		got := string(buf[:n])
		if !strings.HasPrefix(got, "MESSAGE\n") || !strings.HasSuffix(got, "}\x00") || strings.Count(got, "\x00") != 1 {
			t.Fatalf("record %d holds %d bytes: %.40q...%.40q", i, n, got, got[max(0, n-40):])
		}
	}
}
