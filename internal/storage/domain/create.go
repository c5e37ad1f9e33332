// SPDX-License-Identifier: GPL-2.0-or-later

package domain

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode"

	"golang.org/x/sys/unix"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/mount"
	"govdsm/internal/storage/outofprocess"
	"govdsm/internal/storage/xlease"
)

// Spec says what domain to make.
type Spec struct {
	ID         string
	Name       string // becomes the description
	Type       domainmd.Type
	Class      domainmd.Class
	Version    domainmd.Version
	RemotePath string // normalized, as it is written to metadata
	MountPoint string // where that is found on this host
	BlockSize  int    // 512, 4096, or 0 for what the storage has
	MaxHosts   int    // that will share the domain, 1 to 2000
}

// check refuses what cannot be made, before anything is.
func (s Spec) check() error {
	switch {
	case !IsID(s.ID):
		return api.ErrInvalidParameterException.OfText("sdUUID=" + s.ID)
	case s.Type.Block() || !s.Version.Known(s.Type):
		return domainmd.UnsupportedVersion(fmt.Sprint(int(s.Version)))
	case s.Type == domainmd.LocalFS && filepath.Clean(s.RemotePath) != s.RemotePath,
		s.Type == domainmd.NFS && !strings.Contains(s.RemotePath, ":"):
		return api.ErrStorageDomainIllegalRemotePath.OfText(s.RemotePath)
	}
	if err := requestable(s.Type, s.Version, s.BlockSize); err != nil {
		return err
	}
	return checkText(s.Name, s.Version)
}

// checkText refuses texts that old formats cannot hold.
func checkText(text string, v domainmd.Version) error {
	for _, r := range text {
		if r > unicode.MaxASCII && v < domainmd.Version3 {
			return api.ErrUnicodeArgument.Of()
		}
	}
	return nil
}

// Create makes a domain. Only its first write makes a mount point different,
// and only its last one makes a domain: it grows under a name that nobody
// looks at, and gets its own by a rename.
func (r *Repository) Create(ctx context.Context, s Spec) (*Domain, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if _, err := r.Domain(ctx, s.ID); err == nil {
		return nil, api.ErrStorageDomainAlreadyExists.Of(s.ID)
	} else if !errors.Is(err, api.ErrStorageDomainDoesNotExist) {
		return nil, err
	}
	root := r.o.IO.Keyed(s.ID, s.MountPoint)
	size, err := r.room(ctx, root, s)
	if err != nil {
		return nil, err
	}
	alignment, err := clusterlock.Alignment(int64(size), s.MaxHosts)
	if err != nil {
		return nil, err
	}
	what := domainmd.Domain{
		Version: s.Version, ID: s.ID, Type: s.Type, Class: s.Class, Description: s.Name,
		Role: domainmd.Regular, Lease: domainmd.DefaultLease(), RemotePath: s.RemotePath,
		Alignment: alignment, BlockSize: int64(size),
	}
	growing := "." + s.ID + ".new"
	if err := root.RemoveTree(ctx, growing); err != nil {
		return nil, Access(s.ID, err)
	}
	if err := root.Mkdir(ctx, growing, 0o755); err != nil {
		return nil, creation(err)
	}
	err = r.grow(ctx, root.Sub(growing), what)
	if err == nil {
		err = root.Rename(ctx, growing, s.ID)
	}
	if err != nil {
		cleanUp := root.RemoveTree(context.WithoutCancel(ctx), growing)
		return nil, errors.Join(creation(err), cleanUp)
	}
	return r.Domain(ctx, s.ID)
}

// creation gives an error a code, unless it has one.
func creation(err error) error {
	if _, ok := errors.AsType[*api.Error](err); ok {
		return err
	}
	return api.ErrStorageDomainMetadataCreation.OfText(err.Error()).Caused(err)
}

