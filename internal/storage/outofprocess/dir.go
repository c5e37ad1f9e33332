// SPDX-License-Identifier: GPL-2.0-or-later

package outofprocess

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Dir is a folder whose files are reached through a helper. Names are relative
// to it, "." is the folder itself. The methods may be called at once.
type Dir struct {
	pool *Pool
	key  string
	root string
}

// Info is what stat tells of a file. Sizes are bytes.
type Info struct {
	Name     string // last element of the path
	Mode     fs.FileMode
	Size     int64
	Blocks   int64 // allocated, of 512 bytes
	Links    uint64
	Inode    uint64
	UID, GID uint32
	Modified time.Time
	Changed  time.Time // of the inode: ctime
}

// IsDir reports whether it is a folder.
func (i *Info) IsDir() bool { return i.Mode.IsDir() }

// Space is what statvfs tells of a file system, in bytes.
type Space struct {
	Total     int64 // f_frsize × f_blocks
	Free      int64 // f_frsize × f_bfree
	Available int64 // f_frsize × f_bavail: without what is kept for root
}

// File is what ReadFiles found under one name.
type File struct {
	Name string
	Data []byte
	Err  error
}

// Path returns the absolute path of a name, for messages and for programs that
// are run on the file.
func (d *Dir) Path(name string) string { return filepath.Join(d.root, name) }

// Root returns the absolute path of the folder.
func (d *Dir) Root() string { return d.root }

// Sub returns a folder below, with the same helper. Names in it cannot leave
// it, even towards d.
func (d *Dir) Sub(name string) *Dir {
	return &Dir{pool: d.pool, key: d.key, root: filepath.Join(d.root, filepath.Clean("/"+name))}
}

// Stat follows links, inside the folder.
func (d *Dir) Stat(ctx context.Context, name string) (*Info, error) {
	return d.info(ctx, opStat, name)
}

// Lstat does not follow a link at the end of name.
func (d *Dir) Lstat(ctx context.Context, name string) (*Info, error) {
	return d.info(ctx, opLstat, name)
}

func (d *Dir) info(ctx context.Context, op opcode, name string) (*Info, error) {
	r, err := d.call(ctx, request{Op: op, Name: name})
	if err != nil {
		return nil, err
	}
	return &r.Infos[0], nil
}

