// SPDX-License-Identifier: GPL-2.0-or-later

package persistence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"
)

// largestFile that is read. Real ones stay below a few kilobytes.
const largestFile = 1 << 20

// reading is one walk through a configuration.
type reading struct {
	root     *os.Root
	dir      string // of root, in the parent
	path     string // for people
	aside    *asideStore
	problems []Problem

	known, seen map[string]known // of the last walk, and of this one
}

// section reads all files of a section into a map by their names.
func section[V any](r *reading, name string, into map[string]V) error {
	folder, err := r.root.OpenRoot(name) // once, and not for each file
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer folder.Close()
	entries, err := fs.ReadDir(folder.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		file := path.Join(name, e.Name())
		raw, err := readFile(folder, e.Name())
		var v V
		if err == nil {
			v, err = meaning[V](r, file, raw)
		}
		if err == nil {
			into[e.Name()] = v
			continue
		}
		var input *notConfiguration
		if !errors.As(err, &input) {
			return err // of the disk; perhaps it can be read next time
		}
		p := Problem{Path: filepath.Join(r.path, name, e.Name()), Err: err}
		p.Kept = r.aside.keep(path.Join(r.dir, name, e.Name()), name+"-"+e.Name())
		r.problems = append(r.problems, p)
	}
	return nil
}

// meaning takes a file apart, unless it still says what it said the last time.
func meaning[V any](r *reading, file string, raw []byte) (v V, err error) {
	if last := r.known[file]; last.value != nil && bytes.Equal(raw, last.raw) {
		r.seen[file] = last
		return last.value.(V), nil
	}
	if err := decode(raw, &v); err != nil {
		return v, err
	}
	r.seen[file] = known{raw, v}
	return v, nil
}

// notConfiguration is the error of what is there and cannot be understood.
type notConfiguration struct{ err error }

func (e *notConfiguration) Error() string { return e.err.Error() }
func (e *notConfiguration) Unwrap() error { return e.err }

// readFile reads a regular file of bearable size. It never waits on a pipe.
func readFile(root *os.Root, name string) ([]byte, error) {
	info, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &notConfiguration{fmt.Errorf("not a file but %s", info.Mode().Type())}
	}
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, largestFile+1))
	if err == nil && len(raw) > largestFile {
		return nil, &notConfiguration{fmt.Errorf("larger than %d bytes", largestFile)}
	}
	return raw, err
}

func decode(raw []byte, v any) error {
	if err := json.Unmarshal(raw, v); err != nil {
		return &notConfiguration{err}
	}
	return nil
}

// asideStore keeps what cannot be understood, so that the next save does not
// lose it.
type asideStore struct {
	parent *os.Root
	store  *Store
}

// keep gives the file at from a second name and returns its path; "" if there
// is no way, as for a directory. A file of the same name that was kept before
// makes room.
func (a *asideStore) keep(from, name string) string {
	dir := a.store.name + "-unreadable"
	if err := a.parent.MkdirAll(dir, 0o755); err != nil {
		return ""
	}
	file := path.Join(dir, name)
	if err := a.parent.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	if err := a.parent.Link(from, file); err != nil {
		return ""
	}
	return filepath.Join(a.store.parent, file)
}
