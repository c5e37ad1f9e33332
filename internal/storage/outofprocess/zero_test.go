// SPDX-License-Identifier: GPL-2.0-or-later

package outofprocess

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// zeroed writes zeros over a range of a file of ones, as where a file system
// cannot allocate, and returns the file.
func zeroed(t *testing.T, size, offset, length int64) *os.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "volume")
	must(t, os.WriteFile(name, bytes.Repeat([]byte{1}, int(size)), 0o600))
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	must(t, err)
	t.Cleanup(func() { f.Close() })
	must(t, f.Sync())
	must(t, unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED))
	o := &operation{request: &request{Offset: offset, Size: length}, response: &response{}, alive: func(int64) {}}
	must(t, o.zero(t.Context(), f, 0))
	return f
}

// Zeros of a whole disk in the page cache would push out what the host works
// with, and take longer to flush than a helper may be silent.
func TestZerosGoPastThePageCache(t *testing.T) {
	const size = 3*zeroStep + 4*pageSize
	f := zeroed(t, size, pageSize, size-2*pageSize)
	if d, err := os.OpenFile(f.Name(), os.O_RDONLY|unix.O_DIRECT, 0); err == nil { // else there is no other way
		must(t, d.Close())
		m, err := unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ, unix.MAP_SHARED)
		must(t, err)
		resident := make([]byte, size/pageSize)
		_, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&m[0])), size, uintptr(unsafe.Pointer(&resident[0])))
		if pages := bytes.Count(resident, []byte{1}); errno != 0 || pages > len(resident)/10 {
			t.Errorf("%d of %d pages are in the page cache, %v", pages, len(resident), errno)
		}
		must(t, unix.Munmap(m))
	}
	checkZeroed(t, f, size, pageSize, size-2*pageSize)
}

func TestZerosAtAnyOffset(t *testing.T) {
	for _, r := range []struct{ size, offset, length int64 }{{10000, 100, 9000}, {3 * pageSize, pageSize, 5000}, {pageSize, 0, 3 * pageSize}, {10, 3, 0}} {
		checkZeroed(t, zeroed(t, r.size, r.offset, r.length), max(r.size, r.offset+r.length), r.offset, r.length)
	}
}

func checkZeroed(t *testing.T, f *os.File, size, offset, length int64) {
	t.Helper()
	got, err := os.ReadFile(f.Name())
	must(t, err)
	want := bytes.Repeat([]byte{1}, int(size))
	clear(want[offset : offset+length])
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes from %d on of %d are wrong", length, offset, size)
	}
}
