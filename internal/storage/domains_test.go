// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/internal/dispatch"
)

// rig is the pillar with one local folder connected.
type rig struct {
	t      *testing.T
	table  *dispatch.Table
	folder string
	*Storage
}

func newRig(t *testing.T) *rig {
	t.Helper()
	top := t.TempDir()
	r := &rig{t: t, table: dispatch.NewTable(dispatch.Checker{}), folder: filepath.Join(top, "data")}
	r.Storage = New(Options{
		Repository: filepath.Join(top, "dc"), OneHost: true, LockDir: filepath.Join(top, "locks"),
		CheckInterval: 20 * time.Millisecond,
	})
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error)
	go func() { ran <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	})
	r.Bind(r.table)
	if err := os.Mkdir(r.folder, 0o755); err != nil {
		t.Fatal(err)
	}
	r.want(`[{"id":"13302f59-4177-4a81-8e58-2e9f4ddfcee4","status":0}]`, "StoragePool.connectStorageServer", map[string]any{
		"storagepoolID": "00000000-0000-0000-0000-000000000000", "domainType": 4,
		"connectionParams": []any{map[string]any{"id": "13302f59-4177-4a81-8e58-2e9f4ddfcee4", "connection": r.folder}},
	})
	return r
}

// call calls a verb as it comes over the wire, and returns its answer as text.
func (r *rig) call(verb string, params map[string]any) (string, error) {
	r.t.Helper()
	handler, err := r.table.Lookup(verb)
	if err != nil {
		r.t.Fatal(err)
	}
	raw, err := json.Marshal(params)
	if err != nil {
		r.t.Fatal(err)
	}
	result, err := r.table.Call(r.t.Context(), handler, raw)
	if err != nil {
		return "", err
	}
	answer, err := json.Marshal(result)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(answer), nil
}

func (r *rig) want(answer, verb string, params map[string]any) {
	r.t.Helper()
	if got, err := r.call(verb, params); err != nil || got != answer {
		r.t.Errorf("%s: %s, %v; want %s", verb, got, err, answer)
	}
}

func (r *rig) refused(code int, text, verb string, params map[string]any) {
	r.t.Helper()
	_, err := r.call(verb, params)
	e, ok := errors.AsType[*api.Error](err)
	if !ok || e.Number != code || !strings.HasPrefix(e.Error(), text) {
		r.t.Errorf("%s: %v; want %d %s", verb, err, code, text)
	}
}

func (r *rig) create(id string, change map[string]any) map[string]any {
	params := map[string]any{
		"storagedomainID": id, "domainType": 4, "typeArgs": r.folder, "name": "flow",
		"domainClass": 1, "version": "5", "maxHosts": 250,
	}
	for k, v := range change {
		params[k] = v
	}
	return params
}

// nothing is what a verb without a result answers here; the wire has true.
const nothing = "true"

// TestDomainAsRecorded is the life of a domain as managers ask for it: calls
// and answers are those of rpc-flow-localfs.json.
func TestDomainAsRecorded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const id = "011fa225-4d3f-427c-85fc-c87f718a0880"
	of := map[string]any{"storagedomainID": id}
	list := map[string]any{
		"storagepoolID": "00000000-0000-0000-0000-000000000000", "domainClass": 1, "storageType": 4, "remotePath": r.folder,
	}
	r.want(`[]`, "Host.getStorageDomains", list)
	r.refused(394, "Domain version `1` is unsupported by this version of VDSM", "StorageDomain.create", r.create(id, map[string]any{"version": "1"}))
	r.want(nothing, "StorageDomain.create", r.create(id, nil))
	r.refused(365, "Storage domain already exists: ('"+id+"',)", "StorageDomain.create", r.create(id, nil))
	r.want(`["`+id+`"]`, "Host.getStorageDomains", list)
	info := `{"uuid":"` + id + `","type":"LOCALFS","class":"Data","name":"flow","role":"Regular","pool":[],"version":"5","block_size":512,"alignment":1048576,"remotePath":"` + r.folder + `"}`
	r.want(info, "StorageDomain.getInfo", of)
	r.want(`{"metadata":`+info+`,"volumes":{}}`, "StorageDomain.dump", map[string]any{"sd_id": id, "full": true})
	r.want(`[]`, "StorageDomain.getImages", of)
	r.want(nothing, "StorageDomain.validate", of)
	stats, err := r.call("StorageDomain.getStats", of)
	if err != nil || !strings.HasPrefix(stats, `{"disktotal":"`) || !strings.HasSuffix(stats, `,"mdavalid":true,"mdathreshold":true,"mdasize":0,"mdafree":0}`) {
		t.Errorf("statistics %s, %v", stats, err)
	}
	r.refused(330, "Cannot get file stats: ('"+id+"',)", "StorageDomain.getFileStats", map[string]any{"storagedomainID": id, "pattern": "*", "caseSensitive": false})
	r.refused(350, "", "StorageDomain.setDescription", map[string]any{"storagedomainID": id, "description": "x"}) // of no pool
	r.want(nothing, "StorageDomain.format", map[string]any{"storagedomainID": id, "autoDetach": false})
	r.refused(358, "Storage domain does not exist: ('"+id+"',)", "StorageDomain.getInfo", of)
}

