// SPDX-License-Identifier: GPL-2.0-or-later

package crash

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"govdsm/internal/storage/verify"
	"govdsm/test/crashfs"
)

// operation is a work that may be ended at any step.
type operation struct {
	name string
	// prepare makes what the work needs, on a host that manages the pool.
	prepare func(h *host) work
	// masters of the pool at any moment; nil: domain a, version 1.
	masters func(d centre) []master
	// alone: the host is not connected to the pool meanwhile; nor is there one,
	// unless joined.
	alone, joined bool
	// again: between what was before and what is after there is something that
	// managers see, and end by asking again: illegal volumes.
	again bool
	// illegal: there are illegal volumes before or after, which are told.
	illegal bool
	// once: who does not know whether it is done must not ask again.
	once bool
	// data compares what volumes hold, once the work is done.
	data func(h *host) error
}

func (o operation) allMasters(d centre) []master {
	if o.masters != nil {
		return o.masters(d)
	}
	return []master{{d.a, 1}}
}

// recording is one run of an operation.
type recording struct {
	operation
	d             centre
	work          work
	heard         told
	before, after string
	points        []crashfs.Point
}

func record(t *testing.T, disks *crashfs.Server, o operation, version string) *recording {
	t.Helper()
	fs, mount := disks.New(t), t.TempDir()
	defer fs.Mount(t, mount)()
	r := &recording{operation: o, d: newCentre(version)}
	for _, folder := range []string{"a", "b", "c"} {
		must(t, os.Mkdir(filepath.Join(mount, folder), 0o755))
	}
	h := newHost(t, r.d, mount)
	defer h.close()
	h.build(!o.alone || o.joined)
	r.work = o.prepare(h)
	if r.before = h.visible(); o.joined {
		r.before = "" // which is of a host that is not connected
	}
	fs.Record(t)
	var err error
	r.heard, err = h.do(r.work, func() int { return fs.Steps(t) })
	r.points = fs.Points(t)
	if err != nil {
		t.Fatalf("%s: %v", o.name, err)
	}
	if o.alone { // of which nobody knows yet
		must(t, h.manage(o.allMasters(r.d)...))
	}
	r.after = r.visible(h)
	if o.data != nil {
		must(t, o.data(h))
	}
	// A point tells how many steps were made on the disk; what was heard, too.
	return r
}

// build makes the domains a and b, and the pool with a.
func (h *host) build(pool bool) {
	h.t.Helper()
	for folder, d := range map[string]string{"a": h.d.a, "b": h.d.b} {
		h.must("StorageDomain.create", h.domain(folder, d))
	}
	if !pool {
		return
	}
	h.must("StoragePool.create", h.createPool())
	must(h.t, h.manage(master{h.d.a, 1}))
	for task := range h.tasks() {
		h.must("Task.clear", object{"taskID": task})
	}
}

func (h *host) domain(folder, id string) object {
	return object{
		"storagedomainID": id, "domainType": 4, "typeArgs": filepath.Join(h.disk, folder), "name": folder,
		"domainClass": 1, "version": h.d.version, "maxHosts": 250,
	}
}

func (h *host) createPool() object {
	return object{
		"storagepoolID": h.d.pool, "name": "p", "masterSdUUID": h.d.a, "masterVersion": 1, "domainList": []string{h.d.a},
		"lockRenewalIntervalSec": 5, "leaseTimeSec": 60, "ioOpTimeoutSec": 10, "leaseRetries": 3,
	}
}

// check looks what a new host finds after an end at a point.
func (r *recording) check(t *testing.T, disks *crashfs.Server, p crashfs.Point, how crashfs.How) error {
	fs, mount := disks.At(t, p, how), t.TempDir()
	defer fs.Mount(t, mount)()
	h := newHost(t, r.d, mount)
	defer h.close()
	done := r.heard.done >= 0 && p.Steps >= r.heard.done
	if err := h.manage(r.allMasters(r.d)...); err != nil && (!r.alone || done || !errors.Is(err, errNoPool)) {
		return err
	}
	succeeded, err := r.checkTasks(h, p)
	if err != nil {
		return err
	}
	seen := r.visible(h)
	partly := false
	switch {
	case seen == r.after:
	case done:
		return fmt.Errorf("what was acknowledged is lost:\n%s\ninstead of\n%s", seen, r.after)
	case succeeded:
		return fmt.Errorf("the task has succeeded, and there is\n%s\ninstead of\n%s", seen, r.after)
	case seen == r.before, r.joined:
	case r.again:
		partly = true
	default:
		return fmt.Errorf("half-made:\n%s\nbefore\n%s\nafter\n%s", seen, r.before, r.after)
	}
	if err := h.verify(partly || r.illegal); err != nil {
		return err
	}
	if partly || r.again || p.Steps%8 == 0 {
		if err := r.repeat(h, seen); err != nil {
			return fmt.Errorf("asked again: %w", err)
		}
	}
	return nil
}

