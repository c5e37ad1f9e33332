// SPDX-License-Identifier: GPL-2.0-or-later

package crash

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"govdsm/api"
	"govdsm/test/crashfs"
)

// fullCodes are what a manager may be told when the disk is full: that of the
// step that failed. General is a program's own words, with those of the system.
func fullCodes() []*api.Code {
	return []*api.Code{
		api.ErrNoSpaceLeftOnDomain, api.ErrTaskPersist, api.ErrGeneral,
		api.ErrVolumeCreation, api.ErrVolumeMetadataWrite, api.ErrVolumeExtending, api.ErrCannotDeleteVolume,
		api.ErrCannotCloneVolume, api.ErrCannotShareVolume, api.ErrCopyImage, api.ErrStorageDomainMetadataCreation, api.ErrStorageDomainMasterCopy,
	}
}

// TestDiskFullAtEveryStep lets the disk be full from some step of an operation
// on. The manager is told so, or all is done; nothing half-made stays; and when
// there is room again the same can be asked for.
func TestDiskFullAtEveryStep(t *testing.T) {
	var mu sync.Mutex
	told := make(map[int]int)
	t.Cleanup(func() { t.Logf("by code: %v", told) })
	for _, o := range slices.Concat(onVolumes(), jobs(), onDomains()) {
		if o.alone || strings.HasPrefix(o.name, "spm") {
			continue // they write one file, as others do
		}
		t.Run(strings.ReplaceAll(o.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			disks := crashfs.Start(t)
			r := record(t, disks, o, "5")
			points := r.points[:len(r.points)-1]
			if os.Getenv("GOVDSM_CRASH") == "" {
				points = sample(points, 4)
			}
			for _, p := range points {
				code, err := r.fillAt(t, disks, p)
				if err != nil {
					t.Errorf("full at %v: %v", p.Next, err)
					return // the others fail alike
				}
				mu.Lock()
				told[code]++
				mu.Unlock()
			}
		})
	}
}

// fillAt does the operation on a disk that is full from a step on.
func (r *recording) fillAt(t *testing.T, disks *crashfs.Server, p crashfs.Point) (int, error) {
	fs, mount := disks.At(t, r.points[0], crashfs.Killed), t.TempDir()
	defer fs.Mount(t, mount)()
	h := newHost(t, r.d, mount)
	defer h.close()
	if err := h.manage(r.allMasters(r.d)...); err != nil {
		return 0, err
	}
	fs.Plan(t, crashfs.Plan{Errno: syscall.ENOSPC, From: fs.Steps(t) + p.Steps - r.points[0].Steps})
	_, failed := h.do(r.work.on(h), func() int { return 0 })
	full := h.visible()
	fs.Plan(t, crashfs.Plan{})
	if seen := h.visible(); seen != full {
		return 0, fmt.Errorf("with room there is\n%s\nwithout\n%s", seen, full)
	}
	if failed == nil {
		if full != r.after {
			return 0, fmt.Errorf("it succeeded, and there is\n%s\ninstead of\n%s", full, r.after)
		}
		return 0, h.verify(r.illegal)
	}
	number := code(failed)
	if !slices.ContainsFunc(fullCodes(), func(c *api.Code) bool { return c.Number == number }) {
		return number, fmt.Errorf("code %d: %w", number, failed)
	}
	for _, s := range h.tasks() {
		if s.TaskResult == "cleanFailure" {
			// Not even that can be written which undoes it. Who manages the pool
			// next, when there is room, does.
			h.close()
			h = newHost(t, r.d, mount)
			defer h.close()
			if err := h.manage(r.allMasters(r.d)...); err != nil {
				return number, err
			}
			full = h.visible()
		}
	}
	partly := full != r.before && full != r.after
	if partly && !r.again {
		return number, fmt.Errorf("%w; half-made:\n%s\nbefore\n%s", failed, full, r.before)
	}
	// Image.delete renames first, and cannot have the rest done then.
	h.d.garbage = r.work.verb == "Image.delete" && full == r.after
	if err := h.verify(partly || r.illegal); err != nil {
		return number, fmt.Errorf("%w; after %w", err, failed)
	}
	for task, s := range h.tasks() {
		if s.TaskState != "finished" {
			return number, fmt.Errorf("task %s is %+v", task, s)
		}
		if _, err := h.call("Task.clear", object{"taskID": task}); err != nil {
			return number, err
		}
	}
	if err := r.repeat(h, full); err != nil {
		return number, fmt.Errorf("asked again with room: %w", err)
	}
	return number, nil
}
