// SPDX-License-Identifier: GPL-2.0-or-later

package outofprocess

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// WriteFile replaces a file's contents, or makes the file, so that everybody
// finds either the old or the new contents, also after a loss of power. It
// writes name.new, flushes it, renames it and flushes the folder; a stale
// handle while writing is tried once more. Permissions are those of the
// process's mask.
func (d *Dir) WriteFile(ctx context.Context, name string, data []byte) error {
	return d.do(ctx, request{Op: opWriteFile, Name: name, Data: data})
}

// NewFile is a file to be written: its name in a folder, and all of it.
type NewFile struct {
	Name string
	Data []byte
}

// WriteFiles is WriteFile for files of a folder, one after the other: a later
// one is not touched before the earlier ones would survive a loss of power.
func (d *Dir) WriteFiles(ctx context.Context, folder string, files []NewFile) error {
	return d.do(ctx, request{Op: opWriteFiles, Name: folder, Files: files})
}

// MakeFolder makes a folder with files in it, in place of whatever is there,
// and flushes all of them. One that was interrupted is incomplete, so it goes
// to a name at which nobody looks.
func (d *Dir) MakeFolder(ctx context.Context, folder string, perm fs.FileMode, files []NewFile) error {
	return d.do(ctx, request{Op: opMakeFolder, Name: folder, Mode: uint32(perm.Perm()), Files: files})
}

// WriteAt writes into a file that is there, and flushes it, past the page cache
// if direct: then offset and length must be multiples of the block size.
func (d *Dir) WriteAt(ctx context.Context, name string, offset int64, data []byte, direct bool) error {
	return d.do(ctx, request{Op: opWriteAt, Name: name, Offset: offset, Data: data, Direct: direct})
}

// Create makes a file of size bytes, all zero and none allocated, with exactly
// the permissions perm. One that is there is fs.ErrExist.
func (d *Dir) Create(ctx context.Context, name string, size int64, perm fs.FileMode) error {
	return d.do(ctx, request{Op: opCreate, Name: name, Size: size, Mode: uint32(perm.Perm())})
}

// Truncate sets the size of a file that is there.
func (d *Dir) Truncate(ctx context.Context, name string, size int64) error {
	return d.do(ctx, request{Op: opTruncate, Name: name, Size: size})
}

// Allocate makes sure that the bytes from offset on are allocated, and writes
// zeros where the file system cannot do that; the file grows if it must. It
// has no time-out: it takes as long as it takes, until ctx ends. What the range
// held before may be lost. progress, if
// not nil, is told how many bytes are done.
func (d *Dir) Allocate(ctx context.Context, name string, offset, size int64, progress func(done int64)) error {
	_, err := d.send(ctx, request{Op: opAllocate, Name: name, Offset: offset, Size: size}, progress, nil)
	return err
}

// Mkdir makes a folder with permissions perm, less the process's mask.
func (d *Dir) Mkdir(ctx context.Context, name string, perm fs.FileMode) error {
	return d.do(ctx, request{Op: opMkdir, Name: name, Mode: uint32(perm.Perm())})
}

// MkdirAll makes a folder and those above it, unless they are there.
func (d *Dir) MkdirAll(ctx context.Context, name string, perm fs.FileMode) error {
	return d.do(ctx, request{Op: opMkdirAll, Name: name, Mode: uint32(perm.Perm())})
}

// Remove removes a file, a link or an empty folder.
func (d *Dir) Remove(ctx context.Context, name string) error {
	return d.do(ctx, request{Op: opRemove, Name: name})
}

