// SPDX-License-Identifier: GPL-2.0-or-later

package daemon

import (
	"context"

	"govdsm/internal/logging"
	"govdsm/internal/privileged"
	"govdsm/internal/storage"
	"govdsm/internal/storage/outofprocess"
	"govdsm/internal/storage/server"
)

// ServeIfHelper makes the process an I/O helper of storage if it was started as
// one, and does not return then. It comes first in main.
func ServeIfHelper() { outofprocess.ServeIfHelper() }

// addStorage builds the pillar of storage, unless the configuration has it off.
func (p *pillars) addStorage(s *settings, logs *logging.Log) {
	if !s.IRS.IRSEnable {
		return
	}
	o := storage.Options{
		Repository: s.IRS.Repository,
		NFSOptions: s.IRS.NFSMountOptions,
		IO: outofprocess.Options{
			Timeout: s.IRS.ProcessPoolTimeout,
			Idle:    s.IRS.MaxIoprocessIdleTime,
			Slots:   s.IRS.ProcessPoolMaxSlotsPerDomain,
			Queue:   s.IRS.ProcessPoolMaxQueuedSlotsPerDomain,
			Log:     logs.Logger("storage.io"),
		},
		Log: logs.Logger("storage"),
	}
	if !s.sandbox { // which mounts nothing
		o.Root = storageAsRoot{p.root}
	}
	p.storage = storage.New(o)
}

// storageAsRoot carries out what storage needs root for, through supervdsmd.
type storageAsRoot struct{ client *privileged.Client }

// Mount implements server.Root.
func (r storageAsRoot) Mount(ctx context.Context, m server.Mount) error {
	params := privileged.StorageMountParams(m)
	_, err := privileged.Call(ctx, r.client, privileged.StorageMount, &params)
	return err
}

// Unmount implements server.Root.
func (r storageAsRoot) Unmount(ctx context.Context, target string) error {
	_, err := privileged.Call(ctx, r.client, privileged.StorageUnmount, &privileged.StorageTarget{Path: target})
	return err
}

// Access implements server.Root.
func (r storageAsRoot) Access(ctx context.Context, path string) error {
	_, err := privileged.Call(ctx, r.client, privileged.StorageAccess, &privileged.StorageTarget{Path: path})
	return err
}
