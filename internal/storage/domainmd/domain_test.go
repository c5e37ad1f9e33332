// SPDX-License-Identifier: GPL-2.0-or-later

package domainmd

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"govdsm/api"
)

func TestDomainOfBadValues(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Metadata)
		code   *api.Code
	}{
		"no version":              {func(m *Metadata) { m.Remove(KeyVersion) }, api.ErrInvalidMetadata},
		"no id":                   {func(m *Metadata) { m.Remove(KeyID) }, api.ErrInvalidMetadata},
		"no type":                 {func(m *Metadata) { m.Remove(KeyType) }, api.ErrInvalidMetadata},
		"no class":                {func(m *Metadata) { m.Remove(KeyClass) }, api.ErrInvalidMetadata},
		"no pools":                {func(m *Metadata) { m.Remove(KeyPools) }, api.ErrInvalidMetadata},
		"version 1":               {func(m *Metadata) { m.SetVersion(1) }, api.ErrUnsupportedDomainVersion},
		"version 6":               {func(m *Metadata) { m.SetVersion(6) }, api.ErrUnsupportedDomainVersion},
		"version x":               {func(m *Metadata) { m.Set(KeyVersion, "x") }, api.ErrUnsupportedDomainVersion},
		"block 0":                 {func(m *Metadata) { m.SetVersion(0); m.Set(KeyType, "FCP") }, api.ErrUnsupportedDomainVersion},
		"type as number":          {func(m *Metadata) { m.Set(KeyType, "1") }, api.ErrMetaDataValidation},
		"unknown type":            {func(m *Metadata) { m.Set(KeyType, "TAPE") }, api.ErrMetaDataValidation},
		"class in lower case":     {func(m *Metadata) { m.Set(KeyClass, "data") }, api.ErrMetaDataValidation},
		"alignment x":             {func(m *Metadata) { m.Set(KeyAlignment, "x") }, api.ErrMetaDataValidation},
		"alignment 3 MiB":         {func(m *Metadata) { m.Set(KeyAlignment, "3145728") }, api.ErrMetaDataValidation},
		"block size 1":            {func(m *Metadata) { m.Set(KeyBlockSize, "1") }, api.ErrMetaDataValidation},
		"version 4, 2 MiB":        {func(m *Metadata) { m.SetVersion(4); m.Set(KeyAlignment, "2097152") }, api.ErrMetaDataValidation},
		"version 4, 4096 bytes":   {func(m *Metadata) { m.SetVersion(4); m.Set(KeyBlockSize, "4096") }, api.ErrMetaDataValidation},
		"device without its size": {func(m *Metadata) { m.Set("PV0", "pv:a,uuid:b,pestart:0,mapoffset:0") }, api.ErrMetaDataValidation},
		"device of words":         {func(m *Metadata) { m.Set("PV0", "a,b") }, api.ErrMetaDataValidation},
	} {
		m := New(example())
		c.change(&m)
		if d, err := m.Domain(); !errors.Is(err, c.code) {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
	if _, err := (Metadata{}).Domain(); !errors.Is(err, api.ErrInvalidMetadata) {
		t.Error(err)
	}
}

func TestDefaults(t *testing.T) {
	m := New(example())
	m.Remove(KeyAlignment)
	m.Remove(KeyBlockSize)
	m.Remove(KeyLockPolicy)
	m.Remove(KeyLeaseTime)
	m.Set(KeyLeaseRetries, "many")
	m.Set(KeyIOTimeout, " 12 ")
	m.Set(KeyType, "nfs")
	m.Set(KeyRole, "MASTER")
	m.Set(KeyPools, blankID+",1e2feb89-414c-443c-9027-c4d1c386bbc4")
	d, err := m.Domain()
	if err != nil {
		t.Fatal(err)
	}
	want := Lease{Renewal: 5, LeaseTime: 60, IOTimeout: 12, Retries: 3}
	if d.Alignment != mib || d.BlockSize != 512 || d.Lease != want || d.Type != NFS || !d.Role.IsMaster() {
		t.Errorf("%+v", d)
	}
	if !slices.Equal(d.Pools, []string{"1e2feb89-414c-443c-9027-c4d1c386bbc4"}) {
		t.Error(d.Pools)
	}
}

func TestPoolOfBadValues(t *testing.T) {
	for value, want := range map[string][]PoolDomain{
		"":                        nil,
		"'a':'active','b':'x'":    nil,
		"'a':'ACTIVE',b:attached": {{"a", StatusActive}, {"b", StatusAttached}},
		"a:Inactive":              {{"a", StatusAttached}},
		"a:Active,a:Attached":     {{"a", StatusAttached}},
	} {
		m := New(example())
		m.SetPool(NewPool("p", "a", 1))
		m.Set(KeyPoolDomains, value)
		p, err := m.Pool()
		if (err != nil) != (want == nil && value != "") || err == nil && !reflect.DeepEqual(p.Domains, want) {
			t.Errorf("%q: %+v, %v", value, p, err)
		}
	}
	for _, value := range []string{"a", "a:b:c", ","} {
		m := New(example())
		m.SetPool(NewPool("p", "a", 1))
		m.Set(KeyPoolDomains, value)
		if p, err := m.Pool(); !errors.Is(err, api.ErrMetaDataValidation) {
			t.Errorf("%q: %+v, %v", value, p, err)
		}
	}
	m := New(example())
	if _, err := m.Pool(); !errors.Is(err, api.ErrInvalidMetadata) || m.HasPool() {
		t.Error(err)
	}
}

func TestPoolMembers(t *testing.T) {
	p := NewPool("p", "a", 1)
	before := p
	p.SetStatus("b", StatusAttached)
	p.SetStatus("a", StatusAttached)
	if s, _ := before.Status("a"); s != StatusActive || len(before.Domains) != 1 {
		t.Error("a copy changed:", before)
	}
	if got := FormatDomains(p.Domains); got != "a:Attached,b:Attached" {
		t.Error(got)
	}
	p.RemoveDomain("a")
	if _, ok := p.Status("a"); ok || len(p.Domains) != 1 {
		t.Error(p)
	}
}

func TestPoolLease(t *testing.T) {
	m := New(example())
	m.SetPoolLease(5, 60, 10, 4)
	if d, err := m.Domain(); err != nil || d.Lease != (Lease{"", 5, 60, 10, 4}) {
		t.Error(d.Lease, err)
	}
	m.SetPoolLease(5, 60, 10, 0)
	if d, err := m.Domain(); err != nil || d.Lease != (Lease{"ON", 5, 60, 10, 3}) {
		t.Error(d.Lease, err)
	}
}

// The step to version 5 is one change of the metadata.
func TestUpgrade(t *testing.T) {
	block := example()
	block.Type, block.Version, block.RemotePath = ISCSI, Version4, ""
	block.VGUUID, block.PVs = "vg", []PV{{0, "a", "b", 10, 0}}
	m := New(block)
	m.Upgrade(Version5)
	want := block
	want.Version = Version5
	if got := New(want); !m.Equal(got) {
		t.Errorf("%v\nwant\n%v", m, got)
	}
	old := example()
	old.Version = Version0
	m = New(old)
	m.Upgrade(Version3)
	if v, _ := m.Get(KeyVersion); v != "3" || slices.Contains(m.Keys(), KeyAlignment) {
		t.Error(m)
	}
}

func TestKinds(t *testing.T) {
	for in, want := range map[string]Type{"NFS": NFS, "nfs": NFS, "1": NFS, "7": GlusterFS, "Posixfs": PosixFS} {
		if got, err := ParseType(in); err != nil || got != want {
			t.Error(in, got, err)
		}
	}
	if _, err := ParseType("8"); !errors.Is(err, api.ErrStorageDomainType) {
		t.Error(err)
	}
	if _, err := ParseClass("iso"); !errors.Is(err, api.ErrStorageDomainClass) {
		t.Error(err)
	}
	if _, err := ParseStatus("gone"); !errors.Is(err, api.ErrStorageDomainStatus) {
		t.Error(err)
	}
	if Type(9).String() != "Type(9)" || Class(0).String() != "Class(0)" {
		t.Error(Type(9), Class(0))
	}
	if Version(0).Known(ISCSI) || !Version(2).Known(ISCSI) || Version(1).Known(NFS) {
		t.Error("versions")
	}
}
