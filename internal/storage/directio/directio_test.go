// SPDX-License-Identifier: GPL-2.0-or-later

package directio

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"unsafe"
)

func TestBuffer(t *testing.T) {
	for _, n := range []int{0, 1, 512, 4096, 253952} {
		b := Buffer(n)
		if len(b) != n || cap(b) != n || uintptr(unsafe.Pointer(unsafe.SliceData(b)))%alignment != 0 {
			t.Error(n, len(b), cap(b))
		}
	}
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if _, err := Open(path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal("a file that is not there:", err)
	}
	if err := os.WriteFile(path, bytes.Repeat([]byte{7}, 3*4096), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()

	b := Buffer(4096)
	copy(b, "hello")
	if n, err := f.WriteAt(b, 4096); n != 4096 || err != nil {
		t.Fatal(n, err)
	}
	all := Buffer(4 * 4096)
	if n, err := f.ReadAt(all, 0); n != 3*4096 || !errors.Is(err, io.EOF) {
		t.Fatal(n, err)
	}
	if !bytes.Equal(all[4096:2*4096], b) || all[0] != 7 || all[3*4096-1] != 7 {
		t.Error("other bytes were read or written")
	}
	if size, err := f.Size(); size != 3*4096 || err != nil {
		t.Error(size, err)
	}
	r, err := OpenRead(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.WriteAt(b, 0); err == nil {
		t.Error("written through a file that was opened for reading")
	}
}
