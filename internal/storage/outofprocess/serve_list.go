// SPDX-License-Identifier: GPL-2.0-or-later

package outofprocess

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

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
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return names, err
		}
	}
}

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
