// SPDX-License-Identifier: GPL-2.0-or-later

package pki

import (
	"context"
	"crypto/x509"
	"time"
)

const (
	// WarnBefore is how long before the end of a certificate warnings begin.
	// An enrolment takes an administrator with access to the manager, and
	// maintenance windows are weeks apart.
	WarnBefore = 90 * 24 * time.Hour

	warnEvery = 24 * time.Hour
)

// Expiry says when one certificate in use ends.
type Expiry struct {
	File     string
	Subject  string
	NotAfter time.Time
}

// Expiries returns the end of the host's certificate and of each authority,
// in this order, as of now. These are the values of the expiry metric.
func (s *Source) Expiries() []Expiry {
	id := s.current().id
	ends := []Expiry{expiryOf(s.files.Cert, id.own.Leaf)}
	for _, ca := range id.authorities {
		ends = append(ends, expiryOf(s.files.CA, ca))
	}
	return ends
}

// Earliest returns the certificate that ends first.
func (s *Source) Earliest() Expiry {
	ends := s.Expiries()
	first := ends[0]
	for _, e := range ends[1:] {
		if e.NotAfter.Before(first.NotAfter) {
			first = e
		}
	}
	return first
}

// Watch writes a line about every certificate that ends within WarnBefore, at
// once and then once a day, until ctx ends. It is quiet when all is well.
func (s *Source) Watch(ctx context.Context) {
	daily := time.NewTicker(warnEvery)
	defer daily.Stop()
	for {
		s.warn(ctx, time.Now())
		select {
		case <-ctx.Done():
			return
		case <-daily.C:
		}
	}
}

func (s *Source) warn(ctx context.Context, now time.Time) {
	for _, e := range s.Expiries() {
		left := e.NotAfter.Sub(now)
		switch {
		case left <= 0:
			s.log.ErrorContext(ctx, "certificate has expired; managers refuse this host until it is enrolled again",
				"file", e.File, "subject", e.Subject, "since", e.NotAfter)
		case left <= WarnBefore:
			s.log.WarnContext(ctx, "certificate expires soon; enrol the host's certificates from its manager",
				"file", e.File, "subject", e.Subject, "valid_until", e.NotAfter, "days_left", int(left/(24*time.Hour)))
		}
	}
}

func expiryOf(file string, cert *x509.Certificate) Expiry {
	return Expiry{File: file, Subject: cert.Subject.String(), NotAfter: cert.NotAfter}
}