// room sees that a domain can be made at a mount point, and returns its block
// size. Whether QEMU gets at it was seen when it was mounted.
func (r *Repository) room(ctx context.Context, root *outofprocess.Dir, s Spec) (int, error) {
	if s.Type != domainmd.LocalFS {
		table, err := mount.Read()
		if err != nil {
			return 0, err
		}
		if _, ok := table.At(s.MountPoint); !ok {
			return 0, api.ErrStorageDomainFSNotMounted.OfText(s.MountPoint)
		}
	}
	err := root.Access(ctx, ".", unix.R_OK|unix.W_OK|unix.X_OK)
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return 0, api.ErrStorageServerAccessPermission.OfText(s.MountPoint).Caused(err)
	case errors.Is(err, fs.ErrNotExist):
		return 0, api.ErrStorageDomainFSNotMounted.OfText(s.MountPoint).Caused(err)
	case err != nil:
		return 0, Access(s.ID, err)
	}
	others, err := root.Glob(ctx, path.Join("*", metadataDir))
	if err != nil {
		return 0, Access(s.ID, err)
	}
	if len(others) > 0 {
		return 0, api.ErrStorageDomainNotEmpty.OfText(s.RemotePath)
	}
	found, err := probe(ctx, root)
	if err != nil {
		return 0, err
	}
	return fitBlockSize(s.BlockSize, found)
}

// grow writes what a domain consists of, the metadata last.
func (r *Repository) grow(ctx context.Context, dir *outofprocess.Dir, what domainmd.Domain) error {
	if err := dir.Mkdir(ctx, metadataDir, 0o775); err != nil {
		return err
	}
	for name, size := range map[string]int64{IDsFile: 0, LeasesFile: 0, InboxFile: mailboxSize, OutboxFile: mailboxSize} {
		if err := dir.Create(ctx, name, size, 0o660); err != nil {
			return err
		}
	}
	local := what.Type == domainmd.LocalFS
	if what.Version >= domainmd.Version4 && !local {
		if err := formatLeases(ctx, dir, what); err != nil {
			return err
		}
	}
	images := []string{ImagesDir}
	if what.Class == domainmd.ISO {
		images = append(images, ImageDir(ISOImage))
	}
	for _, name := range images {
		if err := dir.MkdirAll(ctx, name, 0o755); err != nil {
			return err
		}
	}
	// The place of the domain is only in the names of its files, which change
	// with the folder's: what is written are the id and offsets.
	lock, lease := r.o.Locks.Domain(what, dir.Path(IDsFile), dir.Path(LeasesFile))
	if err := lock.Init(ctx, lease); err != nil {
		return err
	}
	// Sanlock writes past the cache, which does not make sizes last.
	for _, name := range []string{IDsFile, LeasesFile} {
		if err := dir.Sync(ctx, name); err != nil {
			return err
		}
	}
	m := domainmd.New(what)
	text, err := m.File()
	if err != nil {
		return err
	}
	return dir.WriteFile(ctx, metadataFile, text)
}

// formatLeases makes the file of external leases with an empty index.
func formatLeases(ctx context.Context, dir *outofprocess.Dir, what domainmd.Domain) error {
	if err := dir.Create(ctx, XLeasesFile, 0, 0o660); err != nil {
		return err
	}
	v := xlease.Volume{
		File:      &file{ctx: ctx, dir: dir, name: XLeasesFile},
		Alignment: what.Alignment, BlockSize: what.BlockSize,
	}
	return v.Format(what.ID, time.Now())
}

// file is a file of a domain for packages that know offsets only. It is good
// for as long as the call it is made for.
type file struct {
	ctx  context.Context
	dir  *outofprocess.Dir
	name string
}

// ReadAt implements io.ReaderAt.
func (f *file) ReadAt(b []byte, offset int64) (int, error) {
	data, err := f.dir.ReadAt(f.ctx, f.name, offset, int64(len(b)), true)
	return copy(b, data), err
}

// WriteAt implements io.WriterAt.
func (f *file) WriteAt(b []byte, offset int64) (int, error) {
	if err := f.dir.WriteAt(f.ctx, f.name, offset, b, true); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Size returns the length in bytes.
func (f *file) Size() (int64, error) {
	info, err := f.dir.Stat(f.ctx, f.name)
	if err != nil {
		return 0, err
	}
	return info.Size, nil
}

// Format removes a domain with everything in it. Its metadata goes with the
// first step, so that half a domain is none.
func (r *Repository) Format(ctx context.Context, d *Domain) error {
	r.Forget(d.id)
	root := r.o.IO.Keyed(d.id, d.mount)
	gone := "." + d.id + ".removed"
	err := root.RemoveTree(ctx, gone)
	if err == nil {
		err = root.Rename(ctx, d.id, gone)
	}
	if err == nil {
		err = root.RemoveTree(ctx, gone)
	}
	if err != nil {
		return api.ErrMiscDirCleanupFailure.OfText(err.Error()).Caused(err)
	}
	return nil
}
