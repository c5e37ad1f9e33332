// SPDX-License-Identifier: GPL-2.0-or-later

package domain

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/outofprocess"
)

// Domain is a domain that was opened. Its methods may be called at once.
type Domain struct {
	id    string
	mount string // the mount point, or the link to the local folder
	dir   *outofprocess.Dir
	locks *clusterlock.Locks
	log   *slog.Logger

	// update lets one change of the metadata be made at a time, whoever holds
	// the domain, and since when. What other hosts may change meanwhile is
	// guarded by the cluster lock, by who calls.
	update *sync.Mutex

	mu   sync.Mutex
	last domainmd.Domain // as last read or written
}

// open reads a domain at mount. One whose metadata is missing is
// [api.ErrStorageDomainMetadataNotFound].
func open(ctx context.Context, o Options, update *sync.Mutex, mount, id string) (*Domain, error) {
	d := &Domain{id: id, mount: mount, dir: o.IO.Keyed(id, filepath.Join(mount, id)), locks: o.Locks, log: o.Log, update: update}
	if _, err := d.Metadata(ctx); err != nil {
		return nil, err
	}
	if d.last.ID != id {
		return nil, api.ErrMetaDataValidation.OfText(fmt.Sprintf("the domain in %s calls itself %s", d.dir.Root(), d.last.ID))
	}
	found, err := probe(ctx, o.IO.Keyed(id, mount))
	if err == nil {
		_, err = fitBlockSize(int(d.last.BlockSize), found)
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// ID returns the domain's id.
func (d *Domain) ID() string { return d.id }

// MountPoint returns the path that the domain's folder is in.
func (d *Domain) MountPoint() string { return d.mount }

// Dir returns the domain's folder.
func (d *Domain) Dir() *outofprocess.Dir { return d.dir }

// Path returns the absolute path of a name in the domain.
func (d *Domain) Path(name string) string { return d.dir.Path(name) }

// Known returns the metadata as it was last read or written. The members that
// never change, which are all but Version, Description, Role, Pools and Lease,
// are certain.
func (d *Domain) Known() domainmd.Domain {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.last
}

// Shared reports whether other hosts can use the domain. A local folder is this
// host's alone.
func (d *Domain) Shared() bool { return d.Known().Type != domainmd.LocalFS }

// HasExternalLeases reports whether the domain keeps leases for VMs and jobs.
func (d *Domain) HasExternalLeases() bool {
	return d.Shared() && d.Known().Version >= domainmd.Version4
}

// HasMailbox reports whether hosts send requests through the domain.
func (d *Domain) HasMailbox() bool { return d.Shared() }

// Metadata reads the metadata, past all caches.
func (d *Domain) Metadata(ctx context.Context) (domainmd.Metadata, error) {
	text, err := d.dir.ReadDirect(ctx, metadataFile)
	if errors.Is(err, fs.ErrNotExist) {
		return domainmd.Metadata{}, api.ErrStorageDomainMetadataNotFound.OfText(d.id).Caused(err)
	}
	if err != nil {
		return domainmd.Metadata{}, Access(d.id, err)
	}
	m, err := domainmd.ParseFile(text)
	if err != nil {
		return domainmd.Metadata{}, fmt.Errorf("metadata of domain %s: %w", d.id, err)
	}
	return m, d.learn(m)
}

func (d *Domain) learn(m domainmd.Metadata) error {
	known, err := m.Domain()
	if err != nil {
		return fmt.Errorf("metadata of domain %s: %w", d.id, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = known
	return nil
}

// Update changes the metadata as one transaction: everybody finds either all
// of it or nothing. Nothing is written when change changes nothing.
func (d *Domain) Update(ctx context.Context, change func(*domainmd.Metadata) error) error {
	d.update.Lock()
	defer d.update.Unlock()
	old, err := d.Metadata(ctx)
	if err != nil {
		return err
	}
	m := old.Clone()
	if err := change(&m); err != nil || m.Equal(old) {
		return err
	}
	text, err := m.File()
	if err != nil {
		return err
	}
	if err := d.dir.WriteFile(ctx, metadataFile, text); err != nil {
		return Access(d.id, err)
	}
	return d.learn(m)
}

// SetDescription writes the domain's description, of 50 characters at most.
func (d *Domain) SetDescription(ctx context.Context, text string) error {
	if len([]rune(text)) > domainmd.MaxDescription {
		return api.ErrStorageDomainDescriptionTooLong.Of()
	}
	if err := checkText(text, d.Known().Version); err != nil {
		return err
	}
	return d.Update(ctx, func(m *domainmd.Metadata) error {
		m.SetDescription(text)
		return nil
	})
}

// Space tells the room in the domain's file system.
func (d *Domain) Space(ctx context.Context) (outofprocess.Space, error) {
	space, err := d.dir.StatFS(ctx)
	if err != nil {
		return space, Access(d.id, err)
	}
	return space, nil
}

// Images returns the ids of the images, without those being removed, in no
// order.
func (d *Domain) Images(ctx context.Context) ([]string, error) {
	names, err := d.dir.ReadDirUnsorted(ctx, ImagesDir)
	if err != nil {
		return nil, Access(d.id, err)
	}
	images := make([]string, 0, len(names))
	for _, name := range names {
		if IsID(name) {
			images = append(images, name)
		}
	}
	return images, nil
}

// Check reads the domain's metadata past all caches and returns how long that
// took.
func (d *Domain) Check(ctx context.Context) (time.Duration, error) {
	return d.dir.Check(ctx, metadataFile)
}

// CollectGarbage removes what is left of removed images.
func (d *Domain) CollectGarbage(ctx context.Context) error {
	left, err := d.dir.Glob(ctx, RemovedImageDir("*"))
	if err != nil {
		return Access(d.id, err)
	}
	var all []error
	for _, name := range left {
		all = append(all, d.dir.RemoveTree(ctx, name))
	}
	return errors.Join(all...)
}

// Access gives an error of the file system of a domain its code: a stale handle
// and a full disk have their own, everything else makes the domain
// inaccessible. Errors that have a code keep it.
func Access(id string, err error) error {
	if _, ok := errors.AsType[*api.Error](err); ok {
		return err
	}
	switch {
	case errors.Is(err, syscall.ESTALE):
		return api.ErrFileStorageDomainStaleNFSHandle.Of().Caused(err)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return api.ErrNoSpaceLeftOnDomain.Of(id).Caused(err)
	}
	return api.ErrStorageDomainAccess.OfText(id).Caused(err)
}

// IsID reports whether a name is an id in the form in which they are written:
// 36 characters, lower case.
func IsID(name string) bool {
	if len(name) != 36 {
		return false
	}
	for i := range len(name) {
		c := name[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}
