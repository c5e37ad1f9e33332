// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/test/hosttest"
)

// addDomain brings a second domain into the pool.
func (d *dataCentre) addDomain() (id, folder string) {
	d.t.Helper()
	folder, err := filepath.EvalSymlinks(d.t.TempDir())
	if err != nil {
		d.t.Fatal(err)
	}
	id = uuid.NewString()
	makeDomain(d.t, folder, id)
	of := map[string]any{
		"storagepoolID": d.pool, "storagedomainID": id, "domainType": 4,
		"connectionParams": []any{map[string]any{"id": uuid.NewString(), "connection": folder}},
		"hostID":           1, "scsiKey": d.pool, "masterSdUUID": d.domain, "masterVersion": 1,
		"domainDict": map[string]string{d.domain: "active", id: "attached"},
	}
	d.call("StoragePool.connectStorageServer", of)
	d.call("StorageDomain.attach", of)
	d.call("StoragePool.connect", of)
	d.call("StorageDomain.activate", of)
	return id, folder
}

// refused fails unless a call fails with a code.
func (d *dataCentre) refused(want error, verb string, params map[string]any) {
	d.t.Helper()
	if raw, err := d.c.Request(d.t.Context(), verb, params); !errors.Is(err, want) {
		d.t.Errorf("%s %v: %s, %v; want %v", verb, params, raw, err, want)
	}
}

// ended waits until a task has ended, and returns its code.
func (d *dataCentre) ended(id string) int {
	d.t.Helper()
	for deadline := time.Now().Add(hosttest.Patience); ; time.Sleep(20 * time.Millisecond) {
		var status struct {
			TaskState string
			Code      int
		}
		if err := json.Unmarshal(d.call("Task.getStatus", map[string]any{"taskID": id}), &status); err != nil {
			d.t.Fatal(err)
		}
		if status.TaskState == "finished" {
			d.call("Task.clear", map[string]any{"taskID": id})
			return status.Code
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("a task: %+v", status)
		}
	}
}

// An image travels between two domains of a pool, with a manager's calls.
func TestMoveImage(t *testing.T) {
	t.Parallel()
	d := newDataCentre(t)
	target, folder := d.addDomain()
	image, base, leaf := uuid.NewString(), uuid.NewString(), uuid.NewString()
	d.create(image, base, blank)
	file := filepath.Join(d.folder, d.domain, "images", image, base)
	content := bytes.Repeat([]byte("data"), 1<<18)
	if err := os.WriteFile(file, content, 0o660); err != nil {
		t.Fatal(err)
	}
	d.create(image, leaf, base)
	of := func(more ...any) map[string]any {
		p := map[string]any{
			"storagepoolID": d.pool, "storagedomainID": d.domain, "imageID": image, "dstSdUUID": target,
			"operation": 1, "postZero": "false", "force": "false", "syncType": "ALL",
		}
		for i := 0; i+1 < len(more); i += 2 {
			p[more[i].(string)] = more[i+1]
		}
		return p
	}
	there := func(domain string, want bool) {
		t.Helper()
		raw := string(d.call("StorageDomain.getImages", map[string]any{"storagedomainID": domain}))
		if strings.Contains(raw, image) != want {
			t.Errorf("images of %s: %s", domain, raw)
		}
	}
	moved := filepath.Join(folder, target, "images", image)
	complete := func() {
		t.Helper()
		got, err := os.ReadFile(filepath.Join(moved, base))
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("the base is not what it was: %d bytes, %v", len(got), err)
		}
		p := map[string]any{"storagepoolID": d.pool, "storagedomainID": target, "imageID": image, "volumeID": leaf}
		d.call("Image.prepare", p)
		d.call("Image.teardown", p)
		out, err := exec.CommandContext(t.Context(), "qemu-img", "info", "--backing-chain", filepath.Join(moved, leaf)).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "backing file: "+base) {
			t.Errorf("%v: %s", err, out)
		}
	}
	for _, bad := range []struct {
		want  error
		verb  string
		key   string
		value any
	}{
		{api.ErrInvalidParameterException, "Image.move", "dstSdUUID", d.domain},
		{api.ErrStorageDomainDoesNotExist, "Image.move", "dstSdUUID", uuid.NewString()},
		{api.ErrStorageDomainDoesNotExist, "Image.move", "dstSdUUID", "../../etc"},
		{api.ErrStoragePoolUnknown, "Image.move", "storagepoolID", uuid.NewString()},
		{api.ErrMoveImage, "Image.move", "operation", 0},
		{api.ErrMoveImage, "Image.move", "operation", 3},
		{api.ErrDiscardIsNotSupported, "Image.move", "discard", true},
		{api.ErrStorageDomainDoesNotExist, "Image.cloneStructure", "storagedomainID", ""},
		{api.ErrInvalidParameterException, "Image.cloneStructure", "dstSdUUID", d.domain},
		{api.ErrStorageDomainDoesNotExist, "Image.syncData", "dstSdUUID", "\x00"},
	} {
		d.refused(bad.want, bad.verb, of(bad.key, bad.value))
	}
	task := func(verb string, more ...any) int {
		t.Helper()
		return d.ended(strings.Trim(string(d.call(verb, of(more...))), `"`))
	}
	for _, name := range []string{uuid.NewString(), "../" + image, blank, strings.Repeat("x", 70000)} {
		if code := task("Image.move", "imageID", name); code != api.ErrImageDoesNotExistInSD.Number {
			t.Errorf("image %.40q: %d", name, code)
		}
	}
	if code := task("Image.move"); code != 0 {
		t.Errorf("copying: %d", code)
	}
	there(d.domain, true)
	complete()
	if code := task("Image.move"); code != api.ErrVolumeAlreadyExists.Number {
		t.Errorf("copying again: %d", code)
	}
	complete()
	if code := task("Image.move", "operation", 2, "force", "true"); code != 0 {
		t.Errorf("moving: %d", code)
	}
	there(d.domain, false)
	complete()

	// Back again, as a running VM's disks are moved.
	back := []any{"storagedomainID", target, "dstSdUUID", d.domain}
	if code := task("Image.cloneStructure", back...); code != 0 {
		t.Fatalf("cloning: %d", code)
	}
	there(d.domain, true)
	for _, kind := range []string{"INTERNAL", "LEAF", "ALL"} {
		if code := task("Image.syncData", append(back, "syncType", kind)...); code != 0 {
			t.Errorf("syncing %s: %d", kind, code)
		}
		if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: the base is not what it was: %v", kind, err)
		}
	}
}

