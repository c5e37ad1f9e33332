// SPDX-License-Identifier: GPL-2.0-or-later

package pool

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"govdsm/internal/storage/domain"
)

// masterLink is the name of the link to the master.
const masterLink = "mastersd"

// links are the links of a pool. They are on the host's own file system, and
// nothing here follows them.
type links struct {
	repository, dir string
}

func linksOf(repository, pool string) links {
	return links{repository, filepath.Join(repository, pool)}
}

// set makes name lead to a folder. At every instant it leads to the old or to
// the new one.
func (l links) set(target, name string) error {
	at := filepath.Join(l.dir, name)
	if now, err := os.Readlink(at); err == nil && now == target {
		return nil
	}
	temporary := filepath.Join(l.repository, uuid.NewString())
	if err := os.Symlink(target, temporary); err != nil {
		return err
	}
	if err := os.Rename(temporary, at); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return nil
}

// domain makes the links to a domain.
func (l links) domain(d *domain.Domain, master bool) error {
	err := l.set(d.Dir().Root(), d.ID())
	if master && err == nil {
		err = l.set(d.Dir().Root(), masterLink)
	}
	return err
}

// remove removes the link to a domain. None is nil.
func (l links) remove(name string) error {
	err := os.Remove(filepath.Join(l.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// keep removes the links to all other domains.
func (l links) keep(domains map[string]bool) error {
	names, err := os.ReadDir(l.dir)
	if err != nil {
		return err
	}
	var all []error
	for _, name := range names {
		if domain.IsID(name.Name()) && !domains[name.Name()] {
			all = append(all, l.remove(name.Name()))
		}
	}
	return errors.Join(all...)
}

// Clean removes the links of all pools but the one that is connected: those
// that a process has left that was not asked to end. What is no link stays.
func (p *Pools) Clean(ctx context.Context) error {
	release, err := p.o.Locks.Acquire(ctx, connecting())
	if err != nil {
		return err
	}
	defer release()
	connected := ""
	if c := p.Connected(); c != nil {
		connected = c.id
	}
	entries, err := os.ReadDir(p.o.Repository)
	if err != nil {
		return err
	}
	var all []error
	for _, e := range entries {
		at := filepath.Join(p.o.Repository, e.Name())
		switch {
		case !domain.IsID(e.Name()), e.Name() == connected:
		case e.Type() == fs.ModeSymlink:
			all = append(all, os.Remove(at))
		case e.IsDir():
			all = append(all, cleanDir(at))
		}
	}
	return errors.Join(all...)
}

func cleanDir(dir string) error {
	entries, err := os.ReadDir(dir)
	all := []error{err}
	for _, e := range entries {
		if e.Type() == fs.ModeSymlink {
			all = append(all, os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	return errors.Join(append(all, os.Remove(dir))...)
}
