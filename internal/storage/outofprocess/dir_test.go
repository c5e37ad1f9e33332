// SPDX-License-Identifier: GPL-2.0-or-later

package outofprocess

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// newDir returns an empty folder, reached through a helper.
func newDir(t *testing.T) *Dir {
	t.Helper()
	p := New(Options{})
	t.Cleanup(func() { p.Close() })
	return p.Dir(t.TempDir())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, d *Dir, name, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(d.Path(name)), 0o755))
	must(t, os.WriteFile(d.Path(name), []byte(text), 0o644))
}

func TestWriteFileReplacesWhole(t *testing.T) {
	d, ctx := newDir(t), t.Context()
	must(t, d.MkdirAll(ctx, "sd/dom_md", 0o755))
	md := d.Sub("sd/dom_md")
	for _, text := range []string{"first\n", strings.Repeat("second\n", 100_000), ""} {
		must(t, md.WriteFile(ctx, "metadata", []byte(text)))
		for _, read := range []func(context.Context, string) ([]byte, error){md.ReadFile, md.ReadDirect} {
			got, err := read(ctx, "metadata")
			if err != nil || string(got) != text {
				t.Errorf("read %d bytes, %v; want %d", len(got), err, len(text))
			}
		}
	}
	names, err := md.ReadDir(ctx, ".")
	must(t, err)
	if diff := cmp.Diff([]string{"metadata"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestWriteFileDoesNotWriteThroughAPlantedLink(t *testing.T) {
	d, ctx := newDir(t), t.Context()
	put(t, d, "dom_md/ids", "leases")
	must(t, os.Symlink("ids", d.Path("dom_md/metadata.new")))
	must(t, d.WriteFile(ctx, "dom_md/metadata", []byte("new")))
	if got, _ := os.ReadFile(d.Path("dom_md/ids")); string(got) != "leases" {
		t.Errorf("the link's target holds %q", got)
	}
	if got, _ := os.ReadFile(d.Path("dom_md/metadata")); string(got) != "new" {
		t.Errorf("metadata holds %q", got)
	}
}

func TestErrorsKeepTheirIdentity(t *testing.T) {
	d, ctx := newDir(t), t.Context()
	put(t, d, "file", "x")
	put(t, d, "full/file", "x")
	must(t, unix.Mkfifo(d.Path("pipe"), 0o644))
	_, missing := d.ReadFile(ctx, "none/of it")
	_, folder := d.ReadFile(ctx, "full")
	_, pipe := d.ReadDirect(ctx, "pipe")
	_, large := d.ReadAt(ctx, "file", 0, 1<<40, false)
	for name, c := range map[string]struct{ got, want error }{
		"missing":   {missing, fs.ErrNotExist},
		"exists":    {d.Mkdir(ctx, "full", 0o755), fs.ErrExist},
		"create":    {d.Create(ctx, "file", 0, 0o660), fs.ErrExist},
		"not empty": {d.Remove(ctx, "full"), syscall.ENOTEMPTY},
		"not a dir": {d.Mkdir(ctx, "file/x", 0o755), syscall.ENOTDIR},
		"a folder":  {folder, syscall.EISDIR},
		"a pipe":    {pipe, syscall.EINVAL},
		"too large": {large, syscall.EFBIG},
		"rename":    {d.Rename(ctx, "none", "other"), fs.ErrNotExist},
		"no root":   {d.pool.Keyed("x", "/nonexistent/root").Remove(ctx, "f"), fs.ErrNotExist},
		"a file":    {d.Sub("file").Remove(ctx, "f"), syscall.ENOTDIR},
		"relative":  {d.pool.Keyed("x", "relative").Remove(ctx, "f"), syscall.EINVAL},
	} {
		path, ok := errors.AsType[*fs.PathError](c.got)
		if !errors.Is(c.got, c.want) || !ok || !filepath.IsAbs(path.Path) && name != "relative" {
			t.Errorf("%s: %v (%T), want %v", name, c.got, c.got, c.want)
		}
	}
}

func TestNamesDoNotLeadOut(t *testing.T) {
	d, ctx := newDir(t), t.Context()
	put(t, d, "secret", "x")
	put(t, d, "sd/inside", "y")
	must(t, os.Symlink("../secret", d.Path("sd/up")))
	must(t, os.Symlink("/etc/passwd", d.Path("sd/away")))
	must(t, os.Symlink("..", d.Path("sd/dir")))
	must(t, os.Symlink("inside", d.Path("sd/fine")))
	sd := d.Sub("sd")
	for _, name := range []string{"../secret", "/etc/passwd", "up", "away", "dir/secret", "inside/../../secret", ""} {
		if _, err := sd.ReadFile(ctx, name); !errors.Is(err, ErrOutside) {
			t.Errorf("read %q: %v", name, err)
		}
		if err := sd.Chmod(ctx, name, 0o777); !errors.Is(err, ErrOutside) {
			t.Errorf("chmod %q: %v", name, err)
		}
	}
	if err := sd.Rename(ctx, "inside", "../gone"); !errors.Is(err, ErrOutside) {
		t.Errorf("rename: %v", err)
	}
	if err := sd.Rename(ctx, "inside", "dir/gone"); !errors.Is(err, ErrOutside) {
		t.Errorf("rename through a link: %v", err)
	}
	if got, err := sd.ReadFile(ctx, "fine"); err != nil || string(got) != "y" {
		t.Errorf("a link inside: %q, %v", got, err)
	}
	if got := d.Sub("../../etc").Root(); got != d.Path("etc") {
		t.Errorf("Sub leads to %s", got)
	}
	must(t, sd.RemoveTree(ctx, "dir"))
	if _, err := os.Stat(d.Path("secret")); err != nil {
		t.Errorf("RemoveTree went through a link: %v", err)
	}
}

func TestStrangeNames(t *testing.T) {
	d, ctx := newDir(t), t.Context()
	want := []string{" ", "-rf", "a\nb", "\xff\xfe", "ümlaut", strings.Repeat("x", 255)}
	for _, name := range want {
		must(t, d.Create(ctx, name, 0, 0o600))
	}
	got, err := d.ReadDir(ctx, ".")
	must(t, err)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := d.Create(ctx, "a\x00b", 0, 0o600); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("NUL: %v", err)
	}
	if err := d.Create(ctx, strings.Repeat("x", 300), 0, 0o600); !errors.Is(err, syscall.ENAMETOOLONG) {
		t.Errorf("long: %v", err)
	}
}

func TestGlob(t *testing.T) {
	d, ctx := newDir(t), t.Context()
	for _, name := range []string{"sd1/dom_md/metadata", "sd2/dom_md/ids", "sd3/file", ".hidden/dom_md/x", "file"} {
		put(t, d, name, "")
	}
	must(t, os.Symlink("/etc", d.Path("planted")))
	for pattern, want := range map[string][]string{
		"*/dom_md":       {"sd1/dom_md", "sd2/dom_md"},
		"sd?/dom_md/*":   {"sd1/dom_md/metadata", "sd2/dom_md/ids"},
		"sd1/*/metadata": {"sd1/dom_md/metadata"},
		"none/*":         nil,
		"planted/*":      nil,
		"s*":             {"sd1", "sd2", "sd3"},
	} {
		got, err := d.Glob(ctx, pattern)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", pattern, err, diff)
		}
	}
}

func TestFiles(t *testing.T) {
	d, ctx := newDir(t), t.Context()
	must(t, d.Create(ctx, "volume", 1<<20, 0o660))
	i, err := d.Stat(ctx, "volume")
	must(t, err)
	if i.Size != 1<<20 || i.Mode != 0o660 || i.Blocks != 0 || i.Name != "volume" || time.Since(i.Changed) > time.Hour {
		t.Errorf("created: %+v", i)
	}
	must(t, d.Link(ctx, "volume", "link"))
	must(t, d.Truncate(ctx, "link", 4096))
	must(t, d.Chmod(ctx, "volume", 0o640))
	must(t, d.Symlink(ctx, "volume", "symlink"))
	must(t, d.Touch(ctx, "touched"))
	must(t, d.Rename(ctx, "link", "renamed"))
	must(t, d.Sync(ctx, "."))
	infos, err := d.StatAll(ctx, []string{"renamed", "none", "symlink", "touched"})
	must(t, err)
	if r := infos["renamed"]; len(infos) != 3 || r.Size != 4096 || r.Links != 2 || r.Mode != 0o640 ||
		infos["symlink"].Mode.Type() != fs.ModeSymlink {
		t.Errorf("%+v", infos)
	}
	if target, err := d.Readlink(ctx, "symlink"); err != nil || target != "volume" {
		t.Errorf("%q, %v", target, err)
	}
	if ok, err := d.Exists(ctx, "none"); ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	must(t, d.Access(ctx, "volume", unix.R_OK|unix.W_OK))
	must(t, d.Access(ctx, ".", unix.R_OK|unix.W_OK|unix.X_OK))
	if err := d.Access(ctx, "volume", unix.X_OK); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("execute: %v", err)
	}
	space, err := d.StatFS(ctx)
	if err != nil || space.Total < space.Free || space.Available <= 0 {
		t.Errorf("%+v, %v", space, err)
	}
	must(t, d.RemoveIfThere(ctx, "none"))
}

