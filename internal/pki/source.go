// SPDX-License-Identifier: GPL-2.0-or-later

package pki

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"syscall"
	"time"
)

// Source gives the TLS configuration of whatever the files hold now. Its
// methods may be called from any goroutine.
type Source struct {
	files Files
	log   *slog.Logger

	mu   sync.Mutex // held over the reading of files, so that it is done once
	seen [3]stamp   // the files of the last attempt to load
	read time.Time  // when that attempt was made
	good snapshot   // the last attempt that succeeded
}

// snapshot is what handshakes share until the files change.
type snapshot struct {
	id     *identity
	server *tls.Config
}

// stamp tells one state of a file from the next. The change time is in it
// since a renewal may keep size and modification time.
type stamp struct {
	inode      uint64
	size       int64
	mod, chang time.Time
}

// settled is how old a file must be before its stamp can be trusted to change
// with its content: the kernel's file times advance in ticks.
const settled = 50 * time.Millisecond

// Open reads the files for the first time. Without usable files there is no
// Source: the error says which file and why.
func Open(files Files, log *slog.Logger) (*Source, error) {
	s := &Source{files: files, log: log}
	seen, err := stampAll(files)
	if err != nil {
		return nil, err
	}
	id, err := load(files)
	if err != nil {
		return nil, err
	}
	s.seen, s.read, s.good = seen, time.Now(), newSnapshot(id)
	return s, nil
}

// Server returns the configuration for a listener: TLS 1.2 or newer, with a
// client certificate that one of the authorities vouches for. The files are
// looked at again at every handshake.
func (s *Source) Server() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		ClientAuth: tls.RequireAndVerifyClientCert,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			return s.current().server, nil
		},
	}
}

// Client returns the configuration for calling other hosts with this identity.
// The server must show a certificate of one of the authorities; its name is
// not compared, as hosts are called by address (lib/yajsonrpc/stompclient.py).
func (s *Source) Client() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			own := s.current().id.own
			return &own, nil
		},
		// The standard check insists on a name. It is replaced, not left out:
		// VerifyConnection below runs at every handshake, resumed ones too.
		InsecureSkipVerify: true,
		VerifyConnection: func(state tls.ConnectionState) error {
			return verifyServer(state.PeerCertificates, s.current().id.pool)
		},
	}
}

func verifyServer(chain []*x509.Certificate, roots *x509.CertPool) error {
	if len(chain) == 0 {
		return errors.New("the server showed no certificate")
	}
	between := x509.NewCertPool()
	for _, cert := range chain[1:] {
		between.AddCert(cert)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{
		Roots:         roots,
		Intermediates: between,
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	if err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: chain, Err: err}
	}
	return nil
}

// newSnapshot builds the server's configuration once per change of the files.
// Session tickets are off: a resumed session would carry a client past the
// check against authorities that have been replaced since.
func newSnapshot(id *identity) snapshot {
	return snapshot{id: id, server: &tls.Config{
		MinVersion:             tls.VersionTLS12,
		Certificates:           []tls.Certificate{id.own},
		ClientAuth:             tls.RequireAndVerifyClientCert,
		ClientCAs:              id.pool,
		SessionTicketsDisabled: true,
	}}
}

// current returns what the files hold, or what they last held in good order.
// When nothing changed it costs three stat calls.
func (s *Source) current() snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen, err := stampAll(s.files)
	if err == nil && seen == s.seen && s.trusted() {
		return s.good
	}
	again := seen == s.seen // a state that was reported already, if it was bad
	s.seen, s.read = seen, time.Now()
	var id *identity
	if err == nil {
		id, err = load(s.files)
	}
	switch {
	case err == nil:
		s.replace(id)
	case !again:
		s.log.Error("certificate files cannot be used; the previous ones stay in use",
			"err", err, "valid_until", s.good.id.own.Leaf.NotAfter)
	}
	return s.good
}

// trusted reports whether the last reading came late enough after the last
// change that a further change must show in the stamps.
func (s *Source) trusted() bool {
	for _, st := range s.seen {
		if s.read.Sub(st.chang) < settled {
			return false
		}
	}
	return true
}

func (s *Source) replace(id *identity) {
	old := s.good.id
	if old.own.Leaf.Equal(id.own.Leaf) && old.pool.Equal(id.pool) {
		return
	}
	s.good = newSnapshot(id)
	s.log.Info("certificates were renewed", "subject", id.own.Leaf.Subject.String(),
		"valid_until", id.own.Leaf.NotAfter, "authorities", len(id.authorities))
}

// stampAll returns the zero stamp for files that are missing, so that a state
// with a file missing compares equal to itself.
func stampAll(f Files) ([3]stamp, error) {
	var stamps [3]stamp
	var failed error
	for i, name := range f.each() {
		info, err := os.Stat(name)
		if err != nil {
			failed = err
			continue
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return stamps, fmt.Errorf("stat of %s gives no inode", name)
		}
		stamps[i] = stamp{stat.Ino, stat.Size, info.ModTime(), time.Unix(stat.Ctim.Unix())}
	}
	return stamps, failed
}
