// SPDX-License-Identifier: GPL-2.0-or-later

package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// ErrNotOwn says that somebody else than this process's user could have
// written a file. It matches fs.ErrPermission.
var ErrNotOwn = fmt.Errorf("others can write it: %w", fs.ErrPermission)

// mostOwn is how much of a file ReadOwn reads, in bytes.
const mostOwn = 64 << 20

// Own makes a folder for files that ReadOwn reads, unless it is there. One that
// others can write is ErrNotOwn; the folders above it may be anybody's.
func Own(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	i, err := os.Lstat(dir)
	if err == nil && (!i.IsDir() || !own(i)) {
		err = &fs.PathError{Op: "open", Path: dir, Err: ErrNotOwn}
	}
	return err
}

// ReadOwn reads a file by which this process does what only its user may, such
// as undoing what a former one began. It is ErrNotOwn unless the file and the
// folder that it is in are the user's, and nobody else may write them: who owns
// a folder further up can put others in their place.
func ReadOwn(path string) ([]byte, error) {
	dir, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	f, err := dir.OpenFile(filepath.Base(path), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	folder, err := dir.Stat(".")
	if err != nil {
		return nil, err
	}
	file, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !own(folder) || !own(file) || !file.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: ErrNotOwn}
	}
	text, err := io.ReadAll(io.LimitReader(f, mostOwn+1))
	if err == nil && len(text) > mostOwn {
		err = errors.New("the file is too long")
	}
	return text, err
}

func own(i fs.FileInfo) bool {
	s, ok := i.Sys().(*syscall.Stat_t)
	if !ok || int(s.Uid) != os.Geteuid() {
		return false
	}
	others := fs.FileMode(0o022)
	if int(s.Gid) == os.Getegid() {
		others = 0o002 // our own group is us
	}
	return i.Mode().Perm()&others == 0
}
