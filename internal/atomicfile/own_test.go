// SPDX-License-Identifier: GPL-2.0-or-later

package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestOwn(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	dir := filepath.Join(top, "own")
	path := filepath.Join(dir, "file")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ReadOwn(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a folder: %v", err)
	}
	for range 2 {
		must(Own(dir))
	}
	if _, err := ReadOwn(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
	must(Write(path, []byte("text"), 0o600))
	if text, err := ReadOwn(path); err != nil || string(text) != "text" {
		t.Errorf("%q, %v", text, err)
	}
	must(os.Chmod(path, 0o602))
	if _, err := ReadOwn(path); !errors.Is(err, ErrNotOwn) {
		t.Errorf("a file of everybody's: %v", err)
	}
	must(os.Chmod(path, 0o600))
	must(os.Chmod(dir, 0o777))
	if _, err := ReadOwn(path); !errors.Is(err, ErrNotOwn) {
		t.Errorf("a folder of everybody's: %v", err)
	}
	if err := Own(dir); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("a folder of everybody's: %v", err)
	}
	must(os.Chmod(dir, 0o755))
	link := filepath.Join(top, "link")
	must(os.Symlink("/etc", link))
	if err := Own(link); !errors.Is(err, ErrNotOwn) {
		t.Errorf("a link: %v", err)
	}
	must(os.Symlink("/etc/passwd", filepath.Join(dir, "out")))
	if text, err := ReadOwn(filepath.Join(dir, "out")); err == nil {
		t.Errorf("through a link: %q", text)
	}
	if os.Geteuid() == 0 {
		must(os.Chown(dir, 65534, 65534))
		if _, err := ReadOwn(path); !errors.Is(err, ErrNotOwn) {
			t.Errorf("somebody else's folder: %v", err)
		}
	}
}
