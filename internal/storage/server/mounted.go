// SPDX-License-Identifier: GPL-2.0-or-later

package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"govdsm/api"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/mount"
)

// connection returns what to do for a definition.
func (c *Connections) connection(ctx context.Context, t domainmd.Type, d definition) (connection, error) {
	remote := d.text("connection", "")
	if remote == "" {
		return nil, invalid("connection", remote)
	}
	source, err := mount.Normalize(remote)
	if err != nil {
		return nil, invalid("connection", remote)
	}
	target, err := Target(c.repository(), t, remote)
	if err != nil {
		return nil, invalid("connection", remote)
	}
	if t == domainmd.LocalFS {
		return &local{c: c, path: source, link: target}, nil
	}
	m := &mounted{c: c, Mount: Mount{Source: source, Target: target}}
	switch t {
	case domainmd.NFS:
		m.Type = "nfs"
		m.Options, err = d.nfsOptions(c.o.NFSOptions)
	case domainmd.GlusterFS:
		m.Type = d.text("vfs_type", "glusterfs")
		m.Options = c.withBricks(ctx, source, d.text("mnt_options", ""))
		m.Slice = "vdsm-glusterfs"
	default:
		m.Type, m.Options = d.text("vfs_type", ""), d.text("mnt_options", "")
	}
	return m, err
}

func (c *Connections) withBricks(ctx context.Context, source, options string) string {
	host, volume, ok := strings.Cut(source, ":/")
	if c.o.Bricks == nil || !ok {
		return options
	}
	bricks, err := c.o.Bricks(ctx, host, volume)
	if err != nil {
		c.o.Log.InfoContext(ctx, "Gluster does not tell where a volume is", "volume", source, "err", err)
	}
	return glusterOptions(options, host, bricks)
}

// mounted is storage that is mounted.
type mounted struct {
	c *Connections
	Mount
}

func (m *mounted) target() string { return m.Target }

// connect mounts, unless that has been done. Whoever is not to use the storage
// finds it unmounted again.
func (m *mounted) connect(ctx context.Context) error {
	table, err := m.c.table()
	if err != nil {
		return err
	}
	if table.Has(m.Source, m.Target) {
		return nil
	}
	if m.c.o.Root == nil {
		return api.ErrUnsupportedOperation.With("reason", "this host mounts no storage")
	}
	if other, ok := table.At(m.Target); ok {
		return fmt.Errorf("%w: %s is on %s", api.ErrMount, other.Source, m.Target)
	}
	if err := os.MkdirAll(m.Target, 0o755); err != nil {
		return err
	}
	if err := m.c.o.Root.Mount(ctx, m.Mount); err != nil {
		return errors.Join(mountError(err), remove(m.Target))
	}
	if err := m.c.validateAccess(ctx, m.Target); err != nil {
		// Also when the caller has given up meanwhile.
		return errors.Join(err, m.disconnect(context.WithoutCancel(ctx)))
	}
	return nil
}

// mountError gives a failed mount its code. Errors that have one keep it.
func mountError(err error) error {
	if _, ok := errors.AsType[*api.Error](err); ok {
		return err
	}
	return api.ErrMount.Of(err.Error()).Caused(err)
}

// disconnect unmounts, if anything is mounted, and removes the folder.
func (m *mounted) disconnect(ctx context.Context) error {
	table, err := m.c.table()
	if err != nil {
		return err
	}
	if _, ok := table.At(m.Target); ok {
		if m.c.o.Root == nil {
			return api.ErrUnsupportedOperation.With("reason", "this host mounts no storage")
		}
		if err := m.c.o.Root.Unmount(ctx, m.Target); err != nil {
			return mountError(err)
		}
	}
	return remove(m.Target)
}

// remove removes a folder or a link that may not be there.
func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// validateAccess checks that we can use a folder, and that vdsmd's user and
// QEMU's can.
func (c *Connections) validateAccess(ctx context.Context, path string) error {
	err := c.o.IO.Dir(path).Access(ctx, ".", unix.R_OK|unix.W_OK|unix.X_OK)
	if err == nil && c.o.Root != nil {
		err = c.o.Root.Access(ctx, path)
	}
	if errors.Is(err, fs.ErrPermission) {
		return api.ErrStorageServerAccessPermission.OfText(path).Caused(err)
	}
	return err
}
