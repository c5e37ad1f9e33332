// SPDX-License-Identifier: GPL-2.0-or-later

package outofprocess

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// ReadDir returns the names in a folder, sorted.
func (d *Dir) ReadDir(ctx context.Context, name string) ([]string, error) {
	names, err := d.ReadDirUnsorted(ctx, name)
	slices.Sort(names)
	return names, err
}

// ReadDirUnsorted returns the names in a folder in no order: in one of ten
// thousand, sorting them takes as long as reading.
func (d *Dir) ReadDirUnsorted(ctx context.Context, name string) ([]string, error) {
	r, err := d.call(ctx, request{Op: opReadDir, Name: name})
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, strings.Count(r.List, "\x00"))
	for left := r.List; left != ""; {
		name, rest, _ := strings.Cut(left, "\x00")
		names, left = append(names, name), rest
	}
	return names, nil
}

// Folder is a folder that ReadDirs found, with names in it.
type Folder struct {
	Name  string
	Names []string
}

// ReadDirs returns the folders in a folder, and of each the names that end in
// suffix, all in no order. It is one call, and one look at each folder, however
// many there are. Links to folders are left out, as are folders that are
// forbidden or go away meanwhile.
func (d *Dir) ReadDirs(ctx context.Context, name, suffix string) ([]Folder, error) {
	r, err := d.call(ctx, request{Op: opReadDirs, Name: name, To: suffix})
	if err != nil {
		return nil, err
	}
	return parseFolders(r.List), nil
}

// parseFolders reads the list of readDirs: each folder's name, the names in it,
// and one that is empty.
func parseFolders(list string) (folders []Folder) {
	names := make([]string, 0, strings.Count(list, "\x00"))
	for list != "" {
		var f Folder
		f.Name, list, _ = strings.Cut(list, "\x00")
		first := len(names)
		for {
			var name string
			if name, list, _ = strings.Cut(list, "\x00"); name == "" {
				break
			}
			names = append(names, name)
		}
		f.Names = names[first:len(names):len(names)]
		folders = append(folders, f)
	}
	return folders
}

func (o *operation) readDir() error {
	dir, err := o.root.OpenFile(o.Name, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer dir.Close()
	var list []byte
	found := 0
	err = entries(int(dir.Fd()), make([]byte, 32<<10), func(name []byte, _ byte) error {
		list = append(append(list, name...), 0)
		found++
		return limit(found)
	})
	o.List = string(list)
	return err
}

// readDirs carries ReadDirs out. Nothing is kept of a name but its bytes in the
// answer, so that tens of thousands of them are no work for the collector.
func (o *operation) readDirs() error {
	top, err := o.root.OpenFile(o.Name, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer top.Close()
	fd, buffer := int(top.Fd()), make([]byte, 32<<10)
	var folders []string
	err = entries(fd, buffer, func(name []byte, kind byte) error {
		if kind == unix.DT_DIR || kind == unix.DT_UNKNOWN {
			folders = append(folders, string(name))
		}
		return limit(len(folders))
	})
	if err != nil {
		return err
	}
	suffix, found := []byte(o.To), 0
	var list []byte
	for n, folder := range folders {
		before := len(list)
		list = append(append(list, folder...), 0)
		err := namesBelow(fd, folder, buffer, func(name []byte, _ byte) error {
			if bytes.HasSuffix(name, suffix) {
				list = append(append(list, name...), 0)
				found++
			}
			return limit(found)
		})
		switch {
		case err == nil:
			list = append(list, 0)
		case err == unix.ELOOP || unlessMissing(err) == nil:
			list = list[:before]
		default:
			return err
		}
		o.alive(int64(n))
	}
	o.List = string(list)
	return nil
}

func limit(names int) error {
	if names > mostNames {
		return ErrTooLarge
	}
	return nil
}

// namesBelow calls f with the names in a folder of the folder fd. One element
// of a path that is no link leads nowhere else, and O_DIRECTORY opens no pipe.
func namesBelow(fd int, name string, buffer []byte, f func(name []byte, kind byte) error) error {
	below, err := ignoringEINTR(func() (int, error) {
		return unix.Openat(fd, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return err
	}
	defer unix.Close(below)
	return entries(below, buffer, f)
}

// entries calls f with the names in an open folder and what getdents64(2) knows
// of their kind. The name is good until f returns.
func entries(fd int, buffer []byte, f func(name []byte, kind byte) error) error {
	const lengthAt, kindAt, nameAt = 16, 18, 19 // in struct linux_dirent64
	for {
		n, err := ignoringEINTR(func() (int, error) { return unix.Getdents(fd, buffer) })
		if n <= 0 || err != nil {
			return err
		}
		for b := buffer[:n]; len(b) > nameAt; {
			length := int(binary.NativeEndian.Uint16(b[lengthAt:]))
			name, _, _ := bytes.Cut(b[nameAt:length], []byte{0})
			if kind := b[kindAt]; string(name) != "." && string(name) != ".." {
				if err := f(name, kind); err != nil {
					return err
				}
			}
			b = b[length:]
		}
	}
}

func ignoringEINTR(f func() (int, error)) (int, error) {
	for {
		if n, err := f(); err != unix.EINTR {
			return n, err
		}
	}
}
