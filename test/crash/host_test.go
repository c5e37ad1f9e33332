// SPDX-License-Identifier: GPL-2.0-or-later

// Package crash ends the storage pillar at every step of every operation that
// changes metadata, and looks what the next one finds.
package crash

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/job"
	"govdsm/internal/storage"
	"govdsm/internal/storage/outofprocess"
	"govdsm/test/crashfs"
)

func TestMain(m *testing.M) {
	outofprocess.ServeIfHelper()
	crashfs.ServeIfServer()
	flag.Parse()
	// Most of the time is waiting for processes.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

const (
	patience = time.Minute
	blank    = "00000000-0000-0000-0000-000000000000"
	mib      = 1 << 20
)

type object = map[string]any

func id() string { return uuid.NewString() }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// centre is a data centre on one disk: what does not end with a host.
type centre struct {
	pool    string
	a, b, c string // domains; each has a folder of that letter. c is none yet
	version string // of domains
	garbage bool   // images that are being removed may lie there
}

func newCentre(version string) centre {
	return centre{pool: id(), a: id(), b: id(), c: id(), version: version}
}

// host is the storage pillar from its start to its end.
type host struct {
	t     testing.TB
	d     centre
	disk  string // where the disk is mounted
	table *dispatch.Table
	jobs  *job.Registry
	close func()
}

// newHost starts the pillar on a disk and connects it to the folders there.
func newHost(t testing.TB, d centre, disk string) *host {
	t.Helper()
	top := t.TempDir()
	h := &host{t: t, d: d, disk: disk, table: dispatch.NewTable(dispatch.Checker{}), jobs: job.NewRegistry(job.Options{Log: slog.New(slog.DiscardHandler)})}
	s := storage.New(storage.Options{
		Repository: filepath.Join(top, "dc"), Run: filepath.Join(top, "run"), OneHost: true,
		LockDir: filepath.Join(top, "locks"), Jobs: h.jobs,
	})
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx) }()
	closed := false
	h.close = func() {
		if closed {
			return
		}
		closed = true
		cancel()
		if err := <-ran; err != nil {
			t.Error(err)
		}
		h.jobs.Close()
	}
	t.Cleanup(h.close)
	s.Bind(h.table)
	for _, folder := range []string{"a", "b", "c"} {
		h.must("StoragePool.connectStorageServer", object{
			"storagepoolID": blank, "domainType": 4,
			"connectionParams": []any{object{"id": id(), "connection": filepath.Join(disk, folder)}},
		})
	}
	return h
}

// call calls a verb as it comes over the wire.
func (h *host) call(verb string, params object) (json.RawMessage, error) {
	handler, err := h.table.Lookup(verb)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	result, err := h.table.Call(ctx, handler, raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", verb, err)
	}
	return json.Marshal(result)
}

func (h *host) must(verb string, params object) json.RawMessage {
	h.t.Helper()
	raw, err := h.call(verb, params)
	if err != nil {
		h.t.Fatal(err)
	}
	return raw
}

// into reads an answer.
func into[T any](raw json.RawMessage) (v T) {
	_ = json.Unmarshal(raw, &v) // what is missing shows in what is compared
	return v
}

// eventually asks until there is an answer.
func eventually(what string, done func() (bool, error)) error {
	for end := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) {
		if ok, err := done(); ok || err != nil {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s does not end", what)
		}
	}
}

type status struct {
	TaskState, TaskResult, Message string
	Code                           int
}

// ended waits for the end of a task.
func (h *host) ended(task string) (s status, err error) {
	err = eventually("task "+task, func() (bool, error) {
		raw, err := h.call("Task.getStatus", object{"taskID": task})
		s = into[status](raw)
		return s.TaskState == "finished", err
	})
	return s, err
}

// work is a verb that changes something.
type work struct {
	verb   string
	params object
	job    bool // it starts a job; else what it answers may be a task
}

// told is what whoever asked for work has heard until then.
type told struct{ task, done int } // steps that were made then; -1: never

// do does a work as a manager does, who calls at to remember how far it is.
func (h *host) do(w work, at func() int) (told, error) {
	heard := told{-1, -1}
	params := object{}
	for k, v := range w.params {
		params[k] = v
	}
	if w.job {
		params["job_id"] = id()
	}
	raw, err := h.call(w.verb, params)
	if err != nil {
		return heard, err
	}
	task := into[string](raw)
	switch {
	case w.job:
		err = h.jobEnded(api.UUID(params["job_id"].(string)))
	case task != "":
		heard.task = at()
		var s status
		if s, err = h.ended(task); err == nil && s.TaskResult != "success" {
			err = fmt.Errorf("%s: %w", w.verb, &failedTask{s})
		}
	}
	if err != nil {
		return heard, err
	}
	heard.done = at()
	if task != "" {
		_, err = h.call("Task.clear", object{"taskID": task})
	}
	return heard, err
}

