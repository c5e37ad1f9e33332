// SPDX-License-Identifier: GPL-2.0-or-later

package domainmd

import (
	"strconv"
	"strings"
)

// SetVersion writes the format.
func (m *Metadata) SetVersion(v Version) { m.setInt(KeyVersion, int64(v)) }

// SetDescription writes the description.
func (m *Metadata) SetDescription(text string) { m.Set(KeyDescription, text) }

// SetRole writes the role.
func (m *Metadata) SetRole(r Role) { m.Set(KeyRole, string(r)) }

// SetPools writes the pools that the domain is attached to.
func (m *Metadata) SetPools(ids []string) { m.Set(KeyPools, strings.Join(ids, ",")) }

// SetLease writes the numbers of the lease. The policy stays as it is.
func (m *Metadata) SetLease(l Lease) {
	for key, number := range l.numbers() {
		m.setInt(key, int64(*number))
	}
}

// SetPoolLease writes the lease that the manager asks for when it makes a pool
// or moves its master. One number that is zero means the defaults, and only
// they carry the policy "ON": the original has always done so.
func (m *Metadata) SetPoolLease(renewal, leaseTime, ioTimeout, retries int) {
	if renewal != 0 && leaseTime != 0 && ioTimeout != 0 && retries != 0 {
		m.SetLease(Lease{Renewal: renewal, LeaseTime: leaseTime, IOTimeout: ioTimeout, Retries: retries})
		return
	}
	m.SetLease(DefaultLease())
	m.Set(KeyLockPolicy, "ON")
}

// Upgrade writes another format with the keys that belong to it. What else a
// format means for a domain (its volumes, its leases) is the caller's.
func (m *Metadata) Upgrade(to Version) {
	m.SetVersion(to)
	if to < Version5 {
		return
	}
	m.setGeometry(mib, 512)
	m.Remove(KeyLogicalBlockSize)
	m.Remove(KeyPhysicalBlockSize)
}

func (m *Metadata) setGeometry(alignment, blockSize int64) {
	m.setInt(KeyAlignment, alignment)
	m.setInt(KeyBlockSize, blockSize)
}

func (m *Metadata) setInt(key string, n int64) { m.Set(key, strconv.FormatInt(n, 10)) }
