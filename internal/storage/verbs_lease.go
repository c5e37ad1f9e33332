// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"govdsm/api"
	"govdsm/internal/dispatch"
	storagedomain "govdsm/internal/storage/domain"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/task"
	"govdsm/internal/storage/volumemd"
	"govdsm/internal/storage/xlease"
)

func (s *Storage) bindLeases(t *dispatch.Table) {
	dispatch.Bind(t, api.LeaseCreate, s.createLease)
	dispatch.Bind(t, api.LeaseDelete, s.deleteLease)
	dispatch.Bind(t, api.LeaseRebuildLeases, s.rebuildLeases)
	dispatch.Bind(t, api.LeaseInfo, s.leaseInfo)
	dispatch.Bind(t, api.LeaseStatus, s.leaseStatus)
	dispatch.Bind(t, api.LeaseFence, s.fenceLease)
}

// leaseIndex is the name of the lock of a domain's index of external leases:
// one host changes it, the pool's manager, and one task of that at a time.
const leaseIndex = "index"

func checkLease(l api.Lease) error {
	for name, id := range map[string]api.UUID{"sd_id": l.SDID, "lease_id": l.LeaseID} {
		if !storagedomain.IsID(string(id)) {
			return api.ErrInvalidParameterException.OfText(name + "=" + string(id))
		}
	}
	return nil
}

// scheduleLeases schedules a change of the index of a domain.
func (s *Storage) scheduleLeases(
	ctx context.Context, domain api.UUID, verb string, change func(context.Context, *storagedomain.Domain, int) error,
) (api.UUID, error) {
	p := s.pools.Connected()
	if p == nil {
		return "", api.ErrStoragePoolNotConnected.Of()
	}
	locks := []resource.Lock{resource.Shared(resource.Storage, string(domain))}
	id, err := s.pools.Schedule(ctx, p.ID(), verb, locks, func(ctx context.Context, _ *task.Task) error {
		release, err := s.locks.Acquire(ctx, resource.Exclusive(resource.ExternalLeases(leaseIndex), string(domain)))
		if err != nil {
			return err
		}
		defer release()
		d, err := s.domains.Domain(ctx, string(domain))
		if err != nil {
			return err
		}
		return change(ctx, d, p.HostID())
	})
	return api.UUID(id), err
}

// openIndex opens the index of a domain to change it.
func openIndex(ctx context.Context, d *storagedomain.Domain) (*xlease.Index, error) {
	v, err := d.ExternalLeases(ctx)
	if err != nil {
		return nil, err
	}
	if v.Resources == nil {
		return nil, api.ErrUnsupportedOperation.With("reason", "this host has no sanlock daemon")
	}
	return v.Open()
}

// createLease makes a lease. One that is there is success: managers do not look
// at errors of the task.
func (s *Storage) createLease(ctx context.Context, p *api.LeaseCreateParams) (api.UUID, error) {
	if err := checkLease(p.Lease); err != nil {
		return "", err
	}
	var record *api.JobMetadata
	if p.Metadata != nil {
		record = new(api.JobMetadata)
		if err := jobRecord(*p.Metadata, record); err != nil {
			return "", err
		}
	}
	id := string(p.Lease.LeaseID)
	return s.scheduleLeases(ctx, p.Lease.SDID, "create_lease", func(ctx context.Context, d *storagedomain.Domain, hostID int) error {
		index, err := openIndex(ctx, d)
		if err != nil {
			return err
		}
		if _, err := index.Add(ctx, id); errors.Is(err, xlease.ErrExists) {
			s.log.InfoContext(ctx, "a lease is there already", "domain", d.ID(), "lease", id)
			return nil
		} else if err != nil || record == nil {
			return err
		}
		now := time.Now().Unix()
		return s.holding(ctx, hostID, d.ID(), id, func(l *externalLease) error {
			return l.SetRecord(ctx, map[string]any{
				"type": record.Type, "generation": record.Generation, "job_id": record.JobID, "job_status": record.JobStatus,
				"created": now, "modified": now, "host_hardware_id": s.hardwareID(),
			})
		})
	})
}

// jobRecord reads what a manager says of a job.
func jobRecord(m api.LeaseMetadata, into *api.JobMetadata) error {
	if err := m.As(into); err != nil {
		return api.ErrInvalidParameterException.OfText("metadata=" + err.Error())
	}
	switch {
	case into.Type != api.LeaseMetadataTypeJOB:
		return api.ErrInvalidParameterException.OfText("metadata.type=" + string(into.Type))
	case into.Generation > 999:
		return api.ErrInvalidParameterException.OfText(fmt.Sprintf("metadata.generation=%d", into.Generation))
	case !storagedomain.IsID(string(into.JobID)):
		return api.ErrInvalidParameterException.OfText("metadata.job_id=" + string(into.JobID))
	}
	switch into.JobStatus {
	case api.JobStatusPENDING, api.JobStatusFAILED, api.JobStatusSUCCEEDED, api.JobStatusFENCED:
		return nil
	}
	return api.ErrInvalidParameterException.OfText("metadata.job_status=" + string(into.JobStatus))
}