func TestRefusedDomains(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := uuid.NewString()
	for _, c := range []struct {
		code   int
		change map[string]any
	}{
		{1000, map[string]any{"storagedomainID": "../../etc"}},
		{386, map[string]any{"domainClass": "9"}},
		{372, map[string]any{"domainType": "none"}},
		{1000, map[string]any{"maxHosts": 0}},
		{1000, map[string]any{"blockSize": 17}},
		{360, map[string]any{"typeArgs": "/not/connected"}},
		{390, map[string]any{"domainType": 1}},
		{1000, map[string]any{"name": "a\nROLE=Master"}},
	} {
		r.refused(c.code, "", "StorageDomain.create", r.create(id, c.change))
	}
	if left, err := os.ReadDir(r.folder); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestDiscs lists the files of an ISO domain, some of which nobody may read.
func TestDiscs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := uuid.NewString()
	r.want(nothing, "StorageDomain.create", r.create(id, map[string]any{"domainClass": 2}))
	discs := filepath.Join(r.folder, id, "images/11111111-1111-1111-1111-111111111111")
	if err := os.Mkdir(filepath.Join(discs, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"a.iso": 0o644, "sub/B.ISO": 0o600, "notes.txt": 0o644} {
		if err := os.WriteFile(filepath.Join(discs, name), []byte("12345"), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc", filepath.Join(discs, "planted")); err != nil {
		t.Fatal(err)
	}
	answer, err := r.call("StorageDomain.getFileStats", map[string]any{"storagedomainID": id, "pattern": "*.iso", "caseSensitive": false})
	if err != nil {
		t.Fatal(err)
	}
	var files map[string]struct {
		Size, Ctime string
		Status      int
	}
	if err := json.Unmarshal([]byte(answer), &files); err != nil {
		t.Fatal(err)
	}
	if len(files) != 2 || files["a.iso"].Size != "5" || files["a.iso"].Status != 0 || files["sub/B.ISO"].Status != 469 || !strings.Contains(files["a.iso"].Ctime, ".") {
		t.Errorf("files %s", answer)
	}
}

// TestMonitoredDomain watches a domain whose folder vanishes and comes back.
func TestMonitoredDomain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := uuid.NewString()
	r.want(nothing, "StorageDomain.create", r.create(id, nil))
	watched := map[string]any{"sdUUID": id, "hostID": 3}
	r.refused(1000, "", "Host.startMonitoringDomain", map[string]any{"sdUUID": id, "hostID": 0})
	r.want(nothing, "Host.startMonitoringDomain", watched)
	r.until("valid and acquired", func(v api.StorageDomainVitals) bool {
		return v.Actual && v.Valid && v.Acquired && v.Code == 0 && v.Version == 5
	}, id)
	away := filepath.Join(r.folder, "away")
	if err := os.Rename(filepath.Join(r.folder, id), away); err != nil {
		t.Fatal(err)
	}
	r.until("invalid", func(v api.StorageDomainVitals) bool { return !v.Valid && v.Code != 0 }, id)
	if err := os.Rename(away, filepath.Join(r.folder, id)); err != nil {
		t.Fatal(err)
	}
	r.until("valid again", func(v api.StorageDomainVitals) bool { return v.Valid }, id)
	r.want(nothing, "Host.stopMonitoringDomain", map[string]any{"sdUUID": id})
	r.want(`{}`, "Host.getStorageRepoStats", map[string]any{"domains": []string{}})
}

// until polls the vitals of a domain.
func (r *rig) until(what string, ok func(api.StorageDomainVitals) bool, id string) {
	r.t.Helper()
	var last string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		var err error
		if last, err = r.call("Host.getStorageRepoStats", map[string]any{}); err != nil {
			r.t.Fatal(err)
		}
		var vitals api.StorageDomainVitalsMap
		if err := json.Unmarshal([]byte(last), &vitals); err != nil {
			r.t.Fatal(err)
		}
		if v, there := vitals[api.UUID(id)]; there && ok(v) {
			return
		}
	}
	r.t.Fatalf("not %s: %s", what, last)
}

// TestBrokenDomains spoils metadata and looks who is told.
func TestBrokenDomains(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := uuid.NewString()
	r.want(nothing, "StorageDomain.create", r.create(id, nil))
	file := filepath.Join(r.folder, id, "dom_md/metadata")
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]any{"storagedomainID": id}
	for text, code := range map[string]int{
		strings.Replace(string(good), "DESCRIPTION=flow", "DESCRIPTION=other", 1): 752,
		strings.Replace(string(good), "VERSION=5", "VERSION=9", 1):                752,
		"": 751,
	} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		r.refused(code, "", "StorageDomain.getInfo", of)
	}
	if err := os.WriteFile(file, good, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := r.call("StorageDomain.getInfo", of); err != nil {
		t.Errorf("whole again: %v", err)
	}
}
