// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"govdsm/internal/storage/domainmd"
	"govdsm/test/hosttest"
	"govdsm/test/replay"
)

// TestStorageFlow replays the life of a local data centre, as a manager leads
// it and as the original answered: every call, every error.
func TestStorageFlow(t *testing.T) {
	t.Parallel()
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := hosttest.Start(t)
	r := replay.Open(t, h.Dial(t), "testdata/rpc-flow-localfs.json", "/data/domain1", folder)
	r.Play("")
	r.Log()
}

// makeDomain makes a local domain in a folder.
func makeDomain(t testing.TB, folder, id string) {
	t.Helper()
	m := domainmd.New(domainmd.Domain{
		Version: domainmd.Version5, ID: id, Type: domainmd.LocalFS, Class: domainmd.Data, Description: "flow",
		Role: domainmd.Regular, Lease: domainmd.DefaultLease(), RemotePath: folder, Alignment: 1 << 20, BlockSize: 512,
	})
	text, err := m.File()
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"dom_md", "images"} {
		if err := os.MkdirAll(filepath.Join(folder, id, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range map[string][]byte{"metadata": text, "ids": nil, "leases": nil, "inbox": nil, "outbox": nil} {
		if err := os.WriteFile(filepath.Join(folder, id, "dom_md", name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
