// SPDX-License-Identifier: GPL-2.0-or-later

package task

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"govdsm/api"
)

// Dir is the folder of the tasks on the master domain. outofprocess.Dir is one.
type Dir interface {
	ReadDir(ctx context.Context, name string) ([]string, error)
	ReadFile(ctx context.Context, name string) ([]byte, error)
	WriteFile(ctx context.Context, name string, data []byte) error
	Exists(ctx context.Context, name string) (bool, error)
	Mkdir(ctx context.Context, name string, perm fs.FileMode) error
	Rename(ctx context.Context, from, to string) error
	RemoveTree(ctx context.Context, name string) error
	Sync(ctx context.Context, name string) error
}

// Store keeps tasks in a folder. One call at a time may work on a task.
type Store struct{ dir Dir }

// NewStore returns the store in a folder that is there.
func NewStore(dir Dir) *Store { return &Store{dir} }

const (
	temporary = ".temp"
	backup    = ".backup"
)

// Save keeps a task, in place of what was kept of it. At any instant there is
// the former or the new state, whole, under one of the task's three names; Load
// finds it.
func (s *Store) Save(ctx context.Context, r *Record) error {
	if err := CheckID(r.ID); err != nil {
		return err
	}
	for i := range r.Recoveries {
		if err := r.Recoveries[i].Check(); err != nil {
			return api.ErrTaskPersist.OfText(err.Error())
		}
	}
	if err := s.save(ctx, r); err != nil {
		return api.ErrTaskPersist.OfText(fmt.Sprintf("%s persist failed: %v", r.ID, err)).Caused(err)
	}
	return nil
}

func (s *Store) save(ctx context.Context, r *Record) error {
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
	if err := s.dir.RemoveTree(ctx, r.ID+temporary); err != nil {
		return err
	}
	if err := s.dir.Mkdir(ctx, r.ID+temporary, 0o755); err != nil {
		return err
	}
	files := r.Files()
	for _, name := range sortedNames(files) {
		if err := s.dir.WriteFile(ctx, r.ID+temporary+"/"+name, files[name]); err != nil {
			return err
		}
	}
	if present {
		if err := s.dir.RemoveTree(ctx, r.ID+backup); err != nil {
			return err
		}
		if err := s.dir.Rename(ctx, r.ID, r.ID+backup); err != nil {
			return err
		}
	}
	if err := s.dir.Rename(ctx, r.ID+temporary, r.ID); err != nil {
		return err
	}
	if err := s.dir.RemoveTree(ctx, r.ID+backup); err != nil {
		return err
	}
	return s.dir.Sync(ctx, r.ID)
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
