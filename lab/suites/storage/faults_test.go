// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"govdsm/api"
)

// faults are of servers. The pool has its master on a server that works, and a
// second domain on an address of its own, so that it can fall silent alone.
func (s *suite) faults(t *testing.T) {
	t.Run("read-only export", s.readOnly)
	t.Run("stale handle", s.stale)
	f := s.faultyCentre(t)
	t.Run("full disk", f.full)
	t.Run("silent during a create", f.silentCreate)
	t.Run("export becomes read-only", f.becomesReadOnly)
	if !t.Failed() {
		f.end(t)
	}
}

// readOnly: an export that cannot be written to is refused, and not mounted.
func (s *suite) readOnly(t *testing.T) {
	s.server.Export(t, "readonly", "ro,sync", 16<<20)
	m := s.one.manager(t)
	m.connect(serverName+":/readonly", api.ErrStorageServerAccessPermission.Number)
	if mounts := m.host.Sh(t, "cat /proc/mounts"); strings.Contains(mounts, "readonly") {
		t.Errorf("it is mounted all the same:\n%s", mounts)
	}
}

// stale: an export is removed and made again under the same name. The host says
// so, can let go of it, and can use the new one.
func (s *suite) stale(t *testing.T) {
	const remote = serverName + ":/stale/data"
	s.server.Export(t, "stale", "rw,sync", 64<<20)
	const remake = "rm -rf /srv/stale/data; install -d -o 36 -g 36 /srv/stale/data"
	s.two.Sh(t, remake)
	m := s.one.manager(t)
	m.connect(remote, 0)
	domain := params{"storagedomainID": m.newDomain(remote)}
	m.call("StorageDomain.getStats", domain)
	s.two.Sh(t, remake)
	m.refused(api.ErrFileStorageDomainStaleNFSHandle, "StorageDomain.getStats", domain)
	m.disconnect(remote)
	if mounts := m.host.Sh(t, "cat /proc/mounts"); strings.Contains(mounts, "stale") {
		t.Errorf("it is mounted still:\n%s", mounts)
	}
	m.connect(remote, 0)
	m.refused(api.ErrStorageDomainDoesNotExist, "StorageDomain.getInfo", domain)
	m.newDomain(remote)
	m.disconnect(remote)
}

// faulty is a pool with a second domain to break.
type faulty struct {
	*suite
	pool, master, domain string
	remote               [2]string
	address              string // of the server of the second domain
}

func (s *suite) faultyCentre(t *testing.T) *faulty {
	f := &faulty{suite: s, pool: uuid.NewString(), address: "10.55.0.200"}
	s.server.Export(t, "good", "rw,sync", 128<<20)
	s.server.Export(t, "bad", "rw,sync", 64<<20)
	s.two.Sh(t, "ip addr add "+f.address+"/24 dev eth0")
	s.two.Cleanup(t, func() { s.two.Sh(t, "ip addr del "+f.address+"/24 dev eth0") })
	f.remote = [2]string{serverName + ":/good", f.address + ":/bad"}
	m := s.one.manager(t)
	var ids []string
	for _, remote := range f.remote {
		m.connect(remote, 0)
		ids = append(ids, m.newDomain(remote))
	}
	f.master, f.domain = ids[0], ids[1]
	p := m.poolOf(f.pool, f.master)
	m.call("StoragePool.create", p)
	m.call("StoragePool.connect", p)
	m.do("StoragePool.spmStart", p)
	m.call("StorageDomain.attach", params{"storagedomainID": f.domain, "storagepoolID": f.pool})
	m.call("StorageDomain.activate", params{"storagedomainID": f.domain, "storagepoolID": f.pool})
	m.call("StoragePool.connect", m.poolOf(f.pool, f.master, f.domain))
	f.well(m)
	return f
}

// well waits until the second domain is in good health.
func (f *faulty) well(m manager) {
	m.Helper()
	m.until("the domain is well", func() bool {
		h := m.health(f.domain)
		return h.Valid && h.Acquired && h.Actual && h.Code == 0
	})
}

func (f *faulty) end(t *testing.T) {
	m := f.one.manager(t)
	m.call("StorageDomain.deactivate", params{"storagedomainID": f.domain, "storagepoolID": f.pool, "masterSdUUID": blank, "masterVersion": 1})
	m.call("StoragePool.destroy", params{"storagepoolID": f.pool, "hostID": m.id, "scsiKey": f.pool})
	for _, remote := range f.remote {
		m.disconnect(remote)
	}
}

