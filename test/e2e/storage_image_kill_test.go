// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
)

// A host that is killed while it moves an image has it whole in one domain or in
// both; what was half made in the other is gone when the pool has a manager
// again.
func TestMoveImageKilled(t *testing.T) {
	t.Parallel()
	d := newDataCentre(t)
	target, folder := d.addDomain()
	image, base, leaf := uuid.NewString(), uuid.NewString(), uuid.NewString()
	d.create(image, base, blank)
	content := bytes.Repeat([]byte("data"), 1<<18)
	in := func(folder, domain string) string { return filepath.Join(folder, domain, "images", image) }
	if err := os.WriteFile(filepath.Join(in(d.folder, d.domain), base), content, 0o660); err != nil {
		t.Fatal(err)
	}
	d.create(image, leaf, base)
	whole := func(dir string) bool {
		got, err := os.ReadFile(filepath.Join(dir, base))
		_, leafErr := os.Stat(filepath.Join(dir, leaf+".meta"))
		return err == nil && leafErr == nil && bytes.Equal(got, content)
	}
	for n, delay := range []time.Duration{0, 20, 60, 120, 250} {
		source, to := d.domain, target
		if !whole(in(d.folder, d.domain)) {
			source, to = target, d.domain
		}
		d.call("Image.move", map[string]any{
			"storagepoolID": d.pool, "storagedomainID": source, "imageID": image, "dstSdUUID": to,
			"operation": 2, "postZero": false, "force": true,
		})
		time.Sleep(delay * time.Millisecond)
		d.host.Kill()
		d.host.Run(t)
		d.c = d.host.Dial(t)
		d.call("StoragePool.connectStorageServer", map[string]any{
			"storagepoolID": d.pool, "domainType": 4,
			"connectionParams": []any{map[string]any{"id": uuid.NewString(), "connection": folder}},
		})
		d.restart(target)
		found := 0
		for _, at := range []string{in(d.folder, d.domain), in(folder, target)} {
			if _, err := os.Stat(at); err != nil {
				continue
			}
			found++
			if !whole(at) {
				names, _ := os.ReadDir(at)
				t.Errorf("kill %d: half an image in %s: %v", n, at, names)
			}
		}
		if found == 0 {
			t.Fatalf("kill %d: the image is lost", n)
		}
	}
}
