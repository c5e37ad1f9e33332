// SPDX-License-Identifier: GPL-2.0-or-later

package atomicfile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// childFile makes the test binary write a file over and over.
const childFile = "ATOMICFILE_TEST_CHILD"

func contents(letter byte) []byte { return bytes.Repeat([]byte{letter}, 1<<20) }

func TestMain(m *testing.M) {
	if path := os.Getenv(childFile); path != "" {
		if os.Getenv("ATOMICFILE_TEST_LIMIT") != "" {
			tooSmall(path)
		}
		for letter := byte('a'); ; letter = 'a' + (letter-'a'+1)%26 {
			if err := Write(path, contents(letter), 0o640); err != nil {
				println(err.Error())
				os.Exit(1)
			}
		}
	}
	os.Exit(m.Run())
}

// tooSmall writes with a limit on the size of files in the place of a full
// disk, and exits 0 when that fails as it should.
func tooSmall(path string) {
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 4096, Max: 4096}); err != nil {
		os.Exit(2)
	}
	if err := Write(path, contents('x'), 0o600); err == nil {
		os.Exit(3)
	}
	os.Exit(0)
}

func child(t *testing.T, path string, env ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(env, childFile+"="+path)
	cmd.Stderr = os.Stderr
	return cmd
}

// whole reports an error unless the file holds one write and nothing else.
func whole(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) == 0 || !bytes.Equal(b, contents(b[0])) {
		t.Fatalf("the file is torn: %d bytes", len(b))
	}
}

func TestAKillLeavesOldOrNew(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state")
	if err := Write(path, contents('a'), 0o640); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		cmd := child(t, path)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(10+3*i) * time.Millisecond) // anywhere in a write
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // killed
		whole(t, path)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 2 {
		t.Errorf("kills pile up files: %v, %v", entries, err)
	}
}

func TestAFullDiskLeavesTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state")
	if err := Write(path, contents('a'), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := child(t, path, "ATOMICFILE_TEST_LIMIT=1").Run(); err != nil {
		t.Errorf("the write succeeds, or the process dies: %v", err)
	}
	whole(t, path)
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("the failed write leaves files: %v, %v", entries, err)
	}
}

func TestModeLinksAndErrors(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	for _, perm := range []fs.FileMode{0o666, 0o600, 0o755} {
		if err := Write(path, []byte("x"), perm); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != perm {
			t.Errorf("mode %v, %v; want %v", info.Mode(), err, perm)
		}
	}
	// A link put in place of the temporary file is not written through.
	victim := filepath.Join(dir, "victim")
	if err := os.Symlink(victim, filepath.Join(dir, ".f.new")); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, []byte("y"), 0o600); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(victim); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the link was followed")
	}
	if err := Write(filepath.Join(dir, "absent", "f"), nil, 0o600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent folder: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(dir, "d"), nil, 0o600); err == nil {
		t.Error("a folder is replaced")
	}
}
