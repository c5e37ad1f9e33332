// SPDX-License-Identifier: GPL-2.0-or-later

package task

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"govdsm/api"
	"govdsm/internal/storage/outofprocess"
)

// Dir is the folder of the tasks on the master domain. outofprocess.Dir is one.
type Dir interface {
	Root() string // where it is at present: another domain may become the master
	ReadDir(ctx context.Context, name string) ([]string, error)
	ReadFile(ctx context.Context, name string) ([]byte, error)
	WriteFiles(ctx context.Context, folder string, files []outofprocess.NewFile) error
	MakeFolder(ctx context.Context, folder string, perm fs.FileMode, files []outofprocess.NewFile) error
	Exists(ctx context.Context, name string) (bool, error)
	Rename(ctx context.Context, from, to string) error
	RemoveTree(ctx context.Context, name string) error
}

// Store keeps tasks in a folder. One call at a time may work on a task.
type Store struct{ dir Dir }

// NewStore returns the store in a folder that is there.
func NewStore(dir Dir) *Store { return &Store{dir} }

const (
	temporary = ".temp"
	backup    = ".backup"
)

// Save keeps a task, in place of what was kept of it, which is last if that is
// known. At any instant there is the former or the new state, whole, under one
// of the task's three names; Load finds it.
func (s *Store) Save(ctx context.Context, r, last *Record) error {
	if err := CheckID(r.ID); err != nil {
		return err
	}
	for i := range r.Recoveries {
		if err := r.Recoveries[i].Check(); err != nil {
			return api.ErrTaskPersist.OfText(err.Error())
		}
	}
	err := fs.ErrNotExist
	if added, ok := r.since(last); ok {
		err = s.dir.WriteFiles(ctx, r.ID, added)
	}
	if errors.Is(err, fs.ErrNotExist) { // also when another domain is the master since
		err = s.replace(ctx, r)
	}
	if err != nil {
		return api.ErrTaskPersist.OfText(fmt.Sprintf("%s persist failed: %v", r.ID, err)).Caused(err)
	}
	return nil
}

// since returns the files by which a task differs from a former state of it,
// the task's own at the end: that tells how many of the others count, so the
// former state lasts until it is written. False when one of those that count
// already has changed, or there is no former state.
func (r *Record) since(last *Record) (files []outofprocess.NewFile, ok bool) {
	if last == nil {
		return nil, false
	}
	now, then := r.Files(), last.Files()
	head := r.ID + ".task"
	for _, name := range sortedNames(then) {
		if name != head && !bytes.Equal(now[name], then[name]) {
			return nil, false
		}
	}
	for _, name := range sortedNames(now) {
		if _, there := then[name]; !there {
			files = append(files, outofprocess.NewFile{Name: name, Data: now[name]})
		}
	}
	return append(files, outofprocess.NewFile{Name: head, Data: now[head]}), true
}

// replace keeps a task in a new folder, which takes the place of the former.
func (s *Store) replace(ctx context.Context, r *Record) error {
	// Only beside the task itself is what is here of no use: a save that was
	// interrupted between its two renames has left the task here.
	present, err := s.dir.Exists(ctx, r.ID)
	if err != nil {
		return err
	}
	if !present {
		if err := s.mend(ctx, r.ID); err != nil {
			return err
		}
		if present, err = s.dir.Exists(ctx, r.ID); err != nil {
			return err
		}
	}
	var files []outofprocess.NewFile
	all := r.Files()
	for _, name := range sortedNames(all) {
		files = append(files, outofprocess.NewFile{Name: name, Data: all[name]})
	}
	if err := s.dir.MakeFolder(ctx, r.ID+temporary, 0o755, files); err != nil {
		return err
	}
	if present {
		if err := s.dir.RemoveTree(ctx, r.ID+backup); err != nil {
			return err
		}
		if err := s.dir.Rename(ctx, r.ID, r.ID+backup); err != nil {
			return err
		}
	}
	if err := s.dir.Rename(ctx, r.ID+temporary, r.ID); err != nil || !present {
		return err
	}
	return s.dir.RemoveTree(ctx, r.ID+backup)
}

// mend gives a task its name back that was interrupted between two renames:
// then a backup is there, and the new state is whole.
func (s *Store) mend(ctx context.Context, id string) error {
	for _, pair := range [][2]string{{id + backup, id + temporary}, {id + backup, id + backup}} {
		interrupted, err := s.dir.Exists(ctx, pair[0])
		if err != nil || !interrupted {
			return err
		}
		whole, err := s.dir.Exists(ctx, pair[1])
		if err != nil {
			return err
		}
		if whole {
			return s.dir.Rename(ctx, pair[1], id)
		}
	}
	return nil
}

// Load returns a task; fs.ErrNotExist when there is none.
func (s *Store) Load(ctx context.Context, id string) (*Record, error) {
	if err := CheckID(id); err != nil {
		return nil, err
	}
	present, err := s.dir.Exists(ctx, id)
	if err != nil {
		return nil, err
	}
	if !present {
		if err := s.mend(ctx, id); err != nil {
			return nil, err
		}
	}
	return Parse(id, func(name string) ([]byte, error) { return s.dir.ReadFile(ctx, id+"/"+name) })
}

// LoadAll returns all tasks, sorted by id. Folders that hold none that can be
// understood are told in the error, beside the tasks. Only the pool's manager
// may call it: what others have not finished writing is removed.
func (s *Store) LoadAll(ctx context.Context) ([]*Record, error) {
	names, err := s.dir.ReadDir(ctx, ".")
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, name := range names {
		id, _, _ := strings.Cut(name, ".")
		if id != "" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	var records []*Record
	var errs []error
	for _, id := range slices.Compact(ids) {
		r, err := s.Load(ctx, id)
		if errors.Is(err, fs.ErrNotExist) && !slices.Contains(names, id) {
			// A first save that was interrupted: nothing had begun.
			errs = append(errs, s.dir.RemoveTree(ctx, id+temporary))
			continue
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("task %s: %w", id, err))
			continue
		}
		records = append(records, r)
	}
	return records, errors.Join(errs...)
}

// Remove forgets a task. None is nil.
func (s *Store) Remove(ctx context.Context, id string) error {
	if err := CheckID(id); err != nil {
		return err
	}
	return errors.Join(
		s.dir.RemoveTree(ctx, id+temporary), s.dir.RemoveTree(ctx, id+backup), s.dir.RemoveTree(ctx, id))
}

func sortedNames(files map[string][]byte) []string {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
