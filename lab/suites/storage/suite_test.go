// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"os"
	"sync"
	"testing"

	"govdsm/lab"
	"govdsm/lab/fixture"
)

// suite is what all tests share.
type suite struct {
	one, two *host
	server   *fixture.NFSServer // on two
}

// serverName is that of the NFS server, as in the recording.
const serverName = "server.example"

// TestStorage boots the hosts and runs the suite on them.
func TestStorage(t *testing.T) {
	s := boot(t)
	t.Run("flow", s.flow)
	t.Run("faults", s.faults)
	t.Run("two hosts", s.twoHosts)
}

// all tells whether also that is to run which takes minutes.
func all() bool { return os.Getenv("GOVDSM_STORAGE") == "all" }

// twoHosts is what needs both hosts in one data centre. The power failure comes
// last: the first host stays off.
func (s *suite) twoHosts(t *testing.T) {
	c := s.centre(t, "shared")
	t.Run("races", c.races)
	t.Run("silence", c.silence)
	t.Run("power failure", c.powerFailure)
}

func boot(t testing.TB) *suite {
	t.Helper()
	l := lab.Start(t, lab.Spec{Name: "one"}, lab.Spec{Name: "two"})
	s := &suite{one: &host{Host: l.Host("one"), id: 1}, two: &host{Host: l.Host("two"), id: 2}}
	s.server = fixture.NFS(t, s.two.Host)
	fixture.PKI(t, s.one.Host, s.two.Host)
	var both sync.WaitGroup
	for _, h := range []*host{s.one, s.two} {
		both.Go(func() {
			h.Sh(t, "echo "+s.two.Address+" "+serverName+" >>/etc/hosts")
			prepare(t, h.Host)
			h.address = h.Forward(t, 54321)
		})
	}
	both.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return s
}
