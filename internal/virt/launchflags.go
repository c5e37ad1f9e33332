// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"govdsm/internal/libvirt"
	"govdsm/internal/virt/domxml"
)

// launchPaused reports whether the manager wants the guest's CPUs stopped at
// first.
func (v *VM) launchPaused() (paused bool) {
	v.notes.read(func(n *notes) { paused = n.m.Values.Bool(domxml.ValueLaunchPaused, false) })
	return paused
}

func (v *VM) initialFlags() uint32 {
	if v.launchPaused() {
		return libvirt.StartPaused
	}
	return 0
}

// offerLaunchFlags puts the flags where scripts can change them.
func (v *VM) offerLaunchFlags() error {
	if v.vms.o.LaunchFlags == nil {
		return nil
	}
	return v.vms.o.LaunchFlags.Store(v.id, v.initialFlags())
}

// launchFlags takes the flags back.
func (v *VM) launchFlags(ctx context.Context) (uint32, error) {
	if v.vms.o.LaunchFlags == nil {
		return v.initialFlags(), nil
	}
	flags, err := v.vms.o.LaunchFlags.Load(v.id)
	if err := v.vms.o.LaunchFlags.Remove(v.id); err != nil {
		v.log.WarnContext(ctx, "the launch flags are not removed", "error", err)
	}
	return flags, err
}

// joinSorted lists the numbers that pins has, as in "0,1,5".
func joinSorted(pins map[int]string) string {
	var texts []string
	for _, n := range slices.Sorted(maps.Keys(pins)) {
		texts = append(texts, strconv.Itoa(n))
	}
	return strings.Join(texts, ",")
}