// visible is what managers see, but for the role of a former master that is back:
// who manages the pool changes it when its monitor has found that out.
func (r *recording) visible(h *host) string {
	seen := h.visible()
	if r.joined {
		seen = strings.ReplaceAll(seen, `"role":"Master"`, `"role":"Regular"`)
	}
	return seen
}

// checkTasks reports whether a task is there that has succeeded, and fails if
// one is lost of which the manager knows, or has an end that is none.
func (r *recording) checkTasks(h *host, p crashfs.Point) (succeeded bool, err error) {
	tasks := h.tasks()
	for id, s := range tasks {
		switch {
		case s.TaskState != "finished":
			return false, fmt.Errorf("task %s is %+v", id, s)
		case s.TaskResult == "success":
			succeeded = true
		case s.TaskResult != "cleanSuccess":
			return false, fmt.Errorf("task %s cannot be undone: %+v", id, s)
		}
		if _, err := h.call("Task.clear", object{"taskID": id}); err != nil {
			return false, err
		}
	}
	if spm := r.heard.task >= 0 && r.work.verb != "StoragePool.spmStart"; spm && len(tasks) == 0 && p.Steps >= r.heard.task && p.Steps < r.heard.done {
		return false, errors.New("the task of which the manager knows is lost")
	}
	return succeeded, nil
}

// repeat asks for the same again, unless it is done.
func (r *recording) repeat(h *host, seen string) error {
	if seen == r.after {
		return nil
	}
	if r.alone || r.once {
		return nil
	}
	if _, err := h.do(r.work.on(h), func() int { return 0 }); err != nil {
		return err
	}
	if seen := h.visible(); seen != r.after {
		return fmt.Errorf("there is\n%s\ninstead of\n%s", seen, r.after)
	}
	if r.data != nil {
		if err := r.data(h); err != nil {
			return err
		}
	}
	return h.verify(r.illegal)
}

// on is the work on another mount point.
func (w work) on(h *host) work {
	if path, ok := w.params["typeArgs"].(string); ok {
		changed := object{}
		for k, v := range w.params {
			changed[k] = v
		}
		changed["typeArgs"] = filepath.Join(h.disk, filepath.Base(path))
		w.params = changed
	}
	return w
}

// verify does what vdsm-tool storage check does. With partly, volumes may be
// about to be removed or filled.
func (h *host) verify(partly bool) error {
	for folder, d := range map[string]string{"a": h.d.a, "b": h.d.b, "c": h.d.c} {
		dir := filepath.Join(h.disk, folder, d)
		if _, err := os.Stat(dir); err != nil {
			continue
		}
		report, err := verify.Domain(dir)
		if err != nil {
			return err
		}
		if left := h.d.unexpected(report.Findings, partly); len(left) > 0 {
			return fmt.Errorf("the domain does not verify: %+v", left)
		}
	}
	return nil
}

// unexpected are the findings that are not of volumes that are marked as
// illegal, where there may be such.
func (d centre) unexpected(all []verify.Finding, partly bool) []verify.Finding {
	illegal := make(map[string]bool)
	for _, f := range all {
		if strings.Contains(f.What, "illegal") {
			illegal[strings.TrimSuffix(f.Path, ".meta")] = partly
		}
	}
	// Nor what still names one: what the data says is changed first.
	for _, f := range all {
		for name := range illegal {
			if strings.Contains(f.What, filepath.Base(name)) {
				illegal[f.Path] = partly
				break
			}
		}
	}
	return slices.DeleteFunc(all, func(f verify.Finding) bool {
		return illegal[strings.TrimSuffix(f.Path, ".meta")] ||
			d.garbage && strings.Contains(f.What, "left of an image that was removed") // by who opens the domain next
	})
}

// sample thins the points of an operation out, to about as many as wanted, with
// the first and the last of them; 0 wants all.
func sample(points []crashfs.Point, wanted int) []crashfs.Point {
	if wanted == 0 || len(points) <= wanted {
		return points
	}
	var some []crashfs.Point
	for i := range wanted {
		some = append(some, points[i*(len(points)-1)/(wanted-1)])
	}
	return some
}
