// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"
	"errors"

	"govdsm/api"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/sanlock"
)

// reservedLeases is how many places of the file of leases are for the domain's
// own; the first of them is not used.
const reservedLeases = 100

// dumpLeases adds the leases of a domain whose volumes have some. It reads them
// as they lie on storage, without the daemon, which a broken one may keep from
// starting.
func dumpLeases(ctx context.Context, d *domain.Domain, dump *api.StorageDomainDumpResult) (err error) {
	known := d.Known()
	if d.Shared() && known.Version >= domainmd.Version3 {
		if dump.Leases, err = resources(ctx, d, known); err != nil {
			return err
		}
		if dump.Lockspace, err = lockspace(ctx, d, known); err != nil {
			return err
		}
	}
	if d.HasExternalLeases() {
		dump.Xleases, err = externalLeases(ctx, d)
	}
	return err
}

// resources reads the records of resources: one in each place, or none.
func resources(ctx context.Context, d *domain.Domain, known domainmd.Domain) ([]api.LeaseDump, error) {
	info, err := d.Dir().Stat(ctx, domain.LeasesFile)
	if err != nil {
		return nil, domain.Access(d.ID(), err)
	}
	leases := []api.LeaseDump{}
	align := int64(known.Alignment)
	for at := int64(0); at < min(reservedLeases*align, info.Size); at += align {
		b, err := d.Dir().ReadAt(ctx, domain.LeasesFile, at, int64(known.BlockSize), true)
		if err != nil {
			return nil, domain.Access(d.ID(), err)
		}
		if l, ok := record(b); ok && !l.Host {
			lease := leaseDump(at, l)
			lease.Lver = &l.Version
			leases = append(leases, lease)
		}
	}
	return leases, nil
}

// lockspace reads the records of host ids that somebody has held.
func lockspace(ctx context.Context, d *domain.Domain, known domainmd.Domain) ([]api.LeaseDump, error) {
	b, err := d.Dir().ReadAt(ctx, domain.IDsFile, 0, int64(known.Alignment), true)
	if err != nil {
		return nil, domain.Access(d.ID(), err)
	}
	hosts := []api.LeaseDump{}
	for at := 0; at < len(b); at += int(known.BlockSize) {
		if l, ok := record(b[at:]); ok && l.Host && (l.Timestamp != 0 || l.Owner != 0) {
			hosts = append(hosts, leaseDump(int64(at), l))
		}
	}
	return hosts, nil
}

// record reads what looks like a record, with a wrong checksum, too: who dumps a
// domain wants to see what is there.
func record(b []byte) (sanlock.Record, bool) {
	r, err := sanlock.ParseRecord(b)
	return r, err == nil || errors.Is(err, sanlock.ErrChecksum)
}

func leaseDump(at int64, l sanlock.Record) api.LeaseDump {
	return api.LeaseDump{
		Offset: api.Ulong(at), Lockspace: l.Lockspace, Resource: l.Resource,
		Timestamp: l.Timestamp, Own: l.Owner, Gen: l.Generation,
	}
}

func externalLeases(ctx context.Context, d *domain.Domain) (api.XleasesDumpMap, error) {
	v, err := d.ExternalLeases(ctx)
	if err != nil {
		return nil, err
	}
	index, err := v.Open()
	if err != nil {
		return nil, err
	}
	leases := make(api.XleasesDumpMap)
	for _, r := range index.Records() {
		if r.Err == nil {
			leases[api.UUID(r.ID)] = api.XleaseDump{Offset: api.Ulong(r.Offset), Updating: r.Updating}
		}
	}
	return leases, nil
}