// volumes are those of the second domain, as a manager sees them.
func (f *faulty) volumes(m manager) []string {
	m.Helper()
	var all []string
	m.get(&all, "StorageDomain.getVolumes", params{"storagedomainID": f.domain, "storagepoolID": f.pool, "imageID": blank})
	slices.Sort(all)
	return all
}

// failed is the end of a create that failed: undone, with the code, and nothing
// of it to be seen. What is there is well.
func (f *faulty) failed(m manager, end ended, want *api.Code, before []string) {
	m.Helper()
	if end.TaskResult != "cleanSuccess" || end.Code != want.Number {
		m.Errorf("the task: %+v, want cleanSuccess and %d", end, want.Number)
	}
	if after := f.volumes(m); !slices.Equal(before, after) {
		m.Errorf("volumes before: %v, after: %v", before, after)
	}
	m.check(f.domain)
}

// full: the server has no room left.
func (f *faulty) full(t *testing.T) {
	m := f.one.manager(t)
	before := f.volumes(m)
	big := volumeOf(f.pool, f.domain, uuid.NewString(), uuid.NewString()).with("size", fmt.Sprint(128<<20)).with("preallocate", 1)
	f.failed(m, m.finish(m.call("Volume.create", big)), api.ErrVolumeCreation, before)
	m.do("Volume.create", big.with("size", fmt.Sprint(1<<20)))
	m.do("Image.delete", params{"storagepoolID": f.pool, "storagedomainID": f.domain, "imageID": big["imageID"], "postZero": false, "force": false})
}

// silentCreate: the server falls silent when it has half of a new volume. The
// other domain does not notice; when the server answers again all is well, and
// the volume can be made.
func (f *faulty) silentCreate(t *testing.T) {
	m := f.one.manager(t)
	before, pid := f.volumes(m), m.host.Sh(t, "pgrep -o -x vdsmd")
	image := uuid.NewString()
	v := volumeOf(f.pool, f.domain, image, uuid.NewString()).with("size", fmt.Sprint(16<<20)).with("preallocate", 1)
	task := m.call("Volume.create", v)
	f.two.Until(t, time.Minute, "ls /srv/bad/*/images/"+image+"/*")
	f.server.Hang(t, "ip daddr "+f.address)
	m.until("the monitor notices", func() bool { return !m.health(f.domain).Valid || m.health(f.domain).Code != 0 })
	beside := volumeOf(f.pool, f.master, uuid.NewString(), uuid.NewString())
	m.do("Volume.create", beside)
	if h := m.health(f.master); h.Code != 0 || !h.Valid {
		t.Errorf("the other domain: %+v", h)
	}
	f.server.Release(t)
	f.well(m)
	end := m.finish(task)
	t.Logf("the task: %+v", end)
	if after := f.volumes(m); end.TaskResult == "success" != (len(after) == len(before)+1) || len(after) > len(before)+1 {
		t.Errorf("volumes before: %v, after: %v", before, after)
	}
	m.check(f.domain)
	if end.TaskResult != "success" {
		m.do("Volume.create", v)
	}
	m.do("Image.delete", params{"storagepoolID": f.pool, "storagedomainID": f.domain, "imageID": image, "postZero": false, "force": false})
	m.check(f.domain)
	if now := m.host.Sh(t, "pgrep -o -x vdsmd"); now != pid {
		t.Errorf("vdsmd was started again: process %s, then %s", pid, now)
	}
}

// becomesReadOnly: the administrator of the server makes an export read-only
// that is in use, and lets it be written again.
func (f *faulty) becomesReadOnly(t *testing.T) {
	m := f.one.manager(t)
	before := f.volumes(m)
	f.two.Sh(t, `sed -i '/^.bad /s/rw/ro/' /etc/exports; exportfs -ra`)
	v := volumeOf(f.pool, f.domain, uuid.NewString(), uuid.NewString())
	task, err := m.try("Volume.create", v)
	t.Logf("create on a read-only export: %s, %v", task, err)
	if err == nil {
		f.failed(m, m.finish(task), api.ErrStorageDomainAccess, before)
	}
	f.two.Sh(t, `sed -i '/^.bad /s/ro/rw/' /etc/exports; exportfs -ra`)
	f.well(m)
	m.do("Volume.create", v)
	m.do("Image.delete", params{"storagepoolID": f.pool, "storagedomainID": f.domain, "imageID": v["imageID"], "postZero": false, "force": false})
	m.check(f.domain)
}
