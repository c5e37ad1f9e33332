// SPDX-License-Identifier: GPL-2.0-or-later

package logging

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestFileIsReopenedWhenMovedOrDeleted(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "vdsm.log")
	l, _, flushed := open(t, Options{Path: path})
	say := func(text string) { l.Logger("x").Info(text); flushed() }
	say("one")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	say("two")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	say("three")
	if s := read(t, path+".1"); !strings.Contains(s, "one") || strings.Contains(s, "two") {
		t.Errorf("the moved file has %q", s)
	}
	if s := read(t, path); !strings.Contains(s, "three") || strings.Contains(s, "two") {
		t.Errorf("the newest file has %q", s)
	}
	// With the directory gone there is nowhere to write, but no harm either.
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	say("lost")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	say("back")
	if s := read(t, path); !strings.Contains(s, "back") {
		t.Errorf("after the directory came back: %q", s)
	}
}

func TestFileRotatesItself(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.log")
	l, _, flushed := open(t, Options{Path: path, MaxBytes: 1000, Keep: 3})
	for i := range 100 {
		l.Logger("x").Info(fmt.Sprintf("line %03d %s", i, strings.Repeat("x", 100)))
	}
	flushed()
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) != 4 {
		t.Fatalf("files: %v, %v", files, err)
	}
	var all string
	for _, f := range []string{path + ".3", path + ".2", path + ".1", path} {
		s := read(t, f)
		if len(s) > 1000 {
			t.Errorf("%s has %d bytes", f, len(s))
		}
		all += s
	}
	// The newest lines are there, in order and without a gap.
	for i := 80; i < 100; i++ {
		_, after, found := strings.Cut(all, fmt.Sprintf("line %03d", i))
		if !found {
			t.Fatalf("line %d is missing or out of order", i)
		}
		all = after
	}
}

// TestFullDisk writes to the kernel's always-full device and then to a disk
// with room again.
func TestFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.log")
	if err := os.Symlink("/dev/full", path); err != nil {
		t.Fatal(err)
	}
	l, stderr, flushed := open(t, Options{Path: path})
	for range 5 {
		l.Logger("x").InfoContext(inCall(), "does not fit")
	}
	flushed()
	if l.Lost() != 5 {
		t.Errorf("%d lines lost, want 5", l.Lost())
	}
	if s := stderr.String(); strings.Count(s, "no space left on device") != 1 {
		t.Errorf("standard error has %q, want one complaint", s)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	l.Logger("x").Info("room again")
	flushed()
	s := read(t, path)
	if !strings.Contains(s, "log lines were lost lines=5") || !strings.Contains(s, "room again") {
		t.Errorf("the file has %q", s)
	}
}

// tearing writes half of a line, then fails, then works.
type tearing struct {
	buffer
	calls int
}

func (w *tearing) Write(p []byte) (int, error) {
	if w.calls++; w.calls == 1 {
		n, _ := w.buffer.Write(p[:len(p)/2])
		return n, os.ErrDeadlineExceeded
	}
	return w.buffer.Write(p)
}

func TestATornLineDoesNotSpoilTheNext(t *testing.T) {
	out := new(tearing)
	l, _, flushed := open(t, Options{Stderr: out})
	l.Logger("x").Info("torn apart by the disk")
	l.Logger("x").Info("whole")
	flushed()
	lines := out.lines()
	if len(lines) != 3 || !strings.HasSuffix(lines[2], "[x] whole") || !strings.Contains(lines[1], "lines=1") {
		t.Errorf("%q", lines)
	}
}

func TestRotatedNeedsProgramAndConfiguration(t *testing.T) {
	root := t.TempDir()
	if Rotated(root) {
		t.Error("an empty host rotates")
	}
	for i, path := range []string{"usr/sbin/logrotate", "etc/logrotate.d/govdsm"} {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o755); err != nil {
			t.Fatal(err)
		}
		if Rotated(root) != (i == 1) {
			t.Errorf("after %s: %t", path, Rotated(root))
		}
	}
}
