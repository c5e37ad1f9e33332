// SPDX-License-Identifier: GPL-2.0-or-later

package pki

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"govdsm/internal/atomicfile"
	"io/fs"
	"math/big"
	"os"
)

// ensureKey returns the private key in file, which it makes if it is missing.
// A file that holds something else is an error: it is not ours to replace.
func ensureKey(file string) (*ecdsa.PrivateKey, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return writeNewKey(file)
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%w: %s holds no PEM key", ErrUnusable, file)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnusable, file, err)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%w: %s holds a %T, not a key made here", ErrUnusable, file, parsed)
	}
	return key, nil
}

func writeNewKey(file string) (*ecdsa.PrivateKey, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return key, atomicfile.Write(file, text, 0o600)
}

// firstCertificate returns the first certificate of the file, or nil if there
// is no such file.
func firstCertificate(file string) (*x509.Certificate, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	certs, err := parseCertificates(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnusable, file, err)
	}
	return certs[0], nil
}

func newSerial() (*big.Int, error) {
	// RFC 5280 section 4.1.2.2: positive and at most 20 octets.
	return rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 126))
}
