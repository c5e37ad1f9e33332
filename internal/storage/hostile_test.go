// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"govdsm/api"
	"govdsm/internal/storage/verify"
)

// hostileTexts are in the place of ids, names and sizes.
func hostileTexts() []string {
	return []string{
		"", ".", "..", "../../../../etc", "/etc/passwd", "*", "a\x00b", "x\nLEGALITY=ILLEGAL\nEOF\n", "EOF", "=", "\u202e\U0001f4a9\u0000",
		"-1", "18446744073709551616", "9223372036854775808", "9223372036854775807", "1e30", "0x10", "१२", "%s%n", strings.Repeat("x", 1<<20),
		"11111111-1111-1111-1111-11111111111G", "AAAAAAAA-AAAA-AAAA-AAAA-AAAAAAAAAAAA", "{11111111-1111-1111-1111-111111111111}",
	}
}

// variants are a value with something hostile in the place of each of its
// parts in turn.
func variants(of any) (all []any) {
	switch v := of.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			for _, other := range variants(v[key]) {
				changed := maps.Clone(v)
				changed[key] = other
				all = append(all, changed)
			}
		}
		return all
	case []any:
		for _, element := range v {
			for _, other := range variants(element) {
				all = append(all, []any{other})
			}
		}
		return all
	case bool:
		return nil // many things are true or false, and then it is a good call
	case int:
		all = []any{-1, int64(-1 << 63), json.Number("9223372036854775808"), json.Number("1e300"), 0.5}
	}
	for _, text := range hostileTexts() {
		all = append(all, text)
	}
	return append(all, nil, []any{}, map[string]any{})
}

// fitting returns values that fit the parameters of a verb, so that all but
// one of them get a call as far as it goes.
func (c *centre) fitting(d *api.Declaration, image, volume string) map[string]any {
	div := map[string]any{"endpoint_type": "div", "sd_id": c.domain, "img_id": image, "vol_id": volume, "generation": 0}
	lease := map[string]any{"sd_id": c.domain, "lease_id": uuid.NewString()}
	known := map[string]any{
		"storagepoolID": c.pool, "storagedomainID": c.domain, "imageID": image, "volumeID": volume, "leafVolID": volume, "sd_id": c.domain,
		"dstSdUUID": c.domain, "dstImgUUID": uuid.NewString(), "dstVolUUID": uuid.NewString(), "volumeList": []any{volume}, "baseID": volume,
		"srcImgUUID": blank, "srcVolUUID": blank, "bitmap": uuid.NewString(), "job_id": uuid.NewString(), "vol_info": div, "source": div,
		"destination": div, "lease": lease, "metadata": map[string]any{"type": "JOB", "generation": 0, "job_id": uuid.NewString(), "job_status": "PENDING"},
		"subchain_info": map[string]any{"sd_id": c.domain, "img_id": image, "top_id": volume, "base_id": volume, "base_generation": 0},
		"subchainInfo":  map[string]any{"sd_id": c.domain, "img_id": image, "top_id": volume, "base_id": volume, "base_generation": 0},
		"qcow2_attr":    map[string]any{"compat": "1.1"}, "vol_attr": map[string]any{"generation": 0, "description": "x", "legality": "LEGAL"},
		"config":     map[string]any{"sd_id": c.domain, "img_id": image, "vol_id": volume, "readonly": true, "discard": false},
		"domainDict": map[string]any{c.domain: "active"}, "domainList": []any{c.domain}, "masterSdUUID": c.domain, "masterVersion": 1,
		"oldMasterUUID": c.domain, "newMasterUUID": uuid.NewString(), "hostID": 1, "hostId": 1, "size": "1048576", "newSize": "1048576",
		"initialSize": "1048576", "volFormat": 4, "dstVolFormat": 4, "preallocate": 2, "volType": 6, "legality": "LEGAL", "diskType": "DATA",
		"domainType": 4, "domainClass": 1, "version": 5, "typeArgs": c.top, "vmList": []any{map[string]any{"vm": uuid.NewString(), "ovf": "<x/>", "imglist": image}},
		"connectionParams": []any{map[string]any{"id": uuid.NewString(), "connection": c.top}}, "domVersion": "5", "targetDomVersion": 5,
		"methodArgs":             map[string]any{"method": "http", "url": "http://127.0.0.1:1/x", "headers": map[string]any{}},
		"lockRenewalIntervalSec": 5, "leaseTimeSec": 60, "ioOpTimeoutSec": 10, "leaseRetries": 3, "operation": 1, "syncType": "INTERNAL",
		"pattern": "*", "maxHosts": 250, "blockSize": 512,
	}
	p := map[string]any{}
	for i := range d.Params.NumField() {
		name, _, _ := strings.Cut(d.Params.Field(i).Tag.Get("json"), ",")
		value, ok := known[name]
		switch of := d.Params.Field(i).Type; {
		case d.Name == "StoragePool.getBackedUpVmsInfo" && name == "vmList":
			value = []any{uuid.NewString()}
		case ok:
		case of.Kind() == reflect.Bool:
			value = false
		case of.Kind() == reflect.Int64:
			value = 1
		default:
			value = uuid.NewString()
		}
		p[name] = value
	}
	return p
}

