// SPDX-License-Identifier: GPL-2.0-or-later

package outofprocess

import (
	"context"
	"errors"
	"os"
	"path"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"
)

// probe finds the least size of direct writes, as ioprocess does: see contract
// storage.md, section 2.
func (o *operation) probe() error {
	f, err := o.probeFile()
	if err != nil {
		return err
	}
	defer f.Close()
	b := aligned(pageSize)
	for _, size := range []int{1, 512, 4096} {
		_, err := unix.Pwrite(int(f.Fd()), b[:size], 0)
		switch {
		case err == nil:
			o.response.Size = int64(size)
			return nil
		case !errors.Is(err, unix.EINVAL):
			return err
		}
	}
	return unix.EINVAL
}

// probeFile makes a file that vanishes when it is closed.
func (o *operation) probeFile() (*os.File, error) {
	const flags = os.O_RDWR | unix.O_DIRECT | unix.O_DSYNC | unix.O_CLOEXEC
	dir, err := o.root.OpenFile(o.Name, os.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	fd, err := unix.Openat(int(dir.Fd()), ".", flags|unix.O_TMPFILE, 0o600)
	if err == nil {
		return os.NewFile(uintptr(fd), "probe"), nil
	}
	name := path.Join(o.Name, ".probe-"+uuid.NewString())
	f, err := o.root.OpenFile(name, flags|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		// A file system may make the file and then refuse direct I/O.
		_ = o.root.Remove(name)
		return nil, err
	}
	if err := o.root.Remove(name); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

const (
	// allocateStep is allocated at one go: little enough that a slow server
	// gives a sign of life in time.
	allocateStep = 1 << 30
	// zeroStep is written at one go.
	zeroStep = 8 << 20
)

// allocate makes the file system set blocks aside.
func (o *operation) allocate(ctx context.Context) error {
	f, err := o.regular(o.Name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if o.Offset < 0 || o.request.Size < 0 {
		return unix.EINVAL
	}
	for done := int64(0); done < o.request.Size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		step := min(allocateStep, o.request.Size-done)
		err := unix.Fallocate(int(f.Fd()), 0, o.Offset+done, step)
		if errors.Is(err, unix.EOPNOTSUPP) {
			return o.zero(ctx, f, done)
		}
		if err != nil && err != unix.EINTR {
			return err
		}
		if err == nil {
			done += step
			o.alive(done)
		}
	}
	return f.Sync()
}

// flushStep is flushed at one go where zeros go through the page cache.
const flushStep = 256 << 20

// zero writes zeros from done on. What the file held there before is lost, so
// callers give ranges that hold nothing. They go past the page cache if they
// can: a disk of zeros there would take the memory of the host, and longer to
// flush at the end than a helper may be silent.
func (o *operation) zero(ctx context.Context, f *os.File, done int64) error {
	to := f
	if o.Offset%pageSize == 0 && o.request.Size%pageSize == 0 {
		if direct, err := os.OpenFile(descriptorPath(f), os.O_WRONLY|unix.O_DIRECT, 0); err == nil {
			defer direct.Close()
			to = direct
		}
	}
	b := aligned(zeroStep)
	for flushed := done; done < o.request.Size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		step := min(zeroStep, o.request.Size-done)
		err := writeAll(to, b[:step], o.Offset+done)
		if to != f && errors.Is(err, unix.EINVAL) { // it wants larger blocks
			to = f
			continue
		}
		if err == nil && to == f && done-flushed >= flushStep {
			flushed, err = done, f.Sync()
		}
		if err != nil {
			return err
		}
		done += step
		o.alive(done)
	}
	return f.Sync()
}