func TestReadAndWriteAt(t *testing.T) {
	d, ctx := newDir(t), t.Context()
	must(t, d.Create(ctx, "xleases", 8192, 0o660))
	sector := bytes.Repeat([]byte("lease"), 1024)[:4096]
	must(t, d.WriteAt(ctx, "xleases", 4096, sector, true))
	for _, direct := range []bool{true, false} {
		got, err := d.ReadAt(ctx, "xleases", 4096, 8192, direct)
		if err != nil || !bytes.Equal(got, sector) {
			t.Errorf("direct %v: %d bytes, %v", direct, len(got), err)
		}
	}
	if err := d.WriteAt(ctx, "none", 0, sector, true); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	took, err := d.Check(ctx, "xleases")
	if err != nil || took <= 0 {
		t.Errorf("check: %v, %v", took, err)
	}
}

func TestReadFiles(t *testing.T) {
	d, ctx := newDir(t), t.Context()
	put(t, d, "a.meta", "A")
	put(t, d, "b.meta", "B")
	must(t, os.Truncate(d.Path("b.meta"), 17<<20))
	got, err := d.ReadFiles(ctx, []string{"a.meta", "b.meta", "c.meta"})
	must(t, err)
	if string(got[0].Data) != "A" || !errors.Is(got[1].Err, ErrTooLarge) || !errors.Is(got[2].Err, fs.ErrNotExist) {
		t.Errorf("%v", got)
	}
}