// TestHostileArguments calls every verb of storage with one hostile argument
// and otherwise good ones. Each is refused with a code, or is harmless: nothing is
// made or removed in the domain or beside it, and what is there is whole.
func TestHostileArguments(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	image := uuid.NewString()
	volume := c.create(image, blank)
	must(t, os.WriteFile(filepath.Join(c.top, "secret"), []byte(secret), 0o600))
	before := list(t, c.top)
	for _, d := range api.Verbs() {
		if !slices.Contains([]string{"StorageDomain", "StoragePool", "Volume", "Image", "SDM", "Lease", "Task", "NBD"}, d.Namespace()) {
			continue
		}
		if _, err := c.table.Lookup(d.Name); err != nil {
			continue // not implemented
		}
		good := c.fitting(d, image, volume)
		for _, v := range variants(good) {
			params, _ := v.(map[string]any)
			answer, err := c.run(d.Name, params)
			if _, gone := os.Stat(c.file(image, volume)); gone != nil {
				t.Fatalf("%s %.600s: %s, %v, and the volume is gone", d.Name, fmt.Sprint(params), answer, err)
			}
			shared := d.Name == "Image.upload" || d.Name == "Image.download" // whose errors are the general one, as in the original
			if err != nil && !coded(err) && !shared && !strings.Contains(err.Error(), "value=") {
				t.Errorf("%s %.300s: an error without a code: %T %v", d.Name, fmt.Sprint(params), err, err)
			}
			if strings.Contains(answer, secret) || err != nil && (strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "panic")) {
				t.Errorf("%s %.300s: %s %v", d.Name, fmt.Sprint(params), answer, err)
			}
		}
		if after := list(t, c.top); after != before {
			t.Errorf("%s has made or removed something: %s", d.Name, cmp.Diff(before, after))
			before = after
		}
	}
	if r, err := verify.Domain(c.dir); err != nil || len(r.Findings) > 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// list returns the names below a folder, as far as what the host keeps for
// itself.
func list(t *testing.T, top string) string {
	t.Helper()
	var names []string
	for _, pattern := range []string{"*", "data/*", "data/*/*", "data/*/images/*", "data/*/dom_md/*", "data/*/master/*"} {
		found, err := filepath.Glob(filepath.Join(top, pattern))
		must(t, err)
		names = append(names, found...)
	}
	return strings.Join(names, "\n")
}

// TestForgedText gives descriptions and names that would be keys of the
// metadata, or its end, if they were written as they are.
func TestForgedText(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	image := uuid.NewString()
	volume := c.create(image, blank)
	for _, text := range []string{
		"x\nLEGALITY=ILLEGAL\nEOF\n", "x\rPUUID=" + uuid.NewString() + "\r", "x\r\nDOMAIN=y", "EOF", "\nEOF\n", "=", "a=b", "LEGALITY=ILLEGAL",
		"x\u2028CAP=1", "x\x0bCAP=1", "x\x85CAP=1", "x\u0085VOLTYPE=SHARED", "x\x1cFORMAT=COW", "x\x00CAP=1", strings.Repeat("ü", 500), "\U0001f4a9",
	} {
		p := c.volume(image, volume)
		p["description"] = text
		_, _ = c.run("Volume.setDescription", p) // it may be refused
		var info api.VolumeInfoResponse
		must(t, json.Unmarshal([]byte(c.must("Volume.getInfo", p)), &info))
		if info.Status != api.VolumeStatusOK || *info.Legality != api.VolumeLegalityLEGAL || *info.Format != api.VolumeFormatRAW ||
			*info.Capacity != "1048576" || *info.Parent != blank || string(*info.Domain) != c.domain || *info.Voltype != api.VolumeRoleLEAF {
			t.Errorf("%q as the description of a volume: %+v", text, info)
		}
		p = c.volume(image, uuid.NewString())
		p["imageID"], p["desc"], p["diskType"] = uuid.NewString(), text, text
		_, _ = c.run("Volume.create", p)
		for verb, key := range map[string]string{"StorageDomain.setDescription": "description", "StoragePool.setDescription": "description"} {
			_, _ = c.run(verb, map[string]any{"storagedomainID": c.domain, "storagepoolID": c.pool, key: text})
		}
		c.s.domains.Forget(c.domain)
		var d api.StorageDomainInfo
		must(t, json.Unmarshal([]byte(c.must("StorageDomain.getInfo", map[string]any{"storagedomainID": c.domain})), &d))
		if d.Version != "5" || d.Type != "LOCALFS" || len(d.Pool) != 1 || string(d.Pool[0]) != c.pool || d.Role != "Master" {
			t.Errorf("%q as the description of a domain: %+v", text, d)
		}
	}
	r, err := verify.Domain(c.dir)
	if err != nil || len(r.Findings) > 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestForeignFiles puts a hundred thousand foreign files into a domain.
func TestForeignFiles(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	image := uuid.NewString()
	volume := c.create(image, blank)
	one := filepath.Join(c.top, "one")
	must(t, os.WriteFile(one, nil, 0o644))
	must(t, unix.Mkfifo(c.file("pipe", "."), 0o644))
	for n := range 100_000 {
		if n%50_000 == 0 { // as many links as a file may have in all file systems
			one = fmt.Sprint(one, n)
			must(t, os.WriteFile(one, nil, 0o644))
		}
		name := c.file(image, fmt.Sprintf("foreign-%d.meta", n))
		if n%2 == 0 {
			name = c.file(fmt.Sprintf("foreign-%d", n), ".")
		}
		must(t, os.Link(one, name))
	}
	began := time.Now()
	p := c.volume(image, volume)
	if got := c.must("StorageDomain.getImages", p); got != fmt.Sprintf("[%q]", image) {
		t.Errorf("images: %.200s", got)
	}
	if got := c.must("StorageDomain.getVolumes", p); got != fmt.Sprintf("[%q]", volume) {
		t.Errorf("volumes: %.200s", got)
	}
	c.must("StorageDomain.dump", map[string]any{"sd_id": c.domain, "full": true})
	c.must("Image.prepare", p)
	if _, err := c.run("Image.delete", p); err != nil {
		t.Error(err)
	}
	t.Logf("%v", time.Since(began))
}