// Exists reports whether there is something under name, a link that leads
// nowhere included.
func (d *Dir) Exists(ctx context.Context, name string) (bool, error) {
	_, err := d.Lstat(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// StatAll stats many names at once. Names that are not there are left out;
// other failures fail it.
func (d *Dir) StatAll(ctx context.Context, names []string) (map[string]*Info, error) {
	r, err := d.call(ctx, request{Op: opStatAll, Names: names})
	if err != nil {
		return nil, err
	}
	infos := make(map[string]*Info, len(names))
	for i := range r.Results {
		switch err := fromWire(r.Results[i].Err, "stat", d.root, names[i]); {
		case err == nil:
			infos[names[i]] = &r.Results[i].Info
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	}
	return infos, nil
}

// StatFS tells how much room there is.
func (d *Dir) StatFS(ctx context.Context) (Space, error) {
	r, err := d.call(ctx, request{Op: opStatFS, Name: "."})
	if err != nil {
		return Space{}, err
	}
	return r.Space, nil
}

// Glob returns the names that match a pattern of path.Match, sorted. A folder
// that is missing or forbidden holds no matches; other failures fail it.
func (d *Dir) Glob(ctx context.Context, pattern string) ([]string, error) {
	r, err := d.call(ctx, request{Op: opGlob, Name: pattern})
	if err != nil {
		return nil, err
	}
	return r.Names, nil
}

// Readlink returns the target of a link, as it is written there.
func (d *Dir) Readlink(ctx context.Context, name string) (string, error) {
	r, err := d.call(ctx, request{Op: opReadlink, Name: name})
	if err != nil {
		return "", err
	}
	return string(r.Data), nil
}

// mostRead bounds what one call reads, in bytes.
const mostRead = 16 << 20

// ReadFile reads a whole file of at most 16 MiB.
func (d *Dir) ReadFile(ctx context.Context, name string) ([]byte, error) {
	return d.read(ctx, request{Op: opRead, Name: name, Size: -1})
}

// ReadDirect reads a whole file past the page cache, so that what another host
// has written is seen. On a file system that has no direct I/O it reads
// ordinarily.
func (d *Dir) ReadDirect(ctx context.Context, name string) ([]byte, error) {
	return d.read(ctx, request{Op: opRead, Name: name, Size: -1, Direct: true})
}

// ReadAt reads size bytes from offset on, past the page cache if direct: then
// offset and size must be multiples of the block size. Less is returned at the
// end of the file.
func (d *Dir) ReadAt(ctx context.Context, name string, offset, size int64, direct bool) ([]byte, error) {
	return d.read(ctx, request{Op: opRead, Name: name, Offset: offset, Size: size, Direct: direct})
}

func (d *Dir) read(ctx context.Context, r request) ([]byte, error) {
	answer, err := d.call(ctx, r)
	if err != nil {
		return nil, err
	}
	return answer.Data, nil
}

// ReadFiles reads many small files past the page cache with one call. What is
// wrong with one of them is in its Err. Together they are at most 16 MiB;
// files beyond that have ErrTooLarge.
func (d *Dir) ReadFiles(ctx context.Context, names []string) ([]File, error) {
	r, err := d.call(ctx, request{Op: opReadFiles, Names: names, Direct: true})
	if err != nil {
		return nil, err
	}
	files := make([]File, len(names))
	for i, name := range names {
		files[i] = File{Name: name, Data: r.Results[i].Data, Err: fromWire(r.Results[i].Err, "read", d.root, name)}
	}
	return files, nil
}

// Check reads the first 4096 bytes of a file past the page cache and returns
// how long that took. It needs no free slot. While the former check of the
// file has not been answered it is ErrTimeout at once, so that checks of a
// frozen server do not pile up.
func (d *Dir) Check(ctx context.Context, name string) (time.Duration, error) {
	path := d.Path(name)
	helpers, err := d.pool.domain(d.key)
	if err != nil {
		return 0, d.fail(opCheck, name, err)
	}
	if !helpers.begin(path) {
		return 0, d.fail(opCheck, name, ErrTimeout)
	}
	r, err := d.send(ctx, request{Op: opCheck, Name: name}, nil, func() { helpers.finish(path) })
	if err != nil {
		return 0, err
	}
	return time.Duration(r.Size), nil
}

// Access asks the file system whether the daemon's user may do all of mode with
// a file: a sum of unix.R_OK, W_OK and X_OK. No is fs.ErrPermission.
func (d *Dir) Access(ctx context.Context, name string, mode uint32) error {
	_, err := d.call(ctx, request{Op: opAccess, Name: name, Mode: mode})
	return err
}

// ProbeBlockSize returns the size in bytes in which a folder's file system
// takes direct writes: 512 or 4096, or 1 when it takes any. It writes a file
// that has no name, or .probe-UUID where there is no such thing. EINVAL says
// that it takes none of these.
func (d *Dir) ProbeBlockSize(ctx context.Context, name string) (int, error) {
	r, err := d.call(ctx, request{Op: opProbe, Name: name})
	if err != nil {
		return 0, err
	}
	return int(r.Size), nil
}

// Open opens a regular file, for what needs a descriptor: flock, or a child
// process. Flags are those of os.OpenFile; perm counts with O_CREATE. Reading
// and writing the file may hang whoever does it.
func (d *Dir) Open(ctx context.Context, name string, flags int, perm fs.FileMode) (*os.File, error) {
	r, err := d.call(ctx, request{Op: opOpen, Name: name, Flags: flags, Mode: uint32(perm.Perm())})
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(r.fd), d.Path(name)), nil
}
