// SPDX-License-Identifier: GPL-2.0-or-later

package domain

import (
	"context"
	"path"
	"path/filepath"

	"govdsm/api"
)

// Broken returns a domain whose metadata cannot be read, to remove it with
// Format: nothing else can be done with it. One that is nowhere is
// [api.ErrStorageDomainDoesNotExist].
func (r *Repository) Broken(ctx context.Context, id string) (*Domain, error) {
	if !IsID(id) {
		return nil, api.ErrStorageDomainDoesNotExist.Of(id)
	}
	mounts, err := r.mounts()
	if err != nil {
		return nil, err
	}
	for _, mount := range mounts {
		there, err := r.o.IO.Dir(mount).Exists(ctx, path.Join(id, metadataDir))
		if err != nil {
			r.o.Log.WarnContext(ctx, "cannot look for a storage domain", "domain", id, "mount", mount, "err", err)
		}
		if there {
			return &Domain{id: id, mount: mount, dir: r.o.IO.Keyed(id, filepath.Join(mount, id)), locks: r.o.Locks, log: r.o.Log}, nil
		}
	}
	return nil, api.ErrStorageDomainDoesNotExist.Of(id)
}

// Opened returns a domain if it is open; it looks nowhere.
func (r *Repository) Opened(id string) (*Domain, bool) {
	d := r.opened(id)
	return d, d != nil
}
