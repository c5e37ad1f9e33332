// SPDX-License-Identifier: GPL-2.0-or-later

// Package cpio writes archives that the Linux kernel unpacks as its first root
// file system: the "newc" format of cpio(5), described for this use in the
// kernel's Documentation/driver-api/early-userspace/buffer-format.rst.
//
// The same entries give the same bytes: times and owners are zero.
package cpio

import (
	"fmt"
	"io"
	"io/fs"
	"math"
)

// Writer appends entries to an archive. The first error sticks and is what
// every later call returns.
type Writer struct {
	out   io.Writer
	inode int
	size  int64
	err   error
}

// NewWriter returns a Writer of an empty archive.
func NewWriter(out io.Writer) *Writer { return &Writer{out: out} }

const (
	typeRegular = 0o100000
	typeDir     = 0o040000
	typeLink    = 0o120000
)

// Dir adds a folder. Parents are not made: add them before.
func (w *Writer) Dir(name string, mode fs.FileMode) error {
	return w.entry(name, typeDir|int(mode.Perm()), nil)
}

// File adds a file. Names have no leading slash.
func (w *Writer) File(name string, mode fs.FileMode, content []byte) error {
	return w.entry(name, typeRegular|int(mode.Perm()), content)
}

// Link adds a symbolic link.
func (w *Writer) Link(name, target string) error {
	return w.entry(name, typeLink|0o777, []byte(target))
}

// Close ends the archive; the underlying writer stays open.
func (w *Writer) Close() error { return w.entry("TRAILER!!!", 0, nil) }

func (w *Writer) entry(name string, mode int, content []byte) error {
	if w.err == nil && len(content) > math.MaxUint32 {
		w.err = fmt.Errorf("cpio: %s is larger than the format allows", name)
	}
	w.inode++
	w.write(fmt.Appendf(nil, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\x00",
		w.inode, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name)+1, 0, name))
	w.align()
	w.write(content)
	w.align()
	return w.err
}

func (w *Writer) align() { w.write(make([]byte, -w.size&3)) }

func (w *Writer) write(p []byte) {
	if w.err != nil {
		return
	}
	var n int
	n, w.err = w.out.Write(p)
	w.size += int64(n)
}
