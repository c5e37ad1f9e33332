// SPDX-License-Identifier: GPL-2.0-or-later

package outofprocess

import (
	"errors"
	"io/fs"
	"os"
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
