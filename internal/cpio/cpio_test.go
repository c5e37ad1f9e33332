// SPDX-License-Identifier: GPL-2.0-or-later

package cpio_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"govdsm/internal/cpio"
)

func archive(t *testing.T) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := cpio.NewWriter(&buf)
	if err := errors.Join(
		w.Dir("etc", 0o755),
		w.File("etc/odd", 0o640, []byte("12345")),
		w.File("init", 0o755, []byte("#!/bin/sh\n")),
		w.File("empty", 0o644, nil),
		w.Link("sh", "bin/busybox"),
		w.Close(),
	); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// GNU cpio reads what we write.
func TestUnpacks(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("cpio")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), program, "-i", "--quiet")
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(archive(t))
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v: %s", err, out)
	}
	for name, want := range map[string]string{"etc/odd": "12345", "init": "#!/bin/sh\n", "empty": ""} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "etc/odd")); err != nil || info.Mode() != 0o640 {
		t.Errorf("%v, %v", info, err)
	}
	if target, err := os.Readlink(filepath.Join(dir, "sh")); target != "bin/busybox" {
		t.Errorf("%q, %v", target, err)
	}
}

func TestSameBytesEveryTime(t *testing.T) {
	t.Parallel()
	if !bytes.Equal(archive(t), archive(t)) {
		t.Error("two archives of the same differ")
	}
	if n := len(archive(t)); n%4 != 0 {
		t.Errorf("%d bytes, not a multiple of 4", n)
	}
}

type broken struct{ room int }

func (b *broken) Write(p []byte) (int, error) {
	if b.room -= len(p); b.room < 0 {
		return 0, errors.New("disk full")
	}
	return len(p), nil
}

func TestErrorSticks(t *testing.T) {
	t.Parallel()
	w := cpio.NewWriter(&broken{room: 200})
	if err := w.File("a", 0o644, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.File("b", 0o644, make([]byte, 1000)); err == nil {
		t.Error("no error")
	}
	if err := w.Close(); err == nil {
		t.Error("the archive is incomplete and Close says nothing")
	}
}
