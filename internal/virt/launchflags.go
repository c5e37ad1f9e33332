// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"govdsm/internal/libvirt"
	"govdsm/internal/virt/domxml"
)

// Hooks of before_vm_start may change the flags with which libvirt starts the
// domain. The flags lie in a file for them, as a decimal number
// (lib/vdsm/common/hooks.py: <run>/<vm>/launchflags).

func (v *VM) flagsFile() string {
	return filepath.Join(v.vms.o.RunDir, v.id, "launchflags")
}

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

func (v *VM) writeLaunchFlags() error {
	if v.vms.o.RunDir == "" {
		return nil
	}
	path := v.flagsFile()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make the launch flags: %w", err)
	}
	if err := os.WriteFile(path, strconv.AppendUint(nil, uint64(v.initialFlags()), 10), 0o644); err != nil {
		return fmt.Errorf("write the launch flags: %w", err)
	}
	return nil
}

// launchFlags reads the flags back and removes the file.
func (v *VM) launchFlags() (uint32, error) {
	if v.vms.o.RunDir == "" {
		return v.initialFlags(), nil
	}
	text, err := os.ReadFile(v.flagsFile())
	if errors.Is(err, fs.ErrNotExist) {
		return v.initialFlags(), nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the launch flags: %w", err)
	}
	defer os.RemoveAll(filepath.Dir(v.flagsFile()))
	first, _, _ := strings.Cut(string(text), "\n")
	flags, err := strconv.ParseUint(strings.TrimSpace(first), 10, 32)
	if err != nil {
		return 0, fmt.Errorf("launch flags left by a hook: %w", err)
	}
	return uint32(flags), nil
}

// joinSorted lists the numbers that pins has, as in "0,1,5".
func joinSorted(pins map[int]string) string {
	var texts []string
	for _, n := range slices.Sorted(maps.Keys(pins)) {
		texts = append(texts, strconv.Itoa(n))
	}
	return strings.Join(texts, ",")
}
