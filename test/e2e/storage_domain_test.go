// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"govdsm/test/hosttest"
)

// A domain lives through the wire: it is made on a folder, described, watched,
// reported in the host's statistics and capabilities, and removed.
func TestStorageDomain(t *testing.T) {
	t.Parallel()
	h := hosttest.Shared(t)
	c := h.Dial(t)
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const id = "011fa225-4d3f-427c-85fc-c87f718a0880"
	call := func(verb string, params map[string]any) string {
		t.Helper()
		raw, err := c.Request(t.Context(), verb, params)
		if err != nil {
			t.Fatalf("%s: %v", verb, err)
		}
		return string(raw)
	}
	connection := map[string]any{
		"storagepoolID": "00000000-0000-0000-0000-000000000000", "domainType": 4,
		"connectionParams": []any{map[string]any{"id": "13302f59-4177-4a81-8e58-2e9f4ddfcee4", "connection": folder}},
	}
	call("StoragePool.connectStorageServer", connection)
	create := map[string]any{
		"storagedomainID": id, "domainType": 4, "typeArgs": folder, "name": "flow", "domainClass": 1, "version": "5", "maxHosts": 250,
	}
	if got := call("StorageDomain.create", create); got != "true" {
		t.Errorf("creating answers %s", got)
	}
	_, err = c.Request(t.Context(), "StorageDomain.create", create)
	wantCode(t, "creating it again", err, 365)
	of := map[string]any{"storagedomainID": id}
	if got := call("StorageDomain.getInfo", of); !strings.Contains(got, `"pool":[]`) || !strings.Contains(got, `"version":"5"`) || !strings.Contains(got, folder) {
		t.Errorf("info %s", got)
	}
	call("Host.startMonitoringDomain", map[string]any{"sdUUID": id, "hostID": 1})
	var vitals struct{ Valid, Acquired, Actual bool }
	for deadline := time.Now().Add(time.Minute); !vitals.Acquired && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var stats struct {
			StorageDomains map[string]json.RawMessage `json:"storageDomains"`
		}
		if err := json.Unmarshal([]byte(call("Host.getStats", nil)), &stats); err != nil {
			t.Fatal(err)
		}
		if raw := stats.StorageDomains[id]; raw != nil {
			if err := json.Unmarshal(raw, &vitals); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !vitals.Valid || !vitals.Acquired || !vitals.Actual {
		t.Errorf("the domain is %+v after a minute", vitals)
	}
	capabilities := call("Host.getCapabilities", nil)
	for _, want := range []string{`"domain_versions":[0,2,3,4,5]`, `"LOCALFS":[0,512,4096]`, `"storage_locks_this_host_only"`} {
		if !strings.Contains(capabilities, want) {
			t.Errorf("the capabilities have no %s", want)
		}
	}
	call("Host.stopMonitoringDomain", map[string]any{"sdUUID": id})
	call("StorageDomain.format", map[string]any{"storagedomainID": id, "autoDetach": false})
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	_, err = c.Request(t.Context(), "StorageDomain.getInfo", of)
	wantCode(t, "the domain that is gone", err, 358)
	call("StoragePool.disconnectStorageServer", connection)
}
