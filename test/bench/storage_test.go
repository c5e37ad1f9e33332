// SPDX-License-Identifier: GPL-2.0-or-later

package bench

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"govdsm/client"
	"govdsm/test/hosttest"
)

const blank = "00000000-0000-0000-0000-000000000000"

// dataCentre is a host that manages a pool of local domains, over TLS.
type dataCentre struct {
	tb      testing.TB
	h       *hosttest.Host
	c       *client.Host
	folders []string // of the domains, with the id at the end
	pool    string
	domains []string // the first one is the master
}

func newDataCentre(tb testing.TB, domains int) *dataCentre {
	tb.Helper()
	h := hosttest.Start(tb)
	d := &dataCentre{tb: tb, h: h, c: h.Dial(tb), pool: uuid.NewString()}
	members := map[string]string{}
	for range domains {
		folder, err := filepath.EvalSymlinks(tb.TempDir())
		if err != nil {
			tb.Fatal(err)
		}
		id := uuid.NewString()
		d.call("StoragePool.connectStorageServer", map[string]any{
			"storagepoolID": blank, "domainType": 4,
			"connectionParams": []any{map[string]any{"id": uuid.NewString(), "connection": folder}},
		})
		d.call("StorageDomain.create", map[string]any{
			"storagedomainID": id, "domainType": 4, "typeArgs": folder, "name": "bench", "domainClass": 1, "version": "5", "maxHosts": 250,
		})
		d.domains, d.folders = append(d.domains, id), append(d.folders, filepath.Join(folder, id))
		members[id] = "active"
	}
	pool := map[string]any{
		"storagepoolID": d.pool, "masterSdUUID": d.domains[0], "masterVersion": 1, "name": "pool", "domainList": d.domains,
		"lockRenewalIntervalSec": 5, "leaseTimeSec": 60, "ioOpTimeoutSec": 10, "leaseRetries": 3,
		"hostID": 1, "scsiKey": d.pool, "domainDict": members,
		"prevID": -1, "prevLver": "-1", "enableScsiFencing": "false", "maxHostID": 250, "domVersion": "5",
	}
	d.call("StoragePool.create", pool)
	d.call("StoragePool.connect", pool)
	d.finish(d.call("StoragePool.spmStart", pool))
	return d
}

func (d *dataCentre) call(verb string, params map[string]any) json.RawMessage {
	d.tb.Helper()
	raw, err := d.c.Request(d.tb.Context(), verb, params)
	if err != nil {
		d.tb.Fatalf("%s: %v", verb, err)
	}
	return raw
}

// finish waits until a task has ended well, and clears it.
func (d *dataCentre) finish(id json.RawMessage) {
	d.tb.Helper()
	task := map[string]any{"taskID": strings.Trim(string(id), `"`)}
	for deadline := time.Now().Add(hosttest.Patience); ; time.Sleep(time.Millisecond) {
		var status struct{ TaskState, TaskResult, Message string }
		if err := json.Unmarshal(d.call("Task.getStatus", task), &status); err != nil {
			d.tb.Fatal(err)
		}
		switch {
		case status.TaskResult == "success":
			d.call("Task.clear", task)
			return
		case status.TaskState == "finished" || time.Now().After(deadline):
			d.tb.Fatalf("a task: %+v", status)
		}
	}
}

// volume names a volume of the master, as verbs do.
func (d *dataCentre) volume(image, id string) map[string]any {
	return map[string]any{"storagepoolID": d.pool, "storagedomainID": d.domains[0], "imageID": image, "volumeID": id}
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// writeSynced writes a new file of a few bytes and flushes it.
func writeSynced(tb testing.TB, name string, data []byte) {
	tb.Helper()
	f, err := os.Create(name)
	must(tb, err)
	_, err = f.Write(data)
	must(tb, err)
	must(tb, f.Sync())
	must(tb, f.Close())
}

// syncDir flushes the names in a folder.
func syncDir(tb testing.TB, name string) {
	tb.Helper()
	f, err := os.Open(name)
	must(tb, err)
	must(tb, f.Sync())
	must(tb, f.Close())
}
