// SPDX-License-Identifier: GPL-2.0-or-later

// Package server connects the host to storage: it mounts what NFS, Gluster and
// other file systems offer below the repository, and links folders of the host
// itself there.
//
// Connecting and disconnecting are idempotent. Connections of one request are
// made at the same time, each with a status of its own: one that fails, or
// whose server has gone, fails no other. What is mounted is asked of the
// kernel each time, never remembered, so a restart of the daemon and the
// doings of others change nothing. Source: storageServer.py.
package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"

	"golang.org/x/sync/errgroup"

	"govdsm/api"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/mount"
	"govdsm/internal/storage/outofprocess"
)

// Root mounts and unmounts. supervdsmd does it in the daemon.
type Root interface {
	Mount(ctx context.Context, m Mount) error
	// Unmount lets go of target even if its server has gone.
	Unmount(ctx context.Context, target string) error
	// Access is fs.ErrPermission unless vdsmd's user and QEMU's may use a
	// folder.
	Access(ctx context.Context, path string) error
}

// Mount says what to mount where.
type Mount struct {
	Source, Target, Type, Options string
	Slice                         string // systemd's slice for daemons that the mount starts
}

// Options configure Connections.
type Options struct {
	Repository string             // root of the mounts, with a folder mnt
	IO         *outofprocess.Pool // what looks at storage
	Root       Root               // nil for a host that mounts nothing: local folders only
	NFSOptions []string           // irs:nfs_mount_options
	// Bricks returns the hosts that hold a Gluster volume, as one of them
	// tells; nil, or an error, leaves the mount to the one that was given.
	Bricks func(ctx context.Context, host, volume string) ([]string, error)
	Log    *slog.Logger
}

// Connections connects and disconnects. Its methods may be called at once.
type Connections struct {
	o     Options
	table func() (mount.Table, error)

	mu    sync.Mutex
	locks map[string]*lock
}

// lock lets one call at a time work on a target.
type lock struct {
	held  chan struct{} // has room for one
	users int           // under Connections.mu
}

// New returns Connections. It does nothing yet.
func New(o Options) *Connections {
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	return &Connections{o: o, table: mount.Read, locks: make(map[string]*lock)}
}

// repository returns the root of the mounts as the kernel's table has it,
// whatever links lead there.
func (c *Connections) repository() string {
	if real, err := filepath.EvalSymlinks(c.o.Repository); err == nil {
		return real
	}
	return c.o.Repository
}

// mostAtOnce is how many connections of one request are made at one time.
const mostAtOnce = 10

// connection is what is done for one definition.
type connection interface {
	target() string
	connect(ctx context.Context) error
	disconnect(ctx context.Context) error
}

// Connect makes the connections and returns their statuses in the same order.
// No definitions are an error, as is a kind that this host cannot connect.
func (c *Connections) Connect(ctx context.Context, t domainmd.Type, definitions []json.RawMessage) ([]api.ConnectStorageServerStatus, error) {
	if len(definitions) == 0 {
		return nil, api.ErrInvalidParameterException.OfText("conList=[]")
	}
	return c.each(ctx, t, definitions, "cannot connect to storage", connection.connect)
}

// Disconnect ends connections and returns their statuses in the same order.
// One that is not there has ended well.
func (c *Connections) Disconnect(ctx context.Context, t domainmd.Type, definitions []json.RawMessage) ([]api.ConnectStorageServerStatus, error) {
	return c.each(ctx, t, definitions, "cannot disconnect from storage", connection.disconnect)
}

func (c *Connections) each(ctx context.Context, t domainmd.Type, definitions []json.RawMessage, complaint string,
	do func(connection, context.Context) error,
) ([]api.ConnectStorageServerStatus, error) {
	if t == domainmd.ISCSI {
		return nil, api.ErrStorageServerAction.OfText("iSCSI is not supported yet")
	}
	statuses := make([]api.ConnectStorageServerStatus, len(definitions))
	var group errgroup.Group
	group.SetLimit(mostAtOnce)
	for i, raw := range definitions {
		group.Go(func() error {
			d, err := parse(raw)
			if err == nil {
				statuses[i].ID = d.id()
				err = c.one(ctx, t, d, do)
			}
			if err != nil {
				c.o.Log.ErrorContext(ctx, complaint, "type", t, "connection", d.text("connection", ""), "err", err)
			}
			statuses[i].Status = status(err)
			return nil
		})
	}
	return statuses, group.Wait()
}

// one works on one definition, and on its target alone.
func (c *Connections) one(ctx context.Context, t domainmd.Type, d definition, do func(connection, context.Context) error) error {
	if t == domainmd.FCP {
		return nil // the fabric connects by itself
	}
	connection, err := c.connection(ctx, t, d)
	if err != nil {
		return err
	}
	release, err := c.lock(ctx, connection.target())
	if err != nil {
		return err
	}
	defer release()
	return do(connection, ctx)
}

// lock waits until nobody else works on target.
func (c *Connections) lock(ctx context.Context, target string) (release func(), err error) {
	c.mu.Lock()
	l, ok := c.locks[target]
	if !ok {
		l = &lock{held: make(chan struct{}, 1)}
		c.locks[target] = l
	}
	l.users++
	c.mu.Unlock()
	leave := func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if l.users--; l.users == 0 {
			delete(c.locks, target)
		}
	}
	select {
	case l.held <- struct{}{}:
		return func() { <-l.held; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, context.Cause(ctx)
	}
}

// status is the code of an error: its own, or the one for anything unexpected.
func status(err error) int64 {
	if err == nil {
		return 0
	}
	if e, ok := errors.AsType[*api.Error](err); ok {
		return int64(e.Number)
	}
	if e, ok := errors.AsType[*api.Code](err); ok {
		return int64(e.Number)
	}
	return int64(api.ErrGeneral.Number)
}
