// SPDX-License-Identifier: GPL-2.0-or-later

package outofprocess

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

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
	return parseFolders(string(r.Data)), nil
}

// parseFolders reads what appendFolder wrote: each folder's name and the names
// in it, each ended by a NUL, and another NUL. Among tens of thousands of names
// that is a fraction of what encoding each by itself costs.
func parseFolders(text string) (folders []Folder) {
	names := make([]string, 0, strings.Count(text, "\x00"))
	for text != "" {
		var f Folder
		f.Name, text, _ = strings.Cut(text, "\x00")
		first := len(names)
		for {
			var name string
			if name, text, _ = strings.Cut(text, "\x00"); name == "" {
				break
			}
			names = append(names, name)
		}
		f.Names = names[first:len(names):len(names)]
		folders = append(folders, f)
	}
	return folders
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
	for n, folder := range folders {
		before := len(o.response.Data)
		o.response.Data = append(append(o.response.Data, folder...), 0)
		err := namesBelow(fd, folder, buffer, func(name []byte, _ byte) error {
			if bytes.HasSuffix(name, suffix) {
				o.response.Data = append(append(o.response.Data, name...), 0)
				found++
			}
			return limit(found)
		})
		switch {
		case err == nil:
			o.response.Data = append(o.response.Data, 0)
		case err == unix.ELOOP || unlessMissing(err) == nil:
			o.response.Data = o.response.Data[:before]
		default:
			return err
		}
		o.alive(int64(n))
	}
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
