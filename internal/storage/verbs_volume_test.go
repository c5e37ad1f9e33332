// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
)

// TestHostileNames calls every verb of volumes and images on a domain that is
// there with ids that are none. Each is refused with a code of storage.
func TestHostileNames(t *testing.T) {
	top := t.TempDir()
	s := New(Options{Repository: filepath.Join(top, "dc"), Run: filepath.Join(top, "run"), OneHost: true})
	t.Cleanup(func() {
		if err := s.io.Close(); err != nil {
			t.Error(err)
		}
	})
	table := dispatch.NewTable(dispatch.Checker{})
	s.Bind(table)
	call := func(verb string, params map[string]any) error {
		t.Helper()
		h, err := table.Lookup(verb)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(params)
		if err != nil {
			t.Fatal(err)
		}
		_, err = table.Call(t.Context(), h, text)
		return err
	}
	folder := t.TempDir()
	err := call("StoragePool.connectStorageServer", map[string]any{
		"storagepoolID": uuid.NewString(), "domainType": 4,
		"connectionParams": []any{map[string]any{"id": uuid.NewString(), "connection": folder}},
	})
	if err != nil {
		t.Fatal(err)
	}
	mounts, err := filepath.Glob(filepath.Join(top, "dc", "mnt", "_*"))
	if err != nil || len(mounts) != 1 {
		t.Fatal(mounts, err)
	}
	d, err := s.domains.Create(t.Context(), domain.Spec{
		ID: uuid.NewString(), Name: "d", Type: domainmd.LocalFS, Class: domainmd.Data, Version: domainmd.Version5,
		RemotePath: folder, MountPoint: mounts[0], MaxHosts: 250,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", ".", "..", "../../../../etc", "/etc/passwd", "*", "a\x00b", "images\n", "11111111-1111-1111-1111-11111111111G"} {
		for _, verb := range []string{
			"Volume.getInfo", "Volume.getSize", "Volume.getQemuImageInfo", "Volume.measure", "Volume.verify_untrusted", "Volume.refresh",
			"Volume.setDescription", "Volume.setLegality", "Volume.create", "Volume.delete", "Volume.extendSize", "Volume.copy",
			"Image.prepare", "Image.teardown", "Image.delete", "Image.deleteVolumes", "Image.reconcileVolumeChain",
			"StoragePool.prepareMerge", "StoragePool.finalizeMerge",
		} {
			err := call(verb, map[string]any{
				"storagepoolID": "00000000-0000-0000-0000-000000000000", "storagedomainID": d.ID(), "imageID": id, "volumeID": id, "leafVolID": id,
				"volumeList": []string{id}, "srcImgUUID": id, "srcVolUUID": id, "dstSdUUID": id, "dstImgUUID": id, "dstVolUUID": id,
				"size": "1048576", "newSize": "1", "volFormat": 4, "preallocate": 2, "diskType": "DATA", "desc": "", "description": "",
				"legality": "LEGAL", "dstVolFormat": 4, "postZero": false, "force": true, "volType": 6,
				"subchainInfo": map[string]any{"sd_id": d.ID(), "img_id": id, "top_id": id, "base_id": id},
			})
			if _, coded := errors.AsType[*api.Error](err); !coded {
				t.Errorf("%s of %q: %v", verb, id, err)
			}
		}
	}
}
