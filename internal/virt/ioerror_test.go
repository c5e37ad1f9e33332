// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"govdsm/internal/libvirt"
	"govdsm/internal/virt"
)

// disks are those of a storage that has any.
type disks struct{}

func (disks) Prepare(context.Context, string, virt.Image) (virt.Prepared, error) {
	return virt.Prepared{Path: "/dev/null", Type: "file"}, nil
}
func (disks) Teardown(context.Context, string, virt.Image) error { return nil }

// A VM that an I/O error has stopped does as its manager wants when its storage
// is back; one that was stopped otherwise, or uses other storage, does nothing.
func TestStorageIsBack(t *testing.T) {
	t.Parallel()
	mine, other := uuid.NewString(), uuid.NewString()
	for _, c := range []struct {
		name, behaviour, domain string
		reason                  int
		limit                   time.Duration
		want                    string // what libvirt is told; "" for nothing
	}{
		{"nothing said", "", mine, libvirt.PausedIOError, time.Hour, "Resume"},
		{"auto_resume", "auto_resume", mine, libvirt.PausedIOError, time.Hour, "Resume"},
		{"leave_paused", "leave_paused", mine, libvirt.PausedIOError, time.Hour, ""},
		{"kill, soon", "kill", mine, libvirt.PausedIOError, time.Hour, "Resume"},
		{"kill, late", "kill", mine, libvirt.PausedIOError, time.Nanosecond, "Destroy true"},
		{"unknown", "dance", mine, libvirt.PausedIOError, time.Hour, ""},
		{"other storage", "auto_resume", other, libvirt.PausedIOError, time.Hour, ""},
		{"paused by hand", "auto_resume", mine, 1, time.Hour, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFake()
			limit := c.limit
			if limit < time.Second {
				limit = time.Second // checked every half of it, too
			}
			h := fakeHost(t, f, virt.Options{Storage: disks{}, KillPausedAfter: limit})
			s := newSketch()
			s.devices = `<disk type="file" device="disk"><target dev="vda" bus="virtio"/><source file=""/><driver name="qemu" type="raw"/></disk>`
			if c.behaviour != "" {
				s.metadata = "<ovirt-vm:resumeBehavior>" + c.behaviour + "</ovirt-vm:resumeBehavior>"
			}
			s.metadata += `<ovirt-vm:device devtype="disk" name="vda"><ovirt-vm:poolID>` + other + `</ovirt-vm:poolID><ovirt-vm:domainID>` + mine +
				`</ovirt-vm:domainID><ovirt-vm:imageID>` + other + `</ovirt-vm:imageID><ovirt-vm:volumeID>` + other + `</ovirt-vm:volumeID></ovirt-vm:device>`
			h.create(s.id, s.xml())
			h.awaitEvent(s.id, "Powering up")
			f.mu.Lock()
			f.domains[s.id].status = libvirt.Status{State: libvirt.StatePaused, Reason: c.reason}
			f.mu.Unlock()
			h.vms.Handle(libvirt.IOError{VM: s.id, Action: libvirt.IOErrorPause, Reason: "enospc"})
			h.awaitEvent(s.id, "Paused")
			if c.limit < time.Second {
				time.Sleep(limit + 100*time.Millisecond) // the clock is the host's
			}
			h.vms.StorageIsBack(c.domain)
			deadline := time.Now().Add(patience)
			if c.want == "" {
				deadline = time.Now().Add(300 * time.Millisecond)
			}
			for {
				f.mu.Lock()
				calls := strings.Join(f.calls, ",")
				f.mu.Unlock()
				if c.want != "" && strings.Contains(calls, c.want) {
					return
				}
				if c.want == "" && (strings.Contains(calls, "Resume") || strings.Contains(calls, "Destroy")) {
					t.Fatal(calls)
				}
				if time.Now().After(deadline) {
					if c.want != "" {
						t.Fatal(calls)
					}
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
}
