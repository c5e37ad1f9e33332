// SPDX-License-Identifier: GPL-2.0-or-later

package acceptor

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Ten thousand connections that say nothing cost little, keep nobody waiting,
// and are gone when their time is up.
func TestSilentConnections(t *testing.T) {
	n := 10_000
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if both := int(limit.Cur)/2 - 200; both < n { // both ends are in this process
		t.Logf("descriptors allow %d connections only", both)
		n = both
	}
	ca := newAuthority(t)
	config := ca.server(t)
	for name, source := range map[string]func() (*tls.Config, error){
		"plain": nil,
		"TLS":   func() (*tls.Config, error) { return config, nil },
	} {
		t.Run(name, func(t *testing.T) {
			const limit = 10 * time.Second
			a := start(t, Options{TLS: source, HandshakeTimeout: limit, DetectTimeout: limit})
			before := inUse()
			conns := open(t, a, n)
			perConnection := (int64(inUse()) - int64(before)) / int64(n)
			t.Logf("%d bytes for each connection, both ends", perConnection)
			if perConnection > 32<<10 {
				t.Errorf("a silent connection costs %d bytes", perConnection)
			}
			var good net.Conn = dial(t, a)
			if source != nil {
				good = tls.Client(good, client(ca.issue(t, "engine", time.Hour)))
			}
			if got, err := ask(good, "SEND\n"); got != "stomp SEND\n" {
				t.Errorf("among silent ones: %q, %v", got, err)
			}
			for _, c := range conns {
				_ = c.SetReadDeadline(time.Now().Add(patience))
				if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
					t.Fatalf("a silent connection ended with %v", err)
				}
				_ = c.Close()
			}
		})
	}
}

func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// open opens n connections and waits until all are accepted.
func open(t *testing.T, a *Acceptor, n int) []net.Conn {
	t.Helper()
	conns := make([]net.Conn, n)
	var dialing sync.WaitGroup
	for part := range 8 {
		dialing.Go(func() {
			for i := part; i < n; i += 8 {
				conn, err := net.Dial("tcp", a.Addr().String())
				if err != nil {
					t.Error(err)
					return
				}
				conns[i] = conn
			}
		})
	}
	dialing.Wait()
	if t.Failed() {
		t.FailNow()
	}
	for end := time.Now().Add(patience); a.Stats().Accepted < uint64(n); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d of %d accepted", a.Stats().Accepted, n)
		}
	}
	return conns
}
