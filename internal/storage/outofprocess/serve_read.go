// SPDX-License-Identifier: GPL-2.0-or-later

package outofprocess

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mostNames bounds what a folder may hold before it is not listed.
const mostNames = 1 << 20

// reading returns what carries out an operation that changes nothing, or nil.
func (o *operation) reading() func() error {
	switch o.Op {
	case opStat:
		return func() error { return o.stat(o.root.Stat) }
	case opLstat:
		return func() error { return o.stat(o.root.Lstat) }
	case opStatAll:
		return o.statAll
	case opStatFS:
		return o.statFS
	case opReadDir:
		return o.readDir
	case opReadDirs:
		return o.readDirs
	case opGlob:
		return func() (err error) { o.response.Names, err = o.glob(o.Name); return err }
	case opReadlink:
		return o.readlink
	case opRead:
		return o.read
	case opReadFiles:
		return o.readFiles
	case opCheck:
		return o.check
	case opAccess:
		return o.access
	}
	return nil
}

func (o *operation) stat(f func(string) (os.FileInfo, error)) error {
	i, err := f(o.Name)
	if err != nil {
		return err
	}
	o.Infos = []Info{info(i)}
	return nil
}

func (o *operation) statAll() error {
	o.Results = make([]result, len(o.request.Names))
	for n, name := range o.request.Names {
		i, err := o.root.Lstat(name)
		if err != nil {
			o.Results[n].Err = toWire(err)
			continue
		}
		o.Results[n].Info = info(i)
	}
	return nil
}

func info(i os.FileInfo) Info {
	r := Info{Name: i.Name(), Mode: i.Mode(), Size: i.Size(), Modified: i.ModTime()}
	if s, ok := i.Sys().(*syscall.Stat_t); ok {
		r.Blocks, r.Links, r.Inode, r.UID, r.GID = s.Blocks, uint64(s.Nlink), s.Ino, s.Uid, s.Gid
		r.Changed = time.Unix(s.Ctim.Unix())
	}
	return r
}

func (o *operation) statFS() error {
	f, err := o.root.Open(".")
	if err != nil {
		return err
	}
	defer f.Close()
	var s unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &s); err != nil {
		return err
	}
	unit := s.Frsize
	if unit == 0 {
		unit = s.Bsize
	}
	o.Space = Space{
		Total: unit * int64(s.Blocks), Free: unit * int64(s.Bfree), Available: unit * int64(s.Bavail),
	}
	return nil
}