// deleteLease removes a lease. One that is not there is success, as above.
func (s *Storage) deleteLease(ctx context.Context, p *api.LeaseDeleteParams) (api.UUID, error) {
	if err := checkLease(p.Lease); err != nil {
		return "", err
	}
	id := string(p.Lease.LeaseID)
	return s.scheduleLeases(ctx, p.Lease.SDID, "delete_lease", func(ctx context.Context, d *storagedomain.Domain, _ int) error {
		index, err := openIndex(ctx, d)
		if err != nil {
			return err
		}
		if err := index.Remove(ctx, id); !errors.Is(err, api.ErrNoSuchLease) {
			return err
		}
		s.log.InfoContext(ctx, "a lease is gone already", "domain", d.ID(), "lease", id)
		return nil
	})
}

func (s *Storage) rebuildLeases(ctx context.Context, p *api.LeaseRebuildLeasesParams) (api.UUID, error) {
	return s.scheduleLeases(ctx, p.SDID, "rebuild_leases", func(ctx context.Context, d *storagedomain.Domain, _ int) error {
		return d.RebuildExternalLeases(ctx)
	})
}

// withLease calls f with the domain of a lease, which nobody removes meanwhile.
func (s *Storage) withLease(ctx context.Context, l api.Lease, f func(d *storagedomain.Domain, hostID int) error) error {
	if err := checkLease(l); err != nil {
		return err
	}
	hostID, err := jobStorage{s}.HostID()
	if err != nil {
		return err
	}
	release, err := s.locks.Acquire(ctx, resource.Shared(resource.Storage, string(l.SDID)))
	if err != nil {
		return err
	}
	defer release()
	d, err := s.domains.Domain(ctx, string(l.SDID))
	if err != nil {
		return err
	}
	return f(d, hostID)
}

func (s *Storage) leaseInfo(ctx context.Context, p *api.LeaseInfoParams) (r api.LeaseInfoResult, err error) {
	err = s.withLease(ctx, p.Lease, func(d *storagedomain.Domain, _ int) error {
		l, err := d.ExternalLease(ctx, string(p.Lease.LeaseID))
		r = api.LeaseInfoResult{SDID: p.Lease.SDID, LeaseID: p.Lease.LeaseID, Path: l.Path, Offset: api.Ulong(l.Offset)}
		return err
	})
	return r, err
}

// leaseStatus tells who has a lease. Its record can be read by who has it only:
// the lease is taken for a moment if it is free.
func (s *Storage) leaseStatus(ctx context.Context, p *api.LeaseStatusParams) (r api.ExternalLeaseStatus, err error) {
	err = s.withLease(ctx, p.Lease, func(d *storagedomain.Domain, hostID int) error {
		l, err := d.ExternalLease(ctx, string(p.Lease.LeaseID))
		if err != nil {
			return err
		}
		owner, err := d.Lock().Inspect(ctx, l)
		if err != nil {
			return err
		}
		r.Owners = []uint64{}
		if owner.Version != 0 {
			r.Version = &owner.Version
		}
		if owner.HostID != 0 {
			r.Owners = append(r.Owners, uint64(owner.HostID))
			return nil
		}
		err = s.holding(ctx, hostID, d.ID(), l.Name, func(l *externalLease) error {
			record, err := l.Record(ctx)
			if record != nil {
				r.Metadata = &api.LeaseMetadata{Union: api.Union{Value: record}}
			}
			return err
		})
		if errors.Is(err, api.ErrAcquireLockFailure) {
			s.log.WarnContext(ctx, "a lease is taken meanwhile", "lease", l.Name, "err", err)
			return nil
		}
		return err
	})
	return r, err
}

// fenceLease makes sure that a job never ends well: whoever runs it still holds
// the lease, and this fails, or it finds the lease fenced.
func (s *Storage) fenceLease(ctx context.Context, p *api.LeaseFenceParams) (none api.Nothing, err error) {
	var want api.JobMetadata
	if err := jobRecord(p.Metadata, &want); err != nil {
		return none, err
	}
	return none, s.withLease(ctx, p.Lease, func(d *storagedomain.Domain, hostID int) error {
		return s.holding(ctx, hostID, d.ID(), string(p.Lease.LeaseID), func(l *externalLease) error {
			record, err := l.Record(ctx)
			if err != nil {
				return err
			}
			if err := isJob(record, want); err != nil {
				return err
			}
			record["modified"] = time.Now().Unix()
			record["host_hardware_id"] = s.hardwareID()
			record["generation"] = volumemd.NextGeneration(want.Generation)
			record["job_status"] = api.JobStatusFENCED
			return l.SetRecord(ctx, record)
		})
	})
}

// isJob says whether a record is that of the job that is meant.
func isJob(record map[string]any, want api.JobMetadata) error {
	other := func(reason string, expected string, actual any) error {
		return api.ErrStorageUnsupportedOperation.OfText("reason=" + reason + ", context=" +
			api.Repr(api.PyDict{{Key: "expected", Value: expected}, {Key: "actual", Value: actual}}))
	}
	switch {
	case record["type"] != string(want.Type):
		return other("job type doesn't match supported type", string(want.Type), record["type"])
	case record["job_id"] != string(want.JobID):
		return other("job_id on lease doesn't match passed job_id", string(want.JobID), record["job_id"])
	case record["job_status"] != string(want.JobStatus):
		return api.ErrJobStatusMismatch.OfText(fmt.Sprintf("expected=%s, actual=%v", want.JobStatus, record["job_status"]))
	case record["generation"] != float64(want.Generation):
		return api.ErrGenerationMismatch.OfText(fmt.Sprintf("requested=%d, actual=%v", want.Generation, record["generation"]))
	}
	return nil
}
