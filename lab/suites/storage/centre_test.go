// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"strings"
	"testing"

	"github.com/google/uuid"
)

// blank is the id of nothing.
const blank = "00000000-0000-0000-0000-000000000000"

// centre is a data centre whose one domain, on NFS, both hosts use.
type centre struct {
	*suite
	pool, domain, remote string
}

// connection is what a manager sends of a server. A dead one is noticed after
// six seconds, not after a minute. Of a server with several addresses the kernel
// uses one only, unless the version differs: for those that are no name it does.
func connection(remote string) params {
	version := "4.2"
	if !strings.HasPrefix(remote, serverName) {
		version = "4.1"
	}
	return params{
		"storagepoolID": blank, "domainType": 1,
		"connectionParams": []params{{"id": uuid.NewString(), "connection": remote, "protocol_version": version, "timeout": 20, "retrans": 1}},
	}
}

// connect connects a server, and expects the status.
func (m manager) connect(remote string, status int) {
	m.Helper()
	m.connections("StoragePool.connectStorageServer", remote, status)
}

func (m manager) disconnect(remote string) {
	m.Helper()
	m.connections("StoragePool.disconnectStorageServer", remote, 0)
}

func (m manager) connections(verb, remote string, status int) {
	m.Helper()
	var statuses []struct{ Status int }
	if m.get(&statuses, verb, connection(remote)); len(statuses) != 1 || statuses[0].Status != status {
		m.Errorf("%s %s: %v, want status %d", verb, remote, statuses, status)
	}
}

// newDomain makes a domain on a server that is connected.
func (m manager) newDomain(remote string) string {
	m.Helper()
	id := uuid.NewString()
	m.call("StorageDomain.create", params{
		"storagedomainID": id, "domainType": 1, "typeArgs": remote, "name": "suite", "domainClass": 1, "version": "5", "maxHosts": 250,
	})
	return id
}

// poolOf are the parameters of calls that are about a pool, on this host.
func (m manager) poolOf(pool string, master string, domains ...string) params {
	active := map[string]string{}
	for _, d := range append(domains, master) {
		active[d] = "active"
	}
	return params{
		"storagepoolID": pool, "name": "pool", "masterSdUUID": master, "masterVersion": 1, "domainList": append([]string{master}, domains...),
		"lockRenewalIntervalSec": 5, "leaseTimeSec": 60, "ioOpTimeoutSec": 10, "leaseRetries": 3,
		"hostID": m.id, "scsiKey": pool, "domainDict": active,
		"prevID": -1, "prevLver": "-1", "enableScsiFencing": "false", "maxHostID": 250, "domVersion": "5",
	}
}

// volumeOf names a volume as verbs do. A new one would be raw and sparse.
func volumeOf(pool, domain, image, volume string) params {
	return params{
		"storagepoolID": pool, "storagedomainID": domain, "imageID": image, "volumeID": volume,
		"size": "1048576", "volFormat": 5, "preallocate": 2, "diskType": "DATA", "desc": "", "srcImgUUID": blank, "srcVolUUID": blank,
	}
}

// centre makes a data centre, to which both hosts are connected.
func (s *suite) centre(t testing.TB, name string) *centre {
	t.Helper()
	s.server.Export(t, name, "rw,sync", 256<<20)
	c := &centre{suite: s, pool: uuid.NewString(), remote: serverName + ":/" + name}
	one := s.one.manager(t)
	one.connect(c.remote, 0)
	c.domain = one.newDomain(c.remote)
	one.call("StoragePool.create", one.poolOf(c.pool, c.domain))
	for _, h := range []*host{s.one, s.two} {
		c.join(h.manager(t))
	}
	return c
}

// join connects a host to the data centre and waits for its host id.
func (c *centre) join(m manager) {
	m.Helper()
	m.connect(c.remote, 0)
	m.call("StoragePool.connect", m.poolOf(c.pool, c.domain))
	m.until("the host id", func() bool { return m.health(c.domain).Acquired })
}

// health is what a manager hears of a domain.
type health struct {
	Code                    int
	Valid, Acquired, Actual bool
}

func (m manager) health(domain string) health {
	m.Helper()
	var all map[string]health
	m.get(&all, "Host.getStorageRepoStats", params{"domains": []string{domain}})
	return all[domain]
}

// spm is who manages a pool, as a host sees it.
type spm struct {
	SpmStatus string
	SpmID     int `json:"spmId"`
	SpmLver   int
}

func (m manager) spm(pool string) spm {
	m.Helper()
	var s spm
	m.get(&s, "StoragePool.getSpmStatus", params{"storagepoolID": pool})
	return s
}
