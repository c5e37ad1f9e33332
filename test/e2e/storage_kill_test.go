// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"govdsm/client"
	"govdsm/internal/storage/domain"
	"govdsm/test/hosttest"
)

// killedCentre is a pool of one local domain whose host is killed.
type killedCentre struct {
	t                    *testing.T
	folder, pool, domain string
}

func (d *killedCentre) call(c *client.Host, verb string, params map[string]any) json.RawMessage {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), hosttest.Patience)
	defer cancel()
	raw, err := c.Request(ctx, verb, params)
	if err != nil {
		d.t.Fatalf("%s: %v", verb, err)
	}
	return raw
}

// connect does what a manager does when a host comes up.
func (d *killedCentre) connect(c *client.Host) {
	d.t.Helper()
	d.call(c, "StoragePool.connectStorageServer", map[string]any{
		"storagepoolID": d.pool, "domainType": 4,
		"connectionParams": []any{map[string]any{"id": uuid.NewString(), "connection": d.folder}},
	})
}

func (d *killedCentre) join(c *client.Host) {
	d.t.Helper()
	d.call(c, "StoragePool.connect", map[string]any{
		"storagepoolID": d.pool, "hostID": 1, "scsiKey": d.pool, "masterSdUUID": d.domain, "masterVersion": 1,
		"domainDict": map[string]string{d.domain: "active"},
	})
}

func (d *killedCentre) startSPM(c *client.Host) (task string) {
	d.t.Helper()
	raw := d.call(c, "StoragePool.spmStart", map[string]any{
		"storagepoolID": d.pool, "prevID": -1, "prevLver": "-1", "enableScsiFencing": "false", "maxHostID": 250, "domVersion": "5",
	})
	if err := json.Unmarshal(raw, &task); err != nil {
		d.t.Fatal(err)
	}
	return task
}

func (d *killedCentre) await(c *client.Host, task string) {
	d.t.Helper()
	for end := time.Now().Add(hosttest.Patience); ; time.Sleep(50 * time.Millisecond) {
		raw := string(d.call(c, "Task.getStatus", map[string]any{"taskID": task}))
		if strings.Contains(raw, `"finished"`) {
			if !strings.Contains(raw, `"success"`) {
				d.t.Fatal(raw)
			}
			return
		}
		if time.Now().After(end) {
			d.t.Fatalf("the task does not end: %s", raw)
		}
	}
}

// The daemon is killed while it makes, joins or begins to manage a pool, and
// while it manages it. The one that comes next knows of no pool, has no links,
// and a manager brings all of it up again.
func TestStorageDaemonKilled(t *testing.T) {
	t.Parallel()
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &killedCentre{t: t, folder: folder, pool: uuid.NewString(), domain: uuid.NewString()}
	makeDomain(t, folder, d.domain)
	h := hosttest.Start(t)
	for _, at := range []string{"create", "connect", "spmStart", "spm"} {
		c := h.Dial(t)
		d.connect(c)
		create := map[string]any{
			"storagepoolID": d.pool, "name": "p", "masterSdUUID": d.domain, "masterVersion": 1, "domainList": []string{d.domain},
			"lockRenewalIntervalSec": 5, "leaseTimeSec": 60, "ioOpTimeoutSec": 10, "leaseRetries": 3,
		}
		ctx, cancel := context.WithTimeout(t.Context(), hosttest.Patience)
		switch at {
		case "create":
			go c.Request(ctx, "StoragePool.create", create) // nobody hears the answer
			time.Sleep(5 * time.Millisecond)
		case "connect":
			if _, err := c.Request(ctx, "StoragePool.create", create); err != nil && !strings.Contains(err.Error(), "already attached") {
				t.Errorf("creating the pool after a kill: %v", err)
			}
			go c.Request(ctx, "StoragePool.connect", map[string]any{
				"storagepoolID": d.pool, "hostID": 1, "scsiKey": d.pool, "masterSdUUID": d.domain, "masterVersion": 1,
				"domainDict": map[string]string{d.domain: "active"},
			})
			time.Sleep(5 * time.Millisecond)
		case "spmStart":
			d.join(c)
			d.startSPM(c)
		case "spm":
			d.join(c)
			d.await(c, d.startSPM(c))
		}
		h.Kill()
		cancel()
		h.Run(t)
		c = h.Dial(t)
		if raw := string(d.call(c, "Host.getConnectedStoragePools", map[string]any{})); raw != "[]" {
			t.Errorf("killed at %s: connected to %s", at, raw)
		}
		names, err := os.ReadDir(filepath.Join(h.Dir, "rhev/data-center"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if domain.IsID(name.Name()) {
				t.Errorf("killed at %s: %s is left", at, name.Name())
			}
		}
	}
	c := h.Dial(t)
	d.connect(c)
	d.join(c)
	d.await(c, d.startSPM(c))
	if raw := string(d.call(c, "StoragePool.getSpmStatus", map[string]any{"storagepoolID": d.pool})); !strings.Contains(raw, `"SPM"`) {
		t.Error(raw)
	}
}
