// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/outofprocess"
	"govdsm/internal/storage/pytext"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/volume"
)

func (s *Storage) dumpDomain(ctx context.Context, p *api.StorageDomainDumpParams) (dump api.StorageDomainDumpResult, err error) {
	err = s.with(ctx, p.SDID, func(d *domain.Domain) error {
		if dump.Metadata, err = describeDomain(ctx, d); err != nil {
			return err
		}
		if dump.Volumes, err = volume.New(volume.Options{Domain: d, Log: s.log}).Dump(ctx); err != nil {
			return err
		}
		if p.Full {
			return dumpLeases(ctx, d, &dump)
		}
		return nil
	})
	return dump, err
}

// fileStats lists the discs of an ISO domain. The pattern is for whole paths.
func (s *Storage) fileStats(ctx context.Context, p *api.StorageDomainGetFileStatsParams) (api.StorageDomainFileStatsMap, error) {
	id := string(p.StorageDomainID)
	files := make(api.StorageDomainFileStatsMap)
	release, err := s.locks.Acquire(ctx, resource.Shared(resource.Storage, id))
	if err != nil {
		return nil, own(err, api.ErrGetFileStats, id)
	}
	defer release()
	d, err := s.domains.Domain(ctx, id)
	if err != nil {
		return nil, own(err, api.ErrGetFileStats, id)
	}
	pattern, err := pytext.Pattern(p.Pattern, p.CaseSensitive)
	if err != nil || d.Known().Class != domainmd.ISO {
		return nil, api.ErrGetFileStats.Of(id).Caused(err)
	}
	discs := d.Dir().Sub(domain.ImageDir(domain.ISOImage))
	err = walk(ctx, discs, ".", func(name string, info *outofprocess.Info) {
		if p.Pattern == "*" || pattern.MatchString(discs.Path(name)) {
			files[name] = fileStat(info)
		}
	})
	return files, own(err, api.ErrGetFileStats, id)
}

// walk calls f for each file below a folder. It follows no links.
func walk(ctx context.Context, dir *outofprocess.Dir, below string, f func(name string, info *outofprocess.Info)) error {
	names, err := dir.ReadDir(ctx, below)
	if err != nil {
		return err
	}
	for i, name := range names {
		names[i] = path.Join(below, name)
	}
	infos, err := dir.StatAll(ctx, names)
	if err != nil {
		return err
	}
	for _, name := range names {
		info := infos[name]
		switch {
		case info == nil: // gone meanwhile
		case !info.IsDir():
			f(name, info)
		default:
			own, err := dir.Lstat(ctx, name)
			if err == nil && own.IsDir() {
				err = walk(ctx, dir, name, f)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// fileStat tells of a disc. QEMU reads it as a member of our group, or as
// anybody.
func fileStat(info *outofprocess.Info) api.StorageDomainFileStats {
	ctime, _ := json.Marshal(api.Float(float64(info.Changed.UnixNano()) / 1e9)) // a number always can be written
	stat := api.StorageDomainFileStats{
		Size: api.Repr(info.Size), Ctime: strings.TrimSpace(string(ctime)),
	}
	ours := int(info.GID) == os.Getgid() && info.Mode&0o040 != 0
	if !ours && info.Mode&fs.FileMode(0o004) == 0 {
		stat.Status = int64(api.ErrStorageServerAccessPermission.Number)
	}
	return stat
}

func (s *Storage) repoStats(_ context.Context, p *api.HostGetStorageRepoStatsParams) (api.StorageDomainVitalsMap, error) {
	ids := make([]string, len(p.Domains))
	for i, id := range p.Domains {
		ids[i] = string(id)
	}
	return s.monitors.Vitals(time.Now(), ids...), nil
}

// monitoring keeps starting and stopping of monitors apart, as pools do.
func monitoring() resource.Lock { return resource.Exclusive(resource.Storage, "HSM_DomainMonitorLock") }

func (s *Storage) startMonitoring(ctx context.Context, p *api.HostStartMonitoringDomainParams) (api.Nothing, error) {
	if p.HostID < 1 || p.HostID > clusterlock.MaxHosts {
		return api.Nothing{}, api.ErrInvalidParameterException.OfText("hostID=" + api.Repr(p.HostID))
	}
	if !domain.IsID(string(p.SDUUID)) {
		return api.Nothing{}, api.ErrInvalidParameterException.OfText("sdUUID=" + string(p.SDUUID))
	}
	release, err := s.locks.Acquire(ctx, monitoring())
	if err == nil {
		defer release()
		s.monitors.Start(ctx, string(p.SDUUID), int(p.HostID), false)
	}
	return api.Nothing{}, err
}

func (s *Storage) stopMonitoring(ctx context.Context, p *api.HostStopMonitoringDomainParams) (api.Nothing, error) {
	release, err := s.locks.Acquire(ctx, monitoring())
	if err == nil {
		defer release()
		err = s.monitors.StopOther(ctx, string(p.SDUUID))
	}
	return api.Nothing{}, err
}
