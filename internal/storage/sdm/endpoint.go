// SPDX-License-Identifier: GPL-2.0-or-later

package sdm

import (
	"context"
	"fmt"
	"strings"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/volume"
	"govdsm/internal/storage/volumemd"
)

// Endpoint is an end of a copy: a volume of a domain, or something else.
type Endpoint struct {
	Volume           // unless External
	Prepared bool    // by who asks: as it is
	External *Target // nil for a volume
}

// Target is an image that is no volume of ours, such as one on managed block
// storage. A lease stands for it.
type Target struct {
	URL        string
	Format     qemuimg.Format
	Sparse     bool
	Exists     bool // it is not to be made
	Zero       bool // it reads as zeros
	Domain     string
	Lease      string
	Generation *uint64
}

func (e Endpoint) check() error {
	if e.External == nil {
		return e.Volume.check()
	}
	t := e.External
	if t.URL == "" || strings.HasPrefix(t.URL, "-") || strings.ContainsRune(t.URL, 0) {
		return api.ErrInvalidParameterException.OfText("url=" + t.URL)
	}
	if t.Format != qemuimg.Raw && t.Format != qemuimg.QCOW2 {
		return api.ErrInvalidParameterException.OfText("format=" + string(t.Format))
	}
	if err := checkID("lease.sd_id", t.Domain); err != nil {
		return err
	}
	if err := checkID("lease.lease_id", t.Lease); err != nil {
		return err
	}
	return checkGeneration(t.Generation)
}

// image is an end of a copy as qemu-img takes it.
type image struct {
	path   string
	format qemuimg.Format

	// Of a target:
	compat    string
	parent    *volume.Parent
	exists    bool
	zero      bool
	unordered bool
}

// reading calls f with an image to read.
func (j *Jobs) reading(ctx context.Context, e, target Endpoint, f func(image) error) (err error) {
	if e.External != nil {
		return j.recorded(ctx, e.External, func(JobLease) error { return f(e.External.image()) })
	}
	d, err := j.o.Storage.Domain(ctx, e.Domain)
	if err != nil {
		return err
	}
	u, err := e.use(ctx, d, false)
	if err != nil {
		return err
	}
	return f(image{path: u.Path, format: u.Format})
}

// sourceLocks are those of a source. An image that is copied within itself, or
// moved between domains, is locked as the target already.
func (e Endpoint) sourceLocks(target Endpoint) []resource.Lock {
	if e.External != nil {
		return nil
	}
	locks := []resource.Lock{resource.Shared(resource.Storage, e.Domain)}
	if target.External != nil || e.ID.Image != target.ID.Image {
		locks = append(locks, resource.Shared(resource.Images(e.Domain), e.ID.Image))
	}
	return locks
}

// use makes the volume usable. A target may be illegal.
func (e Endpoint) use(ctx context.Context, d *Domain, target bool) (*volume.InUse, error) {
	return d.Volumes.Use(ctx, e.ID, target || e.Prepared)
}

// target is a volume that is to be filled.
func targetOf(d *Domain, u *volume.InUse) image {
	i := image{path: u.Path, format: u.Format, parent: u.Parent, zero: true, compat: compat(d)}
	if u.Metadata.Format == api.VolumeFormatRAW {
		// A sparse one is made anew, since not all servers punch holes.
		i.exists = u.Metadata.Allocation != api.VolumeAllocationSPARSE
	} else {
		// A base is made anew: zeros would be written where nothing is.
		i.exists = u.Metadata.Parent != volumemd.NoParent
	}
	return i
}

// compat is the version of qcow2 that all hosts of a domain read.
func compat(d *Domain) string {
	if d.Version >= 4 {
		return "1.1"
	}
	return ""
}

func (t *Target) image() image {
	return image{
		path: t.URL, format: t.Format, compat: "1.1", exists: t.Exists, zero: t.Zero,
		unordered: t.Format == qemuimg.Raw && !t.Sparse,
	}
}

// recorded calls f while this host has the lease of an image.
func (j *Jobs) recorded(ctx context.Context, t *Target, f func(JobLease) error) (err error) {
	host, err := j.o.Storage.HostID()
	if err != nil {
		return err
	}
	lease, err := j.o.Storage.AcquireJobLease(ctx, host, t.Domain, t.Lease)
	if err != nil {
		return err
	}
	defer released(ctx, &err, lease.Release)
	return f(lease)
}

// The states of a job in its lease.
const (
	pending   = "PENDING"
	succeeded = "SUCCEEDED"
	failed    = "FAILED"
)

// underRecord calls f, and writes what became of it into the record of the job,
// which must say that it is to be done.
func (j *Jobs) underRecord(ctx context.Context, id api.UUID, t *Target, lease JobLease, f func() error) (err error) {
	record, err := lease.Record(ctx)
	if err != nil {
		return err
	}
	generation, err := t.mayRun(record, id)
	if err != nil {
		return err
	}
	failure := f()
	status := succeeded
	if failure != nil {
		status = failed
	} else {
		record["generation"] = volumemd.NextGeneration(generation)
	}
	record["modified"] = time.Now().Unix()
	record["host_hardware_id"] = j.o.HardwareID()
	record["job_status"] = status
	err = failure
	released(ctx, &err, func(ctx context.Context) error { return lease.SetRecord(ctx, record) })
	return err
}

// mayRun says whether a record is that of a job that is to be done, and of
// which generation.
func (t *Target) mayRun(record map[string]any, id api.UUID) (generation uint64, err error) {
	text := func(name string) string { s, _ := record[name].(string); return s }
	number, ok := record["generation"].(float64) // as JSON has it
	switch {
	case text("type") != "JOB":
		return 0, unsupported("Metadata type is not support", item("expected", "JOB"), item("actual", record["type"]))
	case text("job_id") != string(id):
		return 0, unsupported("job_id on lease doesn't match passed job_id",
			item("expected", string(id)), item("actual", record["job_id"]))
	case text("job_status") != pending:
		return 0, api.ErrJobStatusMismatch.OfText(fmt.Sprintf("expected=%s, actual=%v", pending, record["job_status"]))
	case !ok || t.Generation == nil || number != float64(*t.Generation):
		var wanted any = "None"
		if t.Generation != nil {
			wanted = *t.Generation
		}
		return 0, mismatch(wanted, record["generation"])
	}
	return *t.Generation, nil
}

func item(key string, value any) api.PyItem { return api.PyItem{Key: key, Value: value} }