// RemoveIfThere is Remove, and nil when nothing is there.
func (d *Dir) RemoveIfThere(ctx context.Context, name string) error {
	if err := d.Remove(ctx, name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// RemoveTree removes a folder with everything in it, or a file; it follows no
// links. Nothing there is nil. It has no time-out, but ctx.
func (d *Dir) RemoveTree(ctx context.Context, name string) error {
	_, err := d.send(ctx, request{Op: opRemoveTree, Name: name}, nil, nil)
	return err
}

// Rename renames a file or folder, in place of a file that is there, and
// flushes both folders.
func (d *Dir) Rename(ctx context.Context, from, to string) error {
	return d.do(ctx, request{Op: opRename, Name: from, To: to})
}

// Link makes a hard link. A name that is taken is fs.ErrExist.
func (d *Dir) Link(ctx context.Context, from, to string) error {
	return d.do(ctx, request{Op: opLink, Name: from, To: to})
}

// Symlink makes a link at name to target, which is written as it is.
func (d *Dir) Symlink(ctx context.Context, target, name string) error {
	return d.do(ctx, request{Op: opSymlink, Name: name, Data: []byte(target)})
}

// Chmod sets the permissions of a file.
func (d *Dir) Chmod(ctx context.Context, name string, perm fs.FileMode) error {
	return d.do(ctx, request{Op: opChmod, Name: name, Mode: uint32(perm.Perm())})
}

// Touch sets a file's times to now, and makes it if it is not there.
func (d *Dir) Touch(ctx context.Context, name string) error {
	return d.do(ctx, request{Op: opTouch, Name: name})
}

// Sync flushes a file, or the names in a folder.
func (d *Dir) Sync(ctx context.Context, name string) error {
	return d.do(ctx, request{Op: opSync, Name: name})
}

// do is call for operations without a result.
func (d *Dir) do(ctx context.Context, r request) error {
	_, err := d.call(ctx, r)
	return err
}

// call carries a request out within the pool's time-out.
func (d *Dir) call(ctx context.Context, r request) (*response, error) {
	ctx, cancel := context.WithTimeout(ctx, d.pool.o.Timeout)
	defer cancel()
	return d.send(ctx, r, nil, nil)
}

// send carries a request out, until ctx ends. finish is called once, when the
// helper has answered or can no longer.
func (d *Dir) send(ctx context.Context, r request, progress func(int64), finish func()) (*response, error) {
	r.Root = d.root
	finished := func() {
		if finish != nil {
			finish()
		}
	}
	if err := d.check(&r); err != nil {
		finished()
		return nil, d.fail(r.Op, r.Name, err)
	}
	for attempt := 1; ; attempt++ {
		if ctx.Err() != nil { // nobody waits for it
			finished()
			return nil, d.fail(r.Op, r.Name, ended(ctx))
		}
		helpers, err := d.pool.domain(d.key)
		if err != nil {
			finished()
			return nil, d.fail(r.Op, r.Name, err)
		}
		h, err := helpers.acquire(ctx, r.Op == opCheck)
		if err != nil {
			finished()
			return nil, d.fail(r.Op, r.Name, err)
		}
		answer, err := h.do(ctx, r, progress, finish)
		if err == errUnsent {
			helpers.release(h)
			if attempt < 3 {
				continue
			}
			finished()
			err = ErrDied
		}
		if err != nil {
			return nil, d.fail(r.Op, r.Name, err)
		}
		if answer.Err != nil {
			return nil, fromWire(answer.Err, string(r.Op), d.root, r.Name)
		}
		return answer, nil
	}
}

// check refuses names that lead out without asking a file system.
func (d *Dir) check(r *request) error {
	if !filepath.IsAbs(d.root) {
		return unix.EINVAL
	}
	names := r.Names
	if r.Name != "" || len(names) == 0 {
		names = append([]string{r.Name}, names...)
	}
	if r.Op == opRename || r.Op == opLink {
		names = append([]string{r.To}, names...)
	}
	for _, name := range names {
		for _, c := range []byte(name) {
			if c == 0 {
				return unix.EINVAL
			}
		}
		if !filepath.IsLocal(name) {
			return ErrOutside
		}
	}
	return nil
}

func (d *Dir) fail(op opcode, name string, err error) error {
	return &fs.PathError{Op: string(op), Path: d.Path(name), Err: err}
}
