// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"testing"
	"time"

	"govdsm/api"
)

// expiry is how long sanlock keeps the leases of a host that is not heard: the
// time in which it may not reach them, and that of its watchdog.
const expiry = (8*ioTimeout + 60) * time.Second

// takeOver makes the second host the SPM as soon as it can be, and says how long
// that took. Until then it is refused.
func (c *centre) takeOver(m manager) time.Duration {
	m.Helper()
	began := time.Now()
	for {
		end := m.finish(m.call("StoragePool.spmStart", m.poolOf(c.pool, c.domain)))
		took := time.Since(began)
		switch {
		case end.TaskResult == "success":
			if s := m.spm(c.pool); s.SpmStatus != "SPM" || s.SpmID != m.id {
				m.Errorf("the new SPM says %+v", s)
			}
			return took
		case end.Code != api.ErrAcquireLockFailure.Number:
			m.Fatalf("%+v", end)
		case took > expiry+patience:
			m.Fatalf("not SPM after %v: %+v", took, end)
		}
		time.Sleep(time.Second)
	}
}

// silence: the server does not answer the SPM for longer than its lease lasts.
// sanlock ends vdsmd, which comes up again without a pool, the host stays, and the
// other host becomes SPM if it is to.
func (c *centre) silence(t *testing.T) {
	one, two := c.one.manager(t), c.two.manager(t)
	one.do("StoragePool.spmStart", one.poolOf(c.pool, c.domain))
	const pid = "pgrep -o -x vdsmd"
	before := one.host.Sh(t, pid)
	c.server.Hang(t, "ip saddr "+one.Address)
	began := time.Now()
	one.host.Until(t, patience, "p=$("+pid+") && [ $p != "+before+" ]")
	t.Logf("vdsmd was ended and is up again %v after the server fell silent", time.Since(began).Round(time.Second))
	if s := two.spm(c.pool); s.SpmStatus == "SPM" {
		t.Errorf("the other host is %+v unasked", s)
	}
	if all() {
		took := c.takeOver(two)
		t.Logf("the other host is SPM %v after the server fell silent, having tried for %v", time.Since(began).Round(time.Second), took.Round(time.Second))
	}
	c.server.Release(t)
	one = c.one.manager(t)
	var pools []string
	if one.get(&pools, "Host.getConnectedStoragePools", nil); len(pools) > 0 {
		t.Errorf("vdsmd is in pools %v after it was ended", pools)
	}
	c.join(one)
	if s := one.spm(c.pool); s.SpmStatus != "Free" || all() && s.SpmID != two.id {
		t.Errorf("the former SPM says %+v", s)
	}
	two.call("StoragePool.spmStop", params{"storagepoolID": c.pool})
	one.check(c.domain)
}

// powerFailure: the SPM loses its power. The other host is refused the role
// while the lease may be held, and has it after that.
func (c *centre) powerFailure(t *testing.T) {
	one, two := c.one.manager(t), c.two.manager(t)
	one.do("StoragePool.spmStart", one.poolOf(c.pool, c.domain))
	c.one.PowerOff()
	began := time.Now()
	if s := two.spm(c.pool); s.SpmID != c.one.id {
		t.Errorf("right after the power failure: %+v", s)
	}
	c.takeOver(two)
	took := time.Since(began)
	t.Logf("the other host is SPM %v after the power failure", took.Round(time.Second))
	if took < expiry-8*ioTimeout*time.Second {
		t.Errorf("the other host is SPM after %v, while the watchdog may not have fired", took)
	}
	two.call("StoragePool.spmStop", params{"storagepoolID": c.pool})
	two.check(c.domain)
}
