// SPDX-License-Identifier: GPL-2.0-or-later

package domainmd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"govdsm/api"
	"govdsm/internal/storage/pytext"
)

// Domain is the metadata of a domain by meaning, without what the master keeps
// about the pool (see Pool).
type Domain struct {
	Version     Version
	ID          string
	Type        Type
	Class       Class
	Description string
	Role        Role
	Pools       []string // ids; one at most, but for ISO domains
	Lease       Lease
	Alignment   int64  // bytes of a slot for a lease
	BlockSize   int64  // bytes of a sector: 512 or 4096
	RemotePath  string // file domains
	VGUUID      string // block domains
	PVs         []PV   // block domains
}

// Lease is what older formats need to know about their lock, in seconds and
// attempts. Sanlock uses none of it; it is written all the same.
type Lease struct {
	Policy                                 string
	Renewal, LeaseTime, IOTimeout, Retries int
}

// DefaultLease is what a domain is created with.
func DefaultLease() Lease { return Lease{Renewal: 5, LeaseTime: 60, IOTimeout: 10, Retries: 3} }

// New returns the metadata of a domain that is created: that of d, in the
// form of its version.
func New(d Domain) Metadata {
	var m Metadata
	m.SetVersion(d.Version)
	m.Set(KeyID, d.ID)
	m.Set(KeyType, d.Type.String())
	m.Set(KeyClass, d.Class.String())
	m.Set(KeyDescription, d.Description)
	m.Set(KeyRole, string(d.Role))
	m.SetPools(d.Pools)
	m.SetLease(d.Lease)
	m.Set(KeyLockPolicy, d.Lease.Policy)
	if d.Version >= Version5 {
		m.setGeometry(d.Alignment, d.BlockSize)
	}
	if !d.Type.Block() {
		m.Set(KeyRemotePath, d.RemotePath)
		return m
	}
	m.Set(KeyVGUUID, d.VGUUID)
	m.SetPVs(d.PVs)
	if d.Version < Version5 {
		m.setInt(KeyLogicalBlockSize, d.BlockSize)
		m.setInt(KeyPhysicalBlockSize, d.BlockSize)
	}
	return m
}

// Domain reads the metadata by meaning. A key that must be there and is not is
// [api.ErrInvalidMetadata]; a value that cannot be is
// [api.ErrMetaDataValidation], a format that cannot be used
// [api.ErrUnsupportedDomainVersion].
func (m Metadata) Domain() (Domain, error) {
	r := reading{m: m}
	d := Domain{
		ID:          r.text(KeyID),
		Type:        parsed(&r, KeyType, parseTypeName),
		Class:       parsed(&r, KeyClass, ParseClass),
		Description: r.text(KeyDescription),
		Role:        Role(r.text(KeyRole)),
		Lease:       m.lease(),
		Alignment:   r.number(KeyAlignment, mib),
		BlockSize:   r.number(KeyBlockSize, 512),
	}
	d.Pools = r.pools()
	d.RemotePath, _ = m.Get(KeyRemotePath)
	d.VGUUID, _ = m.Get(KeyVGUUID)
	d.PVs = r.pvs()
	if version := r.text(KeyVersion); r.err == nil {
		d.Version, r.err = ParseVersion(version)
	}
	if r.err == nil {
		r.err = d.check()
	}
	if r.err != nil {
		return Domain{}, r.err
	}
	return d, nil
}

// check refuses combinations that no host writes.
func (d Domain) check() error {
	switch {
	case !d.Version.Known(d.Type):
		return UnsupportedVersion(strconv.Itoa(int(d.Version)))
	case d.Version < Version5 && d.Alignment != mib:
		return api.ErrMetaDataValidation.OfText(fmt.Sprintf(
			"Storage domain version %d does not support alignment %d", d.Version, d.Alignment))
	case d.Version < Version5 && d.BlockSize != 512:
		return api.ErrMetaDataValidation.OfText(fmt.Sprintf(
			"Storage domain version %d does not support block size %d", d.Version, d.BlockSize))
	case !slices.Contains([]int64{mib, 2 * mib, 4 * mib, 8 * mib}, d.Alignment):
		return invalid(KeyAlignment, strconv.FormatInt(d.Alignment, 10))
	case d.BlockSize != 512 && d.BlockSize != 4096:
		return invalid(KeyBlockSize, strconv.FormatInt(d.BlockSize, 10))
	}
	return nil
}

// reading reads keys of m until the first that cannot be read.
type reading struct {
	m   Metadata
	err error
}

func (r *reading) text(key string) string {
	value, ok := r.m.Get(key)
	if !ok && r.err == nil {
		r.err = api.ErrInvalidMetadata.OfText("key=" + key)
	}
	return value
}

func parsed[T any](r *reading, key string, parse func(string) (T, error)) T {
	var result T
	text := r.text(key)
	if r.err != nil {
		return result
	}
	result, err := parse(text)
	if err != nil {
		r.err = invalid(key, text)
	}
	return result
}

func (r *reading) number(key string, missing int64) int64 {
	if _, ok := r.m.Get(key); !ok {
		return missing
	}
	return parsed(r, key, pytext.Int64)
}

func (r *reading) pools() []string {
	var pools []string
	for id := range strings.SplitSeq(r.text(KeyPools), ",") {
		if id != "" && id != blankID {
			pools = append(pools, id)
		}
	}
	return pools
}

// parseTypeName takes names only: numbers are for calls.
func parseTypeName(s string) (Type, error) {
	t, err := ParseType(s)
	if err == nil && !strings.EqualFold(s, t.String()) {
		return 0, api.ErrStorageDomainType.OfText(s)
	}
	return t, err
}

func invalid(key, value string) error {
	return api.ErrMetaDataValidation.OfText(key + "=" + value)
}

// lease reads the numbers of the lease. What is no number, or missing, is the
// default.
func (m Metadata) lease() Lease {
	l := DefaultLease()
	l.Policy, _ = m.Get(KeyLockPolicy)
	for key, number := range l.numbers() {
		text, _ := m.Get(key)
		if n, err := pytext.Int64(text); err == nil && n == int64(int32(n)) {
			*number = int(n)
		}
	}
	return l
}

func (l *Lease) numbers() map[string]*int {
	return map[string]*int{
		KeyLockRenewal: &l.Renewal, KeyLeaseTime: &l.LeaseTime,
		KeyIOTimeout: &l.IOTimeout, KeyLeaseRetries: &l.Retries,
	}
}