func TestProbeLeavesNothing(t *testing.T) {
	d, ctx := newDir(t), t.Context()
	size, err := d.ProbeBlockSize(ctx, ".")
	if errors.Is(err, syscall.EINVAL) {
		t.Skip("no direct I/O in the folder of tests")
	}
	if err != nil || size != 1 && size != 512 && size != 4096 {
		t.Errorf("%d, %v", size, err)
	}
	if names, _ := d.ReadDir(ctx, "."); len(names) > 0 {
		t.Errorf("left: %q", names)
	}
}

func TestAllocate(t *testing.T) {
	d, ctx := newDir(t), t.Context()
	must(t, d.Create(ctx, "volume", 4096, 0o660))
	must(t, d.Allocate(ctx, "volume", 4096, 1<<20, nil))
	i, err := d.Stat(ctx, "volume")
	if err != nil || i.Size != 1<<20+4096 || i.Blocks < 2048 {
		t.Errorf("%+v, %v", i, err)
	}
}

func TestOpenGivesADescriptorThatOutlivesTheHelper(t *testing.T) {
	d, ctx := newDir(t), t.Context()
	put(t, d, "ids", "locked")
	f, err := d.Open(ctx, "ids", os.O_RDWR, 0)
	must(t, err)
	defer f.Close()
	must(t, unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB))
	d.pool.Close()
	other, err := os.Open(d.Path("ids"))
	must(t, err)
	defer other.Close()
	if err := unix.Flock(int(other.Fd()), unix.LOCK_SH|unix.LOCK_NB); err != unix.EWOULDBLOCK {
		t.Errorf("the lock did not hold: %v", err)
	}
	if f.Name() != d.Path("ids") {
		t.Errorf("named %s", f.Name())
	}
	if _, err := d.Stat(ctx, "ids"); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestRemoveTree(t *testing.T) {
	d, ctx := newDir(t), t.Context()
	put(t, d, "image/volume", "")
	put(t, d, "image/below/volume", "")
	must(t, d.RemoveTree(ctx, "image"))
	must(t, d.RemoveTree(ctx, "image"))
	if ok, err := d.Exists(ctx, "image"); ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
}
