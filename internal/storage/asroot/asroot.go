// SPDX-License-Identifier: GPL-2.0-or-later

// Package asroot is the part of storage that only root can do: mounting below
// the repository, unmounting there, and asking whether another user may use a
// folder. It runs in supervdsmd and takes every request for an offer of a less
// trusted process: what it checks is told with each method.
package asroot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"govdsm/internal/storage/mount"
)

// Options configure Storage. Empty members take the defaults.
type Options struct {
	Repository string // root of the mounts; default /rhev/data-center
	Users      []User // who must be able to use storage
	Log        *slog.Logger
}

// User is somebody who uses storage, and what for.
type User struct {
	Name   string
	Groups []string // the first is the primary one
	Write  bool     // else it reads only
}

// Storage carries root's part out. Its methods may be called at once.
type Storage struct {
	mounts string // folder of the mounts
	users  []User
	log    *slog.Logger
}

// New returns a Storage. It does nothing yet.
func New(o Options) *Storage {
	return &Storage{
		mounts: filepath.Join(cmp.Or(o.Repository, "/rhev/data-center"), "mnt"),
		users:  o.Users,
		log:    cmp.Or(o.Log, slog.New(slog.DiscardHandler)),
	}
}

// Errors of requests that are not carried out.
var (
	// ErrNotAllowed says that a request asks for more than mounting storage.
	ErrNotAllowed = fmt.Errorf("not a mount of storage: %w", syscall.EPERM)
	// ErrMounted says that something is mounted on the target already.
	ErrMounted = fmt.Errorf("something is mounted there: %w", syscall.EBUSY)
)

// Request says what to mount.
type Request struct {
	Source  string // normalized
	Target  string // an empty folder in the repository's mnt, or in mnt/glusterSD
	Type    string // as mount -t takes it, "" lets mount find out
	Options string // as mount -o takes them
	Slice   string // systemd's slice for daemons that the mount starts; "" for none
}

// mountPath is all that mount's own helpers may be found in.
const mountPath = "PATH=/usr/sbin:/usr/bin:/sbin:/bin"

// Mount mounts storage. The source must not look like an option, the target be
// a folder of the repository that no link leads to, and the options must not
// move, rebind or change other mounts. Set-uid files and device nodes are
// switched off: storage has neither, and a server must not be able to make
// root of a user here.
func (s *Storage) Mount(ctx context.Context, r Request) error {
	if err := r.check(); err != nil {
		return err
	}
	if err := s.checkTarget(r.Target); err != nil {
		return err
	}
	table, err := mount.Read()
	if err != nil {
		return err
	}
	// Before the first system call on it: what is there may hang.
	if _, mounted := table.At(r.Target); mounted {
		return fmt.Errorf("%s: %w", r.Target, ErrMounted)
	}
	if i, err := os.Lstat(r.Target); err != nil || !i.IsDir() {
		return fmt.Errorf("%s is no folder: %w", r.Target, ErrNotAllowed)
	}
	args := r.command()
	s.log.InfoContext(ctx, "mounting", "source", r.Source, "target", r.Target, "type", r.Type, "options", r.Options)
	if err := run(ctx, args, nil); err != nil {
		return err
	}
	if err := s.seal(ctx, r.Target); err != nil {
		return errors.Join(err, s.Unmount(context.WithoutCancel(ctx), r.Target))
	}
	settle(ctx)
	return nil
}

// Unmount lets go of what is mounted on target, even if its server has gone
// and even if files on it are open. Nothing mounted there is nil. It asks the
// kernel and not umount(8), which would first look at the folder and hang.
func (s *Storage) Unmount(ctx context.Context, target string) error {
	if err := s.checkTarget(target); err != nil {
		return err
	}
	table, err := mount.Read()
	if err != nil {
		return err
	}
	if _, mounted := table.At(target); !mounted {
		return nil
	}
	s.log.InfoContext(ctx, "unmounting", "target", target)
	done := make(chan error, 1)
	go func() { // ends when the kernel has flushed what it can
		done <- unix.Unmount(target, unix.MNT_FORCE|unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW)
	}()
	select {
	case err := <-done:
		if err != nil {
			return &fs.PathError{Op: "umount", Path: target, Err: err}
		}
	case <-ctx.Done():
		return fmt.Errorf("umount %s: %w", target, context.Cause(ctx))
	}
	settle(ctx)
	return nil
}

// checkTarget insists on a name directly in a folder of mounts, and that no
// link is on the way to it.
func (s *Storage) checkTarget(target string) error {
	parent := filepath.Dir(target)
	if filepath.Clean(target) != target || parent != s.mounts && parent != filepath.Join(s.mounts, "glusterSD") {
		return fmt.Errorf("target %q: %w", target, ErrNotAllowed)
	}
	fd, err := unix.Openat2(unix.AT_FDCWD, parent, &unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_NO_SYMLINKS,
	})
	if err != nil {
		return &fs.PathError{Op: "open", Path: parent, Err: err}
	}
	return unix.Close(fd)
}

// command returns the command that mounts.
func (r *Request) command() []string {
	args := []string{"mount"}
	if r.Slice != "" && underSystemd() {
		// Daemons that the mount starts must outlive this one.
		args = append([]string{"systemd-run", "--quiet", "--scope", "--slice=" + r.Slice}, args...)
	}
	if r.Type != "" {
		args = append(args, "-t", r.Type)
	}
	options := r.Options
	if r.Type != "glusterfs" { // its helper does not know them: seal does it
		options = strings.TrimPrefix(options+",nosuid,nodev", ",")
	}
	if options != "" {
		args = append(args, "-o", options)
	}
	return append(args, r.Source, r.Target)
}
