// SPDX-License-Identifier: GPL-2.0-or-later

package crashfs_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"govdsm/test/crashfs"
)

func TestMain(m *testing.M) {
	crashfs.ServeIfServer()
	os.Exit(m.Run())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// holds returns the files of a disk with what is in them.
func holds(t *testing.T, fs *crashfs.FS) string {
	t.Helper()
	dir := t.TempDir()
	defer fs.Mount(t, dir)()
	var all []string
	must(t, filepath.WalkDir(dir, func(name string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		if len(b) > 9 {
			b = []byte("…")
		}
		all = append(all, strings.TrimPrefix(name, dir+"/")+"="+strings.ReplaceAll(string(b), "\x00", "0"))
		return err
	}))
	return strings.Join(all, " ")
}

// TestPoints writes a file as the daemon does, and looks at what every end of
// it leaves.
func TestPoints(t *testing.T) {
	t.Parallel()
	disks, dir := crashfs.Start(t), t.TempDir()
	fs := disks.New(t)
	fs.Mount(t, dir)
	name := filepath.Join(dir, "file")
	fs.Record(t)
	f, err := os.OpenFile(name+".new", os.O_CREATE|os.O_WRONLY, 0o644)
	must(t, err)
	_, err = f.WriteString("text")
	must(t, err)
	must(t, f.Sync())
	must(t, f.Close())
	must(t, os.Rename(name+".new", name))
	must(t, os.Truncate(name, 2))
	other, err := os.Create(filepath.Join(dir, "other"))
	must(t, err)
	_, err = other.WriteString("more")
	must(t, err)
	must(t, other.Truncate(6))
	must(t, other.Close())
	d, err := os.Open(dir)
	must(t, err)
	must(t, d.Sync())
	must(t, d.Close())
	points := fs.Points(t)
	want := [][3]string{ // killed, lost, torn
		{"", "", ""},
		{"file.new=", "", "file.new="},
		{"file.new=text", "", "file.new="},
		{"file.new=text", "file.new=text", "file.new=text"},
		{"file=text", "file.new=text", "file=text"},
		{"file=te", "file.new=text", "file=te"},
		{"file=te other=", "file.new=text", "file=te other="},
		{"file=te other=more", "file.new=text", "file=te other="},
		{"file=te other=more00", "file.new=text", "file=te other=000000"},
		{"file=te other=more00", "file=te other=000000", "file=te other=000000"},
	}
	if len(points) != len(want) {
		t.Fatalf("%d points", len(points))
	}
	for n, p := range points {
		for i, how := range []crashfs.How{crashfs.Killed, crashfs.Lost, crashfs.Torn} {
			if got := holds(t, disks.At(t, p, how)); got != want[n][i] {
				t.Errorf("before %v, %s: %q, not %q", p.Next, how, got, want[n][i])
			}
		}
	}
}

// TestOrdinary does what programs do to files, and compares with another file
// system.
func TestOrdinary(t *testing.T) {
	t.Parallel()
	fs, dir, real := crashfs.Start(t).New(t), t.TempDir(), t.TempDir()
	fs.Mount(t, dir)
	const script = `set -e
		mkdir -p a/b c
		head -c 3000000 /dev/zero | tr '\0' x >a/large
		dd if=a/large of=a/direct oflag=direct bs=4096 count=3 status=none
		printf abc | dd of=a/direct bs=1 seek=5000 conv=notrunc status=none
		ln a/large c/link; ln -s ../a/large c/soft; mv a/direct a/b/moved
		truncate -s 5000 c/link; truncate -s 20000 c/link
		fallocate -l 9000 c/room; fallocate -p -o 4096 -l 4096 a/b/moved
		chmod 640 c/link; ! mkdir a; ! rmdir a; rm -r c/soft; echo x >c/soft; mv c/soft c/room
		qemu-img create -q -f qcow2 c/base 1M; qemu-img create -q -f qcow2 -b base -F qcow2 c/top
		qemu-io -c 'write -P 7 64k 128k' c/top >/dev/null; qemu-img commit -q c/top; rm c/top
		qemu-img convert -O raw -t none -T none c/base c/raw; rm c/base
		find . -type f | sort | xargs stat -c '%n %s %h %a'; find . -type f | sort | xargs sha256sum; ls -A c`
	run := func(dir string) string {
		cmd := exec.Command("sh", "-c", script)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%v: %s", err, out)
		}
		return string(out)
	}
	if got, want := run(dir), run(real); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestPlan refuses a step, as a full disk does.
func TestPlan(t *testing.T) {
	t.Parallel()
	fs, dir := crashfs.Start(t).New(t), t.TempDir()
	fs.Mount(t, dir)
	fs.Plan(t, crashfs.Plan{Errno: syscall.ENOSPC, From: 3})
	must(t, os.WriteFile(filepath.Join(dir, "other"), []byte("x"), 0o600))
	if err := os.WriteFile(filepath.Join(dir, "full"), []byte("x"), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Error(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "other"))
	if err != nil || !bytes.Equal(b, []byte("x")) {
		t.Errorf("%q, %v", b, err)
	}
}
