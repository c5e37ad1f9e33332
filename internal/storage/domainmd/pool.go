// SPDX-License-Identifier: GPL-2.0-or-later

package domainmd

import (
	"slices"
	"strings"

	"govdsm/internal/storage/pytext"
)

// Pool is what the master domain keeps about its pool. A domain that was
// master once may still have it, with version 0.
type Pool struct {
	MasterVersion int64
	Description   string
	Domains       []PoolDomain // in the order in which they were added
	SPMID         int64        // number of the host that manages the pool; -1 for none
	SPMLver       int64        // counts its managers; -1 before the first
}

// PoolDomain is one domain of a pool.
type PoolDomain struct {
	ID     string
	Status Status
}

// NewPool is the pool that is made on its master.
func NewPool(description, master string, version int64) Pool {
	return Pool{
		MasterVersion: version, Description: description,
		Domains: []PoolDomain{{master, StatusActive}},
		SPMID:   -1, SPMLver: -1,
	}
}

// Status returns how a domain stands to the pool, and false when it is no
// member.
func (p Pool) Status(domain string) (Status, bool) {
	for _, d := range p.Domains {
		if d.ID == domain {
			return d.Status, true
		}
	}
	return "", false
}

// SetStatus changes how a domain stands to the pool. A new member comes last.
func (p *Pool) SetStatus(domain string, s Status) {
	p.Domains = slices.Clone(p.Domains) // a copy of the pool does not change with it
	for i := range p.Domains {
		if p.Domains[i].ID == domain {
			p.Domains[i].Status = s
			return
		}
	}
	p.Domains = append(p.Domains, PoolDomain{domain, s})
}

// RemoveDomain removes a member.
func (p *Pool) RemoveDomain(domain string) {
	p.Domains = slices.DeleteFunc(slices.Clone(p.Domains), func(d PoolDomain) bool { return d.ID == domain })
}

// FormatDomains writes members as in metadata and replies: "id:Status,…".
func FormatDomains(domains []PoolDomain) string {
	items := make([]string, len(domains))
	for i, d := range domains {
		items[i] = d.ID + ":" + string(d.Status)
	}
	return strings.Join(items, ",")
}

// HasPool says whether the domain keeps a pool, of whatever version.
func (m Metadata) HasPool() bool {
	_, ok := m.Get(KeyMasterVersion)
	return ok
}

// Pool reads what the master keeps about the pool. A key that is missing is
// [api.ErrInvalidMetadata], a value that cannot be [api.ErrMetaDataValidation].
func (m Metadata) Pool() (Pool, error) {
	r := reading{m: m}
	p := Pool{
		MasterVersion: parsed(&r, KeyMasterVersion, pytext.Int64),
		Description:   r.text(KeyPoolDescription),
		Domains:       parsed(&r, KeyPoolDomains, parseDomains),
		SPMID:         parsed(&r, KeyPoolSPMID, pytext.Int64),
		SPMLver:       parsed(&r, KeyPoolSPMLver, pytext.Int64),
	}
	if r.err != nil {
		return Pool{}, r.err
	}
	return p, nil
}

// SetPool writes what the master keeps about the pool.
func (m *Metadata) SetPool(p Pool) {
	m.setInt(KeyMasterVersion, p.MasterVersion)
	m.Set(KeyPoolDescription, p.Description)
	m.Set(KeyPoolDomains, FormatDomains(p.Domains))
	m.setInt(KeyPoolSPMID, p.SPMID)
	m.setInt(KeyPoolSPMLver, p.SPMLver)
}

// parseDomains reads members. Old hosts put quotes around both parts. Of a
// member that is there twice, the later status counts.
func parseDomains(s string) ([]PoolDomain, error) {
	var p Pool
	if s == "" {
		return nil, nil
	}
	for item := range strings.SplitSeq(s, ",") {
		id, status, ok := strings.Cut(item, ":")
		if !ok || strings.Contains(status, ":") {
			return nil, invalid(KeyPoolDomains, item)
		}
		known, err := ParseStatus(strings.Trim(status, "'"))
		if err != nil {
			return nil, err
		}
		p.SetStatus(strings.Trim(id, "'"), known)
	}
	return p.Domains, nil
}
