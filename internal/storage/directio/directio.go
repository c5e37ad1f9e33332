// SPDX-License-Identifier: GPL-2.0-or-later

// Package directio reads and writes shared storage past the page cache. What
// another host wrote is seen, and what was written is on storage when the call
// returns.
//
// Both hold for buffers of Buffer, at offsets and of lengths that are
// multiples of the storage's sector. The calls block for as long as the
// storage hangs, and cannot be interrupted: they belong into helper processes.
package directio

import (
	"io"
	"os"
	"syscall"
	"unsafe"
)

// alignment suits every sector size there is: the kernel wants buffers aligned
// to a sector, or to the DMA alignment, which is less.
const alignment = 4096

// Buffer returns n zero bytes whose address the kernel accepts for direct I/O.
func Buffer(n int) []byte {
	b := make([]byte, n+alignment-1)
	past := int(uintptr(unsafe.Pointer(unsafe.SliceData(b))) % alignment)
	start := (alignment - past) % alignment
	return b[start : start+n : start+n]
}

// File is a file or device that is open for direct I/O. Its methods may be
// called at the same time.
type File struct{ f *os.File }

// Open opens what is there for reading and writing. It creates nothing.
func Open(path string) (*File, error) { return open(path, os.O_RDWR) }

// OpenRead opens what is there for reading.
func OpenRead(path string) (*File, error) { return open(path, os.O_RDONLY) }

func open(path string, flag int) (*File, error) {
	f, err := os.OpenFile(path, flag|syscall.O_DIRECT, 0)
	if err != nil {
		return nil, err
	}
	return &File{f}, nil
}

// ReadAt implements [io.ReaderAt].
func (f *File) ReadAt(b []byte, offset int64) (int, error) {
	read := 0
	for read < len(b) {
		n, err := f.f.ReadAt(b[read:], offset+int64(read))
		read += n
		if err != nil {
			return read, err
		}
		if n == 0 {
			return read, io.EOF
		}
	}
	return read, nil
}

// WriteAt implements [io.WriterAt]. When it returns, the bytes are on storage.
func (f *File) WriteAt(b []byte, offset int64) (int, error) {
	n, err := f.f.WriteAt(b, offset)
	if err != nil {
		return n, err
	}
	return n, f.f.Sync()
}

// Size returns the length in bytes, of a device too.
func (f *File) Size() (int64, error) {
	info, err := f.f.Stat()
	if err != nil {
		return 0, err
	}
	if info.Mode().IsRegular() {
		return info.Size(), nil
	}
	// All I/O is positioned, so moving the file's own position is free.
	return f.f.Seek(0, io.SeekEnd)
}

// Close closes the file.
func (f *File) Close() error { return f.f.Close() }
