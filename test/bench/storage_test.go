// SPDX-License-Identifier: GPL-2.0-or-later

package bench

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

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
	}
	d.manager().StartPool(d.pool, d.domains...)
	return d
}

func (d *dataCentre) manager() hosttest.Manager { return hosttest.Manager{TB: d.tb, Host: d.c} }

func (d *dataCentre) call(verb string, params map[string]any) json.RawMessage {
	d.tb.Helper()
	return d.manager().Call(verb, params)
}

// finish waits until a task has ended well, and clears it.
func (d *dataCentre) finish(id json.RawMessage) {
	d.tb.Helper()
	d.manager().Finish(id)
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