// ovf asks for or sends an OVF store, as managers do.
func (d *dataCentre) ovf(c *http.Client, method string, body io.Reader, header map[string]string) (*http.Response, []byte, error) {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), method, "https://"+d.host.Address+"/", body)
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Storage-Pool-Id", d.pool)
	r.Header.Set("Storage-Domain-Id", d.domain)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	answer, err := c.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	return answer, b, err
}

func (d *dataCentre) web() *http.Client {
	return &http.Client{
		Transport: &http.Transport{TLSClientConfig: d.host.TLS(d.t), DisableKeepAlives: true}, Timeout: hosttest.Patience,
	}
}

// store makes an OVF store.
func (d *dataCentre) store() (image, volume string) {
	d.t.Helper()
	image, volume = uuid.NewString(), uuid.NewString()
	p := d.volume(image, volume)
	p["size"], p["volFormat"], p["preallocate"], p["diskType"], p["desc"] = "134217728", 5, 2, "OVFS", ""
	p["srcImgUUID"], p["srcVolUUID"] = blank, blank
	d.finish(d.call("Volume.create", p))
	return image, volume
}

func TestOVFStore(t *testing.T) {
	t.Parallel()
	d := newDataCentre(t)
	c := d.web()
	image, volume := d.store()
	ovfs := bytes.Repeat([]byte("<ovf/>\n"), 300_000)
	of := map[string]string{"Image-Id": image, "Volume-Id": volume}
	answer, body, err := d.ovf(c, "PUT", bytes.NewReader(ovfs), of)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%+v, %s, %v", answer, body, err)
	}
	if code := d.ended(answer.Header.Get("Task-Id")); code != 0 {
		t.Errorf("written: %d", code)
	}
	read := func() {
		t.Helper()
		answer, body, err := d.ovf(c, "GET", nil, map[string]string{
			"Image-Id": image, "Range": fmt.Sprintf("bytes=0-%d", len(ovfs)-1),
		})
		if err != nil || answer.StatusCode != http.StatusPartialContent || !bytes.Equal(body, ovfs) ||
			answer.Header.Get("Content-Range") != fmt.Sprintf("bytes 0-%d", len(ovfs)-1) {
			t.Fatalf("%+v, %d bytes, %v", answer, len(body), err)
		}
		if code := d.ended(answer.Header.Get("Task-Id")); code != 0 {
			t.Errorf("read: %d", code)
		}
	}
	read()
	for name, tc := range map[string]struct {
		method string
		header map[string]string
		status int
		code   int
	}{
		"no such image":    {"PUT", map[string]string{"Image-Id": uuid.NewString()}, 500, 268},
		"a path":           {"PUT", map[string]string{"Image-Id": "../../" + image}, 500, 268},
		"another pool":     {"PUT", map[string]string{"Image-Id": image, "Storage-Pool-Id": uuid.NewString()}, 500, 309},
		"another domain":   {"PUT", map[string]string{"Image-Id": image, "Storage-Domain-Id": "/"}, 500, 358},
		"no such volume":   {"GET", map[string]string{"Image-Id": image, "Volume-Id": "..", "Range": "bytes=0-1"}, 500, 201},
		"too much":         {"GET", map[string]string{"Image-Id": image, "Range": "bytes=0-134217728"}, 500, 2001},
		"another range":    {"GET", map[string]string{"Image-Id": image, "Range": "bytes=5-9"}, 400, 0},
		"without an image": {"PUT", nil, 400, 0},
	} {
		answer, body, err := d.ovf(c, tc.method, strings.NewReader("x"), tc.header)
		if err != nil || answer.StatusCode != tc.status || tc.code != 0 && !strings.Contains(string(body), fmt.Sprintf(`{"status":{"code":%d,`, tc.code)) {
			t.Errorf("%s: %+v, %s, %v", name, answer, body, err)
		}
	}
	if _, _, err := d.ovf(&http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}},
		"GET", nil, map[string]string{"Image-Id": image, "Range": "bytes=0-1"}); err == nil {
		t.Error("an image goes to who has no certificate")
	}

	// A manager that dies half way leaves a task that has failed, and the volume
	// as it was; so does a host that does.
	d.half(image, func() {})
	for _, id := range d.tasks() {
		if code := d.ended(id); code == 0 {
			t.Error("half an image has succeeded")
		}
	}
	read()
	d.half(image, d.host.Kill)
	d.host.Run(t)
	d.c = d.host.Dial(t)
	d.restart()
	read()
	if names, err := os.ReadDir(filepath.Join(d.folder, d.domain, "images", image)); err != nil || len(names) != 2 {
		t.Errorf("left behind: %v, %v", names, err)
	}
}

