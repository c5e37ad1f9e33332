// SPDX-License-Identifier: GPL-2.0-or-later

// Package atomicfile replaces files so that a crash, a kill or a full disk at
// any instant leaves either the old contents or the new, whole and on disk.
package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Write replaces the file at path, or makes it, with exactly the permissions
// perm. When it returns nil the new contents survive a power loss; on an error
// before the rename the old contents stand.
//
// The new contents are first written beside the file under a name made of its
// own (".name.new"), so that what a kill leaves behind is overwritten by the
// next try instead of piling up. Callers see to it that only one of them
// writes a path at a time.
func Write(path string, contents []byte, perm fs.FileMode) error {
	dir, name := filepath.Split(path)
	temporary := filepath.Join(dir, "."+name+".new")
	if err := fill(temporary, contents, perm); err != nil {
		_ = os.Remove(temporary) // makes room again where the disk is full
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		_ = os.Remove(temporary)
		return err
	}
	return syncDir(filepath.Dir(path))
}

// fill writes a new file. It never writes through a link or into a file that
// others hold open.
func fill(path string, contents []byte, perm fs.FileMode) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	_, err = f.Write(contents)
	return errors.Join(err, f.Chmod(perm), f.Sync(), f.Close())
}

// syncDir puts the rename itself on disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
