// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"govdsm/test/hosttest"
)

// A folder of the host becomes storage, through the wire and an I/O helper of
// the real daemon; NFS does not, in a sandbox.
func TestConnectStorageServer(t *testing.T) {
	t.Parallel()
	h := hosttest.Shared(t)
	c := h.Dial(t)
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(h.Dir, "rhev", "data-center", "mnt", strings.ReplaceAll(strings.ReplaceAll(folder, "_", "__"), "/", "_"))
	const id = "13302f59-4177-4a81-8e58-2e9f4ddfcee4"
	call := func(verb string, kind int, connection string) int64 {
		t.Helper()
		params := map[string]any{
			"storagepoolID": "00000000-0000-0000-0000-000000000000", "domainType": kind,
			"connectionParams": []any{map[string]any{
				"id": id, "connection": connection, "iqn": "", "port": "", "user": "", "password": "",
			}},
		}
		raw, err := c.Request(t.Context(), "StoragePool."+verb+"StorageServer", params)
		if err != nil {
			t.Fatal(err)
		}
		var statuses []struct {
			ID     string
			Status int64
		}
		if err := json.Unmarshal(raw, &statuses); err != nil || len(statuses) != 1 || statuses[0].ID != id {
			t.Fatalf("%s: %s", verb, raw)
		}
		return statuses[0].Status
	}
	for range 2 {
		if status := call("connect", 4, folder); status != 0 {
			t.Errorf("connecting: %d", status)
		}
		if to, err := os.Readlink(link); err != nil || to != folder {
			t.Errorf("the link leads to %q, %v", to, err)
		}
	}
	if status := call("connect", 4, folder+"/none"); status != 1000 {
		t.Errorf("a folder that is not there: %d", status)
	}
	if status := call("connect", 1, "server:/export"); status == 0 {
		t.Error("a sandbox has mounted something")
	}
	for range 2 {
		if status := call("disconnect", 4, folder); status != 0 {
			t.Errorf("disconnecting: %d", status)
		}
	}
	if _, err := os.Lstat(link); !os.IsNotExist(err) {
		t.Errorf("the link is still there: %v", err)
	}
}
