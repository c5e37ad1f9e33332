// SPDX-License-Identifier: GPL-2.0-or-later

package outofprocess

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"time"

	"golang.org/x/sys/unix"
)

// temporarySuffix is the original's, so that each finds what the other has left
// behind.
const temporarySuffix = ".new"

// writing returns what carries out an operation that changes something, or nil.
func (o *operation) writing(ctx context.Context) func() error {
	perm := fs.FileMode(o.Mode)
	switch o.Op {
	case opWriteFile:
		return func() error { return o.writeFile(o.Name, o.request.Data) }
	case opWriteFiles:
		return o.writeFiles
	case opMakeFolder:
		return func() error { return o.makeFolder(ctx) }
	case opWriteAt:
		return o.writeAt
	case opCreate:
		return o.create
	case opTruncate:
		return o.truncate
	case opAllocate:
		return func() error { return o.allocate(ctx) }
	case opMkdir:
		return func() error { return o.root.Mkdir(o.Name, perm) }
	case opMkdirAll:
		return func() error { return o.root.MkdirAll(o.Name, perm) }
	case opRemove:
		return func() error { return o.root.Remove(o.Name) }
	case opRemoveTree:
		return func() error { return o.removeTree(ctx, o.Name, new(int64)) }
	case opRename:
		return o.rename
	case opLink:
		return func() error { return o.root.Link(o.Name, o.To) }
	case opSymlink:
		return func() error { return o.root.Symlink(string(o.request.Data), o.Name) }
	case opChmod:
		return func() error { return o.root.Chmod(o.Name, perm) }
	case opTouch:
		return o.touch
	case opSync:
		return func() error { return o.sync(o.Name) }
	case opOpen:
		return o.open
	case opProbe:
		return o.probe
	}
	return nil
}

func (o *operation) writeFile(name string, data []byte) error {
	temporary := name + temporarySuffix
	err := o.fill(temporary, data)
	if errors.Is(err, unix.ESTALE) {
		// The folder's handle was from before the server's restart: the look
		// that follows renews it.
		err = o.fill(temporary, data)
	}
	if err == nil {
		err = o.root.Rename(temporary, name)
	}
	if err != nil {
		_ = o.root.Remove(temporary) // makes room again where the disk is full
		return err
	}
	return o.sync(path.Dir(name))
}

func (o *operation) writeFiles() error {
	for _, f := range o.Files {
		if err := o.writeFile(path.Join(o.Name, f.Name), f.Data); err != nil {
			return err
		}
	}
	return nil
}

func (o *operation) makeFolder(ctx context.Context) error {
	if err := o.removeTree(ctx, o.Name, new(int64)); err != nil {
		return err
	}
	if err := o.root.Mkdir(o.Name, fs.FileMode(o.Mode)); err != nil {
		return err
	}
	for _, f := range o.Files {
		if err := o.fill(path.Join(o.Name, f.Name), f.Data); err != nil {
			return err
		}
	}
	return o.sync(o.Name)
}

// fill writes a new file. It never writes through a link that lies in its
// place, or into a file that somebody else has open.
func (o *operation) fill(name string, data []byte) error {
	if err := o.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := o.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

func (o *operation) writeAt() error {
	flags := os.O_WRONLY
	if o.Direct {
		flags |= unix.O_DIRECT
	}
	f, err := o.regular(o.Name, flags, 0)
	if err != nil {
		return err
	}
	b := aligned(len(o.request.Data))
	copy(b, o.request.Data)
	return errors.Join(writeAll(f, b, o.Offset), f.Sync(), f.Close())
}

func writeAll(f *os.File, b []byte, offset int64) error {
	for len(b) > 0 {
		n, err := unix.Pwrite(int(f.Fd()), b, offset)
		if err != nil && err != unix.EINTR {
			return err
		}
		n = max(n, 0)
		b, offset = b[n:], offset+int64(n)
	}
	return nil
}

func (o *operation) create() error {
	f, err := o.root.OpenFile(o.Name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fs.FileMode(o.Mode))
	if err != nil {
		return err
	}
	err = f.Chmod(fs.FileMode(o.Mode)) // whatever the mask is
	if err == nil && o.request.Size > 0 {
		err = f.Truncate(o.request.Size)
	}
	return errors.Join(err, f.Close())
}

func (o *operation) truncate() error {
	f, err := o.regular(o.Name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Truncate(o.request.Size), f.Close())
}

// removeTree removes what is below name first. A large image takes a file
// server minutes to remove, a large folder, too.
func (o *operation) removeTree(ctx context.Context, name string, removed *int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	i, err := o.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if i.IsDir() {
		names, err := o.list(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // another host may remove it, too
			return err
		}
		for _, below := range names {
			if err := o.removeTree(ctx, path.Join(name, below), removed); err != nil {
				return err
			}
		}
	}
	*removed++
	o.alive(*removed)
	if err := o.root.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (o *operation) rename() error {
	if err := o.root.Rename(o.Name, o.To); err != nil {
		return err
	}
	from, to := path.Dir(o.Name), path.Dir(o.To)
	if err := o.sync(to); err != nil || from == to {
		return err
	}
	return o.sync(from)
}

func (o *operation) touch() error {
	f, err := o.root.OpenFile(o.Name, os.O_WRONLY|os.O_CREATE|unix.O_NONBLOCK, 0o666)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	now := time.Now()
	return o.root.Chtimes(o.Name, now, now)
}

func (o *operation) sync(name string) error {
	f, err := o.root.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// open opens a file for the daemon.
func (o *operation) open() error {
	f, err := o.regular(o.Name, o.Flags, fs.FileMode(o.Mode))
	if err != nil {
		return err
	}
	o.file = f
	return unix.SetNonblock(int(f.Fd()), false)
}

// descriptorPath is a path to what f holds open.
func descriptorPath(f *os.File) string { return fmt.Sprintf("/proc/self/fd/%d", f.Fd()) }
