// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"sync"
	"time"

	"govdsm/internal/virt/domxml"
)

// notes are what the manager and we keep in the domain's metadata, so that it
// outlives the daemon. The lock is held while they are stored, so that what is
// stored last is what was noted last; it is taken before that of the state.
type notes struct {
	mu sync.Mutex
	m  *domxml.Metadata
}

func (n *notes) read(f func(*notes)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f(n)
}

// note brings the metadata up to date with the state, lets edit change it, and
// stores it in the domain.
func (v *VM) note(ctx context.Context, edit func(domxml.Values)) error {
	if v.external.Load() {
		return nil
	}
	v.notes.mu.Lock()
	defer v.notes.mu.Unlock()
	v.update()
	if edit != nil {
		edit(v.notes.m.Values)
	}
	xml, err := v.notes.m.XML()
	if err != nil {
		return err
	}
	return v.vms.libvirt.SetMetadata(ctx, v.id, domxml.VMPrefix, domxml.VMNamespace, xml)
}

// update writes the state into the metadata. The notes are locked.
func (v *VM) update() {
	values := v.notes.m.Values
	v.with(func(s *state) {
		if !s.startTime.IsZero() {
			values[domxml.ValueStartTime] = domxml.Float(float64(s.startTime.UnixMicro()) / 1e6)
		}
		values[domxml.ValueDestroyOnReboot] = domxml.Bool(s.destroyOnReboot)
		if s.pauseTime > 0 {
			values[domxml.ValuePauseTime] = domxml.Float(s.pauseTime)
		} else {
			delete(values, domxml.ValuePauseTime)
		}
	})
	if mib, ok := values.Int(domxml.ValueMinGuaranteedMemoryMb); ok {
		values[domxml.ValueMemGuaranteedSize] = domxml.Int(mib)
	}
	if _, ok := values[domxml.ValueCPUPolicy]; !ok {
		values[domxml.ValueCPUPolicy] = domxml.Text("none")
	}
}

// recall takes over what the metadata of a domain says about the state.
func (s *state) recall(values domxml.Values) {
	if t, ok := values.Float(domxml.ValueStartTime); ok {
		s.startTime = time.UnixMicro(int64(t * 1e6))
	}
	s.destroyOnReboot = s.destroyOnReboot || values.Bool(domxml.ValueDestroyOnReboot, false)
	if t, ok := values.Float(domxml.ValuePauseTime); ok {
		s.pauseTime = t
	}
}
