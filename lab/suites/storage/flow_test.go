// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govdsm/test/replay"
)

// flowDomain is the domain of the recording.
const flowDomain = "086074de-66a2-4562-a966-e41df55fb626"

// flow replays the life of a data centre on NFS, as a manager leads it and as
// the original answered. In the middle, when there are chains and leases, what
// is on disk is looked at from the server, and leases as sanlock sees them.
func (s *suite) flow(t *testing.T) {
	s.server.Export(t, "export/data_1", "rw,sync", 512<<20)
	t.Run("version 4", func(t *testing.T) { s.replay(t, s.one) })
	t.Run("version 3", func(t *testing.T) {
		if !all() {
			t.Skip("takes another minute: set GOVDSM_STORAGE=all")
		}
		// Another host, since jobs of the recording are known to the first one.
		// Without a way to ask for holes qemu-img counts all of a raw image.
		s.replay(t, s.two, `"protocol_version": "auto"`, `"protocol_version": "3"`, `"required": 393216`, `"required": 33882112`)
	})
}

func (s *suite) replay(t *testing.T, h *host, replace ...string) {
	m := h.manager(t)
	r := replay.Open(t, m.c, "testdata/rpc-flow-nfs.json", replace...)
	r.Play("delete copy")
	m.check(flowDomain)
	s.golden(t, h)
	r.Play("")
	r.Log()
	if left := s.two.Sh(t, "ls -A /srv/export/data_1"); left != "" {
		t.Errorf("left on the server: %s", left)
	}
}

// looks are what is looked at on the server: names, modes, owners and sizes, but
// for sizes of qcow2, which are qemu's; text, but for the day; the index of leases.
const looks = `cd /srv/export/data_1/%s
find . -printf '%%P %%y %%m %%u:%%g %%s\n' | sort | sed -E '/ d /s/ [0-9]+$//; \,/(f0dc69b3|02374613)[-0-9a-f]* f,s/ [0-9]+$//'
for f in dom_md/metadata images/*/*.meta; do echo "== $f"; sed -E 's/^CTIME=[0-9]{10}$/CTIME=now/' $f; done
echo "== index"
dd if=dom_md/xleases bs=1 skip=1048576 count=72 status=none | tr '\0' . | sed -E 's/[0-9]{10}/now/' | od -An -c
dd if=dom_md/xleases bs=1 skip=$((1048576 + 512)) count=128 status=none | tr '\0' .`

// dump shows the records of leases, read by sanlock on a host, but for its clock.
const dump = `cd /rhev/data-center/mnt/%s:_export_data__1/%s
for f in dom_md/leases:1048576 dom_md/xleases:3145728 images/*/*.lease; do
	echo "== $f"; runuser -u vdsm -- sanlock direct dump $f | awk 'NR > 1 { $4 = $4 > 0 ? "held" : "free" } { $1 = $1; print }'
done`

// golden compares what is on disk with what it should be. UPDATE=1 writes that
// anew: it is to be compared with the contract then.
func (s *suite) golden(t *testing.T, h *host) {
	t.Helper()
	const file = "testdata/data_1.golden"
	got := s.two.Sh(t, fmt.Sprintf(looks, flowDomain)) + "\n" + h.Sh(t, fmt.Sprintf(dump, serverName, flowDomain)) + "\n"
	if os.Getenv("UPDATE") == "1" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("on disk (-want +got):\n%s", diff)
	}
}
