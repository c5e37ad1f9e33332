// SPDX-License-Identifier: GPL-2.0-or-later

package asroot

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"govdsm/internal/storage/mount"
	"govdsm/internal/storage/storagetest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// repository makes one with an empty folder to mount on.
func repository(t *testing.T) (s *Storage, target string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	target = filepath.Join(dir, "mnt", "server:_export")
	must(t, os.MkdirAll(target, 0o755))
	must(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { _ = unix.Unmount(target, unix.MNT_DETACH) }) // when the test has failed
	return New(Options{Repository: dir}), target
}

func needsRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
}

func TestMountAndUnmount(t *testing.T) {
	needsRoot(t)
	s, target := repository(t)
	ctx := t.Context()
	r := Request{Source: "memory", Target: target, Type: "tmpfs", Options: "size=1m"}
	must(t, s.Mount(ctx, r))
	table, err := mount.Read()
	must(t, err)
	e, ok := table.At(target)
	if !ok || e.Source != "memory" || !slices.Contains(e.Options, "nosuid") || !slices.Contains(e.Options, "nodev") {
		t.Errorf("mounted: %+v", e)
	}
	if err := s.Mount(ctx, r); !errors.Is(err, ErrMounted) {
		t.Errorf("again: %v", err)
	}
	open, err := os.Create(filepath.Join(target, "busy"))
	must(t, err)
	defer open.Close()
	must(t, s.Unmount(ctx, target))
	must(t, s.Unmount(ctx, target))
	table, err = mount.Read()
	must(t, err)
	if _, ok := table.At(target); ok {
		t.Error("still mounted")
	}
}

func TestMountThatFailsSaysWhy(t *testing.T) {
	needsRoot(t)
	s, target := repository(t)
	err := s.Mount(t.Context(), Request{Source: "x", Target: target, Type: "nosuchfs"})
	if e, ok := errors.AsType[*CommandError](err); !ok || e.Code <= 0 || e.Text == "" {
		t.Errorf("%v", err)
	}
}

func TestUnmountOfAFrozenServer(t *testing.T) {
	needsRoot(t)
	s, target := repository(t)
	storagetest.Freeze(t, target)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Mount(ctx, Request{Source: "x", Target: target, Type: "tmpfs"}); !errors.Is(err, ErrMounted) {
		t.Errorf("mounting over it: %v", err)
	}
	must(t, s.Unmount(ctx, target))
}

func TestRefusedRequests(t *testing.T) {
	s, target := repository(t)
	mnt := filepath.Dir(target)
	must(t, os.Symlink("/etc", filepath.Join(mnt, "link")))
	must(t, os.Symlink("/etc", filepath.Join(mnt, "glusterSD")))
	fine := Request{Source: "server:/export", Target: target, Type: "nfs", Options: "soft"}
	for name, change := range map[string]func(*Request){
		"outside":        func(r *Request) { r.Target = "/etc" },
		"the mounts":     func(r *Request) { r.Target = mnt },
		"up":             func(r *Request) { r.Target = target + "/../../x" },
		"below":          func(r *Request) { r.Target = target + "/x" },
		"a link":         func(r *Request) { r.Target = filepath.Join(mnt, "link") },
		"through a link": func(r *Request) { r.Target = filepath.Join(mnt, "glusterSD", "cron.d") },
		"option":         func(r *Request) { r.Source = "--bind" },
		"no source":      func(r *Request) { r.Source = "" },
		"lines":          func(r *Request) { r.Source = "server:/a\nb" },
		"type":           func(r *Request) { r.Type = "nfs -o x" },
		"type option":    func(r *Request) { r.Type = "--all" },
		"bind":           func(r *Request) { r.Options = "soft,bind" },
		"remount":        func(r *Request) { r.Options = "remount" },
		"mkdir":          func(r *Request) { r.Options = "X-mount.mkdir=0777" },
		"slice":          func(r *Request) { r.Slice = "system" },
	} {
		r := fine
		change(&r)
		if err := s.Mount(t.Context(), r); !errors.Is(err, syscall.EPERM) && !errors.Is(err, syscall.ELOOP) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Unmount(t.Context(), "/proc"); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("unmount: %v", err)
	}
}

func TestCommand(t *testing.T) {
	for _, c := range []struct {
		r    Request
		want []string
	}{
		{Request{Source: "s:/e", Target: "/t", Type: "nfs", Options: "soft,nolock"},
			[]string{"mount", "-t", "nfs", "-o", "soft,nolock,nosuid,nodev", "s:/e", "/t"}},
		{Request{Source: "s:/e", Target: "/t"}, []string{"mount", "-o", "nosuid,nodev", "s:/e", "/t"}},
		{Request{Source: "s:/v", Target: "/t", Type: "glusterfs"}, []string{"mount", "-t", "glusterfs", "s:/v", "/t"}},
	} {
		if got := c.r.command(); !slices.Equal(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestAccessIsAskedAsTheUser(t *testing.T) {
	needsRoot(t)
	if _, err := user.Lookup("nobody"); err != nil {
		t.Fatal(err)
	}
	s, target := repository(t)
	must(t, os.Chmod(filepath.Dir(filepath.Dir(filepath.Dir(target))), 0o755)) // of the test's folders
	reader, writer := *s, *s
	reader.users = []User{{Name: "nobody", Groups: []string{"nogroup"}}}
	writer.users = []User{{Name: "nobody", Write: true}}
	ctx := t.Context()
	must(t, reader.Access(ctx, target))
	if err := writer.Access(ctx, target); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("writing: %v", err)
	}
	must(t, os.Chmod(target, 0o777))
	must(t, writer.Access(ctx, target))
	must(t, os.Chmod(target, 0o700))
	if err := reader.Access(ctx, target); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("reading: %v", err)
	}
	reader.users[0].Name = "no such user"
	if err := reader.Access(ctx, target); err == nil || errors.Is(err, fs.ErrPermission) {
		t.Errorf("an unknown user: %v", err)
	}
}