// half sends half of an image, waits until some of it has arrived, and breaks
// off after then.
func (d *dataCentre) half(image string, then func()) {
	d.t.Helper()
	r, w := io.Pipe()
	var sent sync.WaitGroup
	sent.Go(func() {
		q, err := http.NewRequestWithContext(d.t.Context(), "PUT", "https://"+d.host.Address+"/", r)
		if err != nil {
			d.t.Error(err)
			return
		}
		q.ContentLength = 8 << 20
		for name, value := range map[string]string{"Storage-Pool-Id": d.pool, "Storage-Domain-Id": d.domain, "Image-Id": image} {
			q.Header.Set(name, value)
		}
		if answer, err := d.web().Do(q); err == nil {
			answer.Body.Close()
		}
	})
	if _, err := w.Write(make([]byte, 4<<20)); err != nil {
		d.t.Error(err)
	}
	pattern := filepath.Join(d.folder, d.domain, "images", image, "*.new")
	for deadline := time.Now().Add(hosttest.Patience); ; time.Sleep(10 * time.Millisecond) {
		if found, _ := filepath.Glob(pattern); len(found) == 1 {
			break
		}
		if time.Now().After(deadline) {
			d.t.Fatal("nothing arrives")
		}
	}
	then()
	w.CloseWithError(errors.New("power cut"))
	sent.Wait()
}

func (d *dataCentre) tasks() (ids []string) {
	d.t.Helper()
	var all map[string]json.RawMessage
	if err := json.Unmarshal(d.call("Host.getAllTasksStatuses", map[string]any{}), &all); err != nil {
		d.t.Fatal(err)
	}
	for id := range all {
		ids = append(ids, id)
	}
	return ids
}

