// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"govdsm/internal/libvirt"
)

// A libvirtd that dies in a start after it has noted the start and before it
// has run QEMU leaves a domain behind that the next libvirtd takes for starting
// up, for ever: it looks for the QEMU of a domain only where the note has a
// process (qemuProcessReconnectHelper in libvirt's src/qemu/qemu_process.c).
// Nor does it end such a domain when told to: the job of the start, which it
// has read back too, bars the way.

// startingUp reports whether libvirt has begun the start and not ended it.
func startingUp(s libvirt.Status) bool {
	return s.State == libvirt.StatePaused && s.Reason == libvirt.PausedStartingUp
}

// halfStart watches a domain that is starting up, for how long it may.
type halfStart struct {
	v     *VM
	began time.Time // when it was first seen so
}

// over reports whether nobody is at work on the start any more. One that has a
// QEMU may take as long as any start; without one it is short work.
func (h *halfStart) over() bool {
	if h.began.IsZero() {
		h.began = time.Now()
	}
	limit := h.v.vms.o.StartGrace
	if there, err := hasQEMU(h.v.id); there || err != nil {
		limit = h.v.vms.o.StartTimeout
	}
	return time.Since(h.began) > limit
}

// forgotten reports whether a domain that libvirt cannot end is none: it has no
// QEMU, and nobody is going to start one.
func (v *VM) forgotten(status libvirt.Status, cause error) bool {
	waited := errors.Is(cause, libvirt.OperationTimeout) || errors.Is(cause, libvirt.ErrTimeout)
	if !waited || !startingUp(status) {
		return false
	}
	there, err := hasQEMU(v.id)
	return err == nil && !there
}

// hasQEMU looks for the VM's process among those of the host, by the id in its
// command line. The error says that they cannot be seen.
func hasQEMU(id string) (bool, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return false, err
	}
	want := []byte("\x00-uuid\x00" + id + "\x00")
	seesInit := false
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		line, err := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
		if err != nil {
			continue // it has ended
		}
		seesInit = seesInit || pid == 1
		if bytes.Contains(line, want) {
			return true, nil
		}
	}
	if !seesInit {
		return false, errors.New("/proc hides the processes of others")
	}
	return false, nil
}
