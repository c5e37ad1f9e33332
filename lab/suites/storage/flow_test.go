// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"testing"

	"govdsm/test/replay"
)

// flow replays the life of a data centre on NFS, as a manager leads it and as
// the original answered, with two versions of the protocol. In the middle, when
// there are chains and leases, what is on disk is looked at from the server.
func (s *suite) flow(t *testing.T) {
	s.server.Export(t, "export/data_1", "rw,sync", 512<<20)
	for _, version := range []string{"auto", "3"} {
		t.Run("version "+version, func(t *testing.T) {
			m := s.one.manager(t)
			r := replay.Open(t, m.c, "testdata/rpc-flow-nfs.json",
				`"protocol_version": "auto"`, `"protocol_version": "`+version+`"`)
			r.Play("delete copy")
			m.check("086074de-66a2-4562-a966-e41df55fb626")
			t.Log(s.two.Sh(t, "mount | grep nfs; cd /srv/export/data_1; find . | xargs ls -ldn; cat */dom_md/metadata */images/*/*.meta"))
			t.Log(s.one.Sh(t, "mount | grep nfs"))
			r.Play("")
			r.Log()
		})
	}
}
