// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"govdsm/internal/atomicfile"
	"govdsm/internal/libvirt"
)

// unwanted are the VMs that were destroyed while libvirt could not be told to
// forget them: it is told when it is back. They are kept in a file, one id a
// line, so that a restart of the daemon does not bring them back to managers.
//
// The lock is held while libvirt forgets a domain, so that none is forgotten
// that a start has just defined.
type unwanted struct {
	file string // "" for memory alone

	mu  sync.Mutex
	ids map[string]bool
}

// load reads the file, if there is one.
func (u *unwanted) load() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.ids = make(map[string]bool)
	if u.file == "" {
		return nil
	}
	text, err := os.ReadFile(u.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		if id, err := uuid.Parse(strings.TrimSpace(line)); err == nil {
			u.ids[id.String()] = true
		}
	}
	return err
}

// add notes that the domain is to be forgotten.
func (u *unwanted) add(id string) error {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return nil // libvirt has no such domain
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.ids[parsed.String()] = true
	return u.save()
}

// drop notes that the domain is wanted again.
func (u *unwanted) drop(id string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	id = strings.ToLower(id)
	if !u.ids[id] {
		return nil
	}
	delete(u.ids, id)
	return u.save()
}

func (u *unwanted) has(id string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.ids[strings.ToLower(id)]
}

// save writes the file. The lock is held.
func (u *unwanted) save() error {
	if u.file == "" {
		return nil
	}
	if len(u.ids) == 0 {
		return os.Remove(u.file)
	}
	text := strings.Join(slices.Sorted(maps.Keys(u.ids)), "\n") + "\n"
	return atomicfile.Write(u.file, []byte(text), 0o600)
}

// undefine makes libvirt forget the domain of a VM that was destroyed, now or
// when it is back.
func (m *VMs) undefine(ctx context.Context, v *VM) {
	err := m.libvirt.Undefine(ctx, v.id)
	if err == nil || errors.Is(err, libvirt.NoDomain) {
		return
	}
	v.log.WarnContext(ctx, "the domain is not undefined yet", "error", err)
	if err := m.unwanted.add(v.id); err != nil {
		v.log.ErrorContext(ctx, "a restart will list the destroyed VM again", "error", err)
	}
}

// undefineUnwanted makes libvirt forget what it could not be told before. A
// domain that runs again is somebody's, and stays.
func (m *VMs) undefineUnwanted(ctx context.Context) {
	u := &m.unwanted
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.ids) == 0 {
		return
	}
	for id := range maps.Clone(u.ids) {
		status, err := m.libvirt.State(ctx, id)
		if err == nil && status.Off() {
			err = m.libvirt.Undefine(ctx, id)
		}
		if err != nil && !errors.Is(err, libvirt.NoDomain) {
			m.log.WarnContext(ctx, "a destroyed VM's domain is not undefined yet", "vmId", id, "error", err)
			continue
		}
		delete(u.ids, id)
	}
	if err := u.save(); err != nil {
		m.log.ErrorContext(ctx, "cannot note which domains are to be undefined", "error", err)
	}
}