func (o *operation) list(name string) ([]string, error) {
	f, err := o.root.OpenFile(name, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var names []string
	for {
		some, err := f.Readdirnames(4096)
		names = append(names, some...)
		if len(names) > mostNames {
			return nil, ErrTooLarge
		}
		if len(some) == 0 {
			slices.Sort(names)
			if isEOF(err) {
				err = nil
			}
			return names, err
		}
	}
}

func isEOF(err error) bool { return err != nil && err.Error() == "EOF" }

// glob matches one element of the pattern after the other.
func (o *operation) glob(pattern string) ([]string, error) {
	found := []string{"."}
	for element := range strings.SplitSeq(path.Clean(pattern), "/") {
		var next []string
		for _, dir := range found {
			names, err := o.matches(dir, element)
			if err != nil {
				return nil, err
			}
			next = append(next, names...)
		}
		found = next
	}
	slices.Sort(found)
	return found, nil
}

// matches returns the names in dir that one element of a pattern matches.
func (o *operation) matches(dir, element string) ([]string, error) {
	if !strings.ContainsAny(element, `*?[\`) {
		name := path.Join(dir, element)
		if _, err := o.root.Lstat(name); err != nil {
			return nil, unlessMissing(err)
		}
		return []string{name}, nil
	}
	names, err := o.list(dir)
	if err != nil {
		return nil, unlessMissing(err)
	}
	var found []string
	for _, name := range names {
		ok, err := path.Match(element, name)
		if err != nil {
			return nil, err
		}
		// As in a shell, a name that begins with a dot wants to be asked for.
		if ok && (name[0] != '.' || element[0] == '.') {
			found = append(found, path.Join(dir, name))
		}
	}
	return found, nil
}

func unlessMissing(err error) error {
	for _, none := range []error{fs.ErrNotExist, fs.ErrPermission, unix.ENOTDIR} {
		if errors.Is(err, none) {
			return nil
		}
	}
	if toWire(err).Kind == outside {
		return nil // a link that somebody has planted matches nothing
	}
	return err
}

func (o *operation) readlink() error {
	target, err := o.root.Readlink(o.Name)
	o.response.Data = []byte(target)
	return err
}

// regular opens a file, unless it is something else. Non-blocking, because
// opening a pipe would wait for a writer.
func (o *operation) regular(name string, flags int, perm fs.FileMode) (*os.File, error) {
	f, err := o.root.OpenFile(name, flags|unix.O_NONBLOCK, perm)
	if errors.Is(err, unix.EINVAL) && flags&unix.O_DIRECT != 0 {
		// Some file systems in memory have no direct I/O, and nothing that
		// another host could have changed.
		f, err = o.root.OpenFile(name, flags&^unix.O_DIRECT|unix.O_NONBLOCK, perm)
	}
	if err != nil {
		return nil, err
	}
	i, err := f.Stat()
	if err == nil && i.IsDir() {
		err = unix.EISDIR
	} else if err == nil && !i.Mode().IsRegular() {
		err = unix.EINVAL
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (o *operation) read() (err error) {
	o.response.Data, err = o.contents(o.Name, o.Offset, o.request.Size, mostRead)
	return err
}

func (o *operation) readFiles() error {
	room := int64(mostRead)
	o.Results = make([]result, len(o.request.Names))
	for n, name := range o.request.Names {
		data, err := o.contents(name, 0, -1, room)
		if err != nil {
			o.Results[n].Err = toWire(err)
			continue
		}
		o.Results[n].Data = data
		room -= int64(len(data))
	}
	return nil
}

// contents reads size bytes from offset on, or to the end if size is negative.
func (o *operation) contents(name string, offset, size, most int64) ([]byte, error) {
	flags := os.O_RDONLY
	if o.Direct {
		flags |= unix.O_DIRECT
	}
	f, err := o.regular(name, flags, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if size < 0 {
		i, err := f.Stat()
		if err != nil {
			return nil, err
		}
		size = max(0, i.Size()-offset)
	}
	if offset < 0 || size > most {
		return nil, ErrTooLarge
	}
	b := aligned(int(size+pageSize-1) &^ (pageSize - 1))
	read := 0
	for read < int(size) {
		n, err := unix.Pread(int(f.Fd()), b[read:], offset+int64(read))
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, err
		}
		read += n
		// A direct read that ends within a block has met the end of the file,
		// and must not be continued there.
		if n == 0 || o.Direct && read%512 != 0 {
			break
		}
	}
	return b[:min(read, int(size))], nil
}

// check reads the first block, and says how long that took.
func (o *operation) check() error {
	began := time.Now()
	f, err := o.regular(o.Name, os.O_RDONLY|unix.O_DIRECT, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		_, err = unix.Pread(int(f.Fd()), aligned(pageSize), 0)
		if err != unix.EINTR {
			break
		}
	}
	o.response.Size = int64(time.Since(began))
	return err
}

// access asks through the descriptor, so that links cannot lead elsewhere
// between two looks.
func (o *operation) access() error {
	f, err := o.root.OpenFile(o.Name, unix.O_PATH, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.Faccessat2(unix.AT_FDCWD, descriptorPath(f), o.Mode, unix.AT_EACCESS)
}

const pageSize = 4096

// aligned returns memory that begins at a multiple of pageSize, as direct I/O
// wants it.
func aligned(size int) []byte {
	b := make([]byte, size+pageSize)
	skip := pageSize - int(uintptr(unsafe.Pointer(&b[0]))%pageSize)
	return b[skip : skip+size : skip+size]
}
