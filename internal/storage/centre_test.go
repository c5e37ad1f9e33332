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

const blank = "00000000-0000-0000-0000-000000000000"

// patience is far more than any call here needs: what takes longer hangs.
const patience = time.Minute

// centre is a pool of one local domain that this process manages, called as
// clients do.
type centre struct {
	t            *testing.T
	s            *Storage
	table        *dispatch.Table
	top          string // everything is below it
	pool, domain string
	dir          string // of the domain
}

func newCentre(t *testing.T) *centre {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	folder := filepath.Join(top, "data")
	must(t, os.Mkdir(folder, 0o755))
	c := &centre{
		t: t, top: top, pool: uuid.NewString(), domain: uuid.NewString(), table: dispatch.NewTable(dispatch.Checker{}),
		s: New(Options{Repository: filepath.Join(top, "dc"), Run: filepath.Join(top, "run"), LockDir: filepath.Join(top, "lock"), OneHost: true}),
	}
	c.dir = filepath.Join(folder, c.domain)
	c.s.Bind(c.table)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ran := make(chan error)
	go func() { ran <- c.s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	})
	c.must("StoragePool.connectStorageServer", map[string]any{
		"storagepoolID": blank, "domainType": 4,
		"connectionParams": []any{map[string]any{"id": uuid.NewString(), "connection": folder}},
	})
	c.must("StorageDomain.create", map[string]any{
		"storagedomainID": c.domain, "domainType": 4, "typeArgs": folder, "name": "d", "domainClass": 1, "version": "5", "maxHosts": 250,
	})
	pool := map[string]any{
		"storagepoolID": c.pool, "masterSdUUID": c.domain, "masterVersion": 1, "name": "p", "domainList": []string{c.domain},
		"lockRenewalIntervalSec": 5, "leaseTimeSec": 60, "ioOpTimeoutSec": 10, "leaseRetries": 3,
		"hostID": 1, "scsiKey": c.pool, "domainDict": map[string]string{c.domain: "active"},
		"prevID": -1, "prevLver": "-1", "enableScsiFencing": "false", "maxHostID": 250, "domVersion": "5",
	}
	c.must("StoragePool.create", pool)
	c.must("StoragePool.connect", pool)
	must(t, c.end(c.must("StoragePool.spmStart", pool)))
	return c
}

// call calls a verb. An answer that does not come in time fails the test.
func (c *centre) call(verb string, params map[string]any) (string, error) {
	c.t.Helper()
	h, err := c.table.Lookup(verb)
	must(c.t, err)
	text, err := json.Marshal(params)
	must(c.t, err)
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	result, err := c.table.Call(ctx, h, text)
	if ctx.Err() != nil {
		c.t.Fatalf("%s hangs: %v", verb, err)
	}
	if err != nil {
		return "", err
	}
	answer, err := json.Marshal(result)
	must(c.t, err)
	return string(answer), nil
}

func (c *centre) must(verb string, params map[string]any) string {
	c.t.Helper()
	answer, err := c.call(verb, params)
	if err != nil {
		c.t.Fatalf("%s: %v", verb, err)
	}
	return answer
}

// end waits until a task has ended, clears it, and returns how it failed.
func (c *centre) end(id string) error {
	c.t.Helper()
	params := map[string]any{"taskID": strings.Trim(id, `"`)}
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		var status api.TaskStatus
		must(c.t, json.Unmarshal([]byte(c.must("Task.getStatus", params)), &status))
		if status.TaskState == api.TaskStateFinished {
			c.must("Task.clear", params)
			if status.TaskResult != api.TaskResultSuccess {
				return errors.New(status.Message)
			}
			return nil
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("a task does not end: %+v", status)
		}
	}
}

// run calls a verb and waits for its task, if it began one.
func (c *centre) run(verb string, params map[string]any) (string, error) {
	c.t.Helper()
	answer, err := c.call(verb, params)
	if id := strings.Trim(answer, `"`); err == nil && uuid.Validate(id) == nil {
		err = c.end(id)
	}
	return answer, err
}

// volume names a volume, and what a new one is to be.
func (c *centre) volume(image, volume string) map[string]any {
	return map[string]any{
		"storagepoolID": c.pool, "storagedomainID": c.domain, "imageID": image, "volumeID": volume, "leafVolID": volume,
		"size": "1048576", "volFormat": 5, "preallocate": 2, "diskType": "DATA", "desc": "", "srcImgUUID": blank, "srcVolUUID": blank,
		"postZero": false, "force": false, "allowIllegal": false, "dstVolFormat": 4, "newSize": "2097152",
		"description": "changed", "legality": "LEGAL", "volType": 6, "dstSdUUID": c.domain,
		"dstImgUUID": uuid.NewString(), "dstVolUUID": uuid.NewString(),
	}
}

// create makes a raw volume in a new image, or a layer upon a parent.
func (c *centre) create(image, parent string) (volume string) {
	c.t.Helper()
	volume = uuid.NewString()
	p := c.volume(image, volume)
	if parent != blank {
		p["volFormat"], p["srcImgUUID"], p["srcVolUUID"] = 4, image, parent
	}
	if _, err := c.run("Volume.create", p); err != nil {
		c.t.Fatal(err)
	}
	return volume
}

// file returns the path of a file of a volume.
func (c *centre) file(image, name string) string {
	return filepath.Join(c.dir, "images", image, name)
}
