// SPDX-License-Identifier: GPL-2.0-or-later

package logging

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// Rotated reports whether logrotate takes care of our logs on the host whose
// files are below root. Where it does not, set MaxBytes and Keep.
func Rotated(root string) bool {
	if _, err := os.Stat(filepath.Join(root, "/etc/logrotate.d/govdsm")); err != nil {
		return false
	}
	for _, program := range []string{"/usr/sbin/logrotate", "/usr/bin/logrotate"} {
		if _, err := os.Stat(filepath.Join(root, program)); err == nil {
			return true
		}
	}
	return false
}

// file is a log file that may be moved away or deleted at any time, as
// logrotate does: every write looks whether the path still leads to it. Used
// by one goroutine.
type file struct {
	path  string
	max   int64 // rotates itself at this size; 0 never
	keep  int
	flags int // of open(2), beside those of every log

	f    *os.File
	info os.FileInfo // identity of f
	size int64
}

func openFile(o Options) (*file, error) {
	l := &file{path: o.Path, max: o.MaxBytes, keep: o.Keep}
	if o.NoLinks {
		l.flags = syscall.O_NOFOLLOW
	}
	return l, l.open()
}

// open replaces the file that is open. On failure that one stays.
func (l *file) open() error {
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE|l.flags, 0o644)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return err
	}
	if l.f != nil {
		l.f.Close()
	}
	l.f, l.info, l.size = f, info, info.Size()
	return nil
}

// Write writes one line.
func (l *file) Write(line []byte) (int, error) {
	if now, err := os.Stat(l.path); err != nil || !os.SameFile(now, l.info) {
		// Where the new file cannot be made, the old one takes the line.
		_ = l.open()
	} else {
		l.size = now.Size() // others may have truncated it
	}
	if l.max > 0 && l.size > 0 && l.size+int64(len(line)) > l.max {
		l.rotate()
	}
	n, err := l.f.Write(line)
	l.size += int64(n)
	return n, err
}

// rotate renames path to path.1, path.1 to path.2 and so on. What cannot be
// renamed keeps growing, which beats losing it.
func (l *file) rotate() {
	name := func(i int) string { return l.path + "." + strconv.Itoa(i) }
	for i := l.keep - 1; i >= 1; i-- {
		_ = os.Rename(name(i), name(i+1))
	}
	if l.keep > 0 {
		_ = os.Rename(l.path, name(1))
	} else {
		_ = os.Remove(l.path)
	}
	_ = l.open()
}

// Close closes the file.
func (l *file) Close() error { return l.f.Close() }