type failedTask struct{ status }

func (f *failedTask) Error() string { return fmt.Sprintf("%d %s", f.Code, f.Message) }

// code is the number that an answer, a task or a job has.
func code(err error) int {
	if f, ok := errors.AsType[*failedTask](err); ok {
		return f.Code
	}
	if e, ok := errors.AsType[*api.Error](err); ok {
		return e.Number
	}
	if c, ok := errors.AsType[*api.Code](err); ok {
		return c.Number
	}
	return 0
}

func (h *host) jobEnded(job api.UUID) error {
	return eventually("job "+string(job), func() (bool, error) {
		info, ok := h.jobs.Info("", []api.UUID{job})[job]
		switch {
		case !ok:
			return false, fmt.Errorf("no job %s", job)
		case info.Status == api.HostJobStatusFailed:
			text, _ := json.Marshal(info)
			return false, &failedTask{status{Message: string(text), Code: int(info.Error.Code)}}
		}
		return info.Status == api.HostJobStatusDone, nil
	})
}

// mustDo does a work to prepare another one.
func (h *host) mustDo(verb string, params object) {
	h.t.Helper()
	if _, err := h.do(work{verb: verb, params: params}, func() int { return 0 }); err != nil {
		h.t.Fatal(err)
	}
}

// master is a domain that may be the master, and its version.
type master struct {
	domain  string
	version int
}

var errNoPool = errors.New("there is no pool")

// manage connects to the pool, whichever of some masters it has, and becomes
// its manager. What tasks are left are over then.
func (h *host) manage(masters ...master) error {
	err := errNoPool
	for _, m := range masters {
		_, failed := h.call("StoragePool.connect", object{
			"storagepoolID": h.d.pool, "hostID": 1, "scsiKey": h.d.pool, "masterSdUUID": m.domain, "masterVersion": m.version,
		})
		if failed == nil {
			err = nil
			break
		}
		err = fmt.Errorf("%w; %w", err, failed)
	}
	if err != nil {
		return err
	}
	raw, err := h.call("StoragePool.spmStart", object{
		"storagepoolID": h.d.pool, "prevID": -1, "prevLver": "-1", "enableScsiFencing": "false", "maxHostID": 250,
	})
	if err != nil {
		return err
	}
	task := into[string](raw)
	s, err := h.ended(task)
	if err == nil && s.TaskResult != "success" {
		err = fmt.Errorf("spmStart: %+v", s)
	}
	if err != nil {
		return err
	}
	for left := range h.tasks() {
		if _, err := h.ended(left); err != nil {
			return err
		}
	}
	return nil
}

func (h *host) tasks() map[string]status {
	raw, err := h.call("Host.getAllTasksStatuses", object{})
	if err != nil {
		return nil
	}
	return into[map[string]status](raw)
}

// drop are members of answers that are not the disk's, or differ each time.
var drop = map[string]bool{"remotePath": true, "ctime": true, "mtime": true, "truesize": true, "apparentsize": true}

// visible is what managers see of the disk.
func (h *host) visible() string {
	var all []string
	see := func(what string, raw json.RawMessage, err error) {
		var v any
		if err != nil {
			v = err.Error()
		} else if json.Unmarshal(raw, &v) != nil {
			v = string(raw)
		}
		text, _ := json.Marshal(without(v))
		all = append(all, what+" "+strings.ReplaceAll(string(text), h.disk, ""))
	}
	raw, err := h.call("Host.getStorageDomains", object{"storagepoolID": blank, "domainClass": 1, "storageType": 4, "remotePath": ""})
	see("domains", raw, err)
	for _, d := range []string{h.d.a, h.d.b, h.d.c} {
		if !strings.Contains(string(raw), d) {
			continue
		}
		dump, err := h.call("StorageDomain.dump", object{"sd_id": d, "full": true})
		see("dump", dump, err)
		images, err := h.call("StorageDomain.getImages", object{"storagedomainID": d})
		see("images", images, err)
	}
	if info, err := h.call("StoragePool.getInfo", object{"storagepoolID": h.d.pool}); err == nil {
		got := into[struct{ Info object }](info).Info
		see("pool", json.RawMessage(fmt.Sprintf("%q", fmt.Sprint(got["domains"], got["master_uuid"], got["master_ver"], got["name"]))), nil)
		vms, err := h.call("StoragePool.getBackedUpVmsInfo", object{"storagepoolID": h.d.pool, "storagedomainID": "", "vmList": []any{}})
		see("vms", vms, err)
	}
	return strings.Join(all, "\n")
}

func without(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			if drop[k] {
				delete(v, k)
				continue
			}
			v[k] = without(v[k])
		}
	case []any:
		for i := range v {
			v[i] = without(v[i])
		}
	}
	return v
}
