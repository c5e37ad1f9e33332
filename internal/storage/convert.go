// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"
	"fmt"

	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/volume"
)

// convert brings a domain to a later format. The caller keeps everybody else off
// it.
func (s *Storage) convert(ctx context.Context, d *domain.Domain, to domainmd.Version) error {
	if _, err := d.Metadata(ctx); err != nil {
		return err
	}
	if d.Known().Version == domainmd.Version0 && to >= domainmd.Version3 {
		if err := s.convertTo3(ctx, d); err != nil {
			return fmt.Errorf("converting domain %s to version 3: %w", d.ID(), err)
		}
	}
	return d.Convert(ctx, to)
}

// convertTo3 brings a domain from the time of safelease to one of sanlock: its
// files of leases are made anew, its volumes get leases, and with one write it
// has the new format. Until then nobody uses the new leases, so that making
// them again does no harm.
func (s *Storage) convertTo3(ctx context.Context, d *domain.Domain) error {
	if err := d.OpenSpecialFiles(ctx); err != nil {
		return err
	}
	lock, sdm := d.LockIn(domainmd.Version3)
	if err := lock.Init(ctx, sdm); err != nil {
		return err
	}
	var leases volume.Leases
	if l, ok := lock.(*clusterlock.Sanlock); ok {
		leases = l
	}
	v := volume.New(volume.Options{
		Domain: d, QemuImg: s.qemuImg, Leases: leases, Repository: s.repository, Run: s.run, Log: s.log,
	})
	if err := v.UpgradeFrom0(ctx); err != nil {
		return err
	}
	return d.BecomeVersion3(ctx)
}