// restart does what a manager does with a host that was killed.
func (d *dataCentre) restart(others ...string) {
	d.t.Helper()
	members := map[string]string{d.domain: "active"}
	for _, id := range others {
		members[id] = "active"
	}
	p := map[string]any{
		"storagepoolID": d.pool, "hostID": 1, "scsiKey": d.pool, "masterSdUUID": d.domain, "masterVersion": 1, "domainType": 4,
		"connectionParams": []any{map[string]any{"id": uuid.NewString(), "connection": d.folder}},
		"domainDict":       members,
		"prevID":           1, "prevLver": "-1", "enableScsiFencing": "false", "maxHostID": 250, "domVersion": "5",
	}
	d.call("StoragePool.connectStorageServer", p)
	d.call("StoragePool.connect", p)
	d.finish(d.call("StoragePool.spmStart", p))
	for _, id := range d.tasks() {
		d.ended(id)
	}
}

// Images go to and come from a server.
func TestImageServer(t *testing.T) {
	t.Parallel()
	d := newDataCentre(t)
	var mu sync.Mutex
	kept := make(map[string][]byte)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case r.Header.Get("X-Auth-Token") != "s3cret-token":
			w.WriteHeader(http.StatusForbidden)
		case r.Method == http.MethodPut:
			b, err := io.ReadAll(r.Body)
			if err != nil || int64(len(b)) != r.ContentLength {
				t.Errorf("%d of %d, %v", len(b), r.ContentLength, err)
			}
			kept[r.URL.Path] = b
		default:
			w.Header().Set("Content-Length", fmt.Sprint(max(len(kept[r.URL.Path]), 10))) // too much for none
			_, _ = w.Write(kept[r.URL.Path])
		}
	}))
	defer server.Close()
	image, base := uuid.NewString(), uuid.NewString()
	d.create(image, base, blank)
	file := filepath.Join(d.folder, d.domain, "images", image, base)
	content := bytes.Repeat([]byte("data"), 1<<18)
	if err := os.WriteFile(file, content, 0o660); err != nil {
		t.Fatal(err)
	}
	share := func(verb, image, method, path, token string) int {
		t.Helper()
		p := d.volume(image, base)
		p["methodArgs"] = map[string]any{
			"method": method, "url": server.URL + path, "headers": map[string]string{"X-Auth-Token": token},
		}
		delete(p, "volumeID")
		return d.ended(strings.Trim(string(d.call(verb, p)), `"`))
	}
	if code := share("Image.upload", image, "http", "/x", "s3cret-token"); code != 0 {
		t.Errorf("uploading: %d", code)
	}
	mu.Lock()
	if !bytes.Equal(kept["/x"], content) {
		t.Errorf("uploaded: %d bytes", len(kept["/x"]))
	}
	mu.Unlock()
	other, volume := uuid.NewString(), uuid.NewString()
	d.create(other, volume, blank)
	if code := share("Image.download", other, "http", "/x", "s3cret-token"); code != 0 {
		t.Errorf("downloaded: %d", code)
	}
	got, err := os.ReadFile(filepath.Join(d.folder, d.domain, "images", other, volume))
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("downloaded: %d bytes, %v", len(got), err)
	}
	for _, bad := range [][]string{
		{"Image.download", other, "http", "/none", "s3cret-token"},
		{"Image.download", other, "http", "/x", "wrong"},
		{"Image.upload", image, "http", "/x", "wrong"},
		{"Image.upload", uuid.NewString(), "http", "/x", "s3cret-token"},
	} {
		if code := share(bad[0], bad[1], bad[2], bad[3], bad[4]); code == 0 {
			t.Errorf("%q has succeeded", bad)
		}
	}
	again, err := os.ReadFile(filepath.Join(d.folder, d.domain, "images", other, volume))
	if err != nil || !bytes.Equal(again, got) {
		t.Errorf("a download that failed has changed the volume: %v", err)
	}
	for _, how := range []any{
		map[string]any{"method": "ftp", "url": server.URL}, map[string]any{"url": server.URL}, map[string]any{}, "http", 5,
	} {
		p := d.volume(image, base)
		p["methodArgs"] = how
		if raw, err := d.c.Request(t.Context(), "Image.upload", p); err == nil {
			t.Errorf("%v: %s", how, raw)
		}
	}
	if log := d.host.Story(); strings.Contains(log, "s3cret-token") {
		t.Error("the token is in the log")
	}
}
