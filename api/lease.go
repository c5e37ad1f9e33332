// SPDX-License-Identifier: GPL-2.0-or-later

package api

// LeaseCreate makes a lease in the external leases volume of a storage
// domain. It runs as a task.
var LeaseCreate = declare[LeaseCreateParams, UUID]("Lease.create", "4.1")

// LeaseCreateParams are the parameters of Lease.create.
type LeaseCreateParams struct {
	Lease    Lease          `json:"lease"`
	Metadata *LeaseMetadata `json:"metadata,omitzero" default:"null"`
}

// LeaseDelete removes a lease. It runs as a task.
var LeaseDelete = declare[LeaseDeleteParams, UUID]("Lease.delete", "4.1")

// LeaseDeleteParams are the parameters of Lease.delete.
type LeaseDeleteParams struct {
	Lease Lease `json:"lease"`
}

// LeaseRebuildLeases builds the index of a domain's leases anew from the
// leases themselves. It runs as a task.
var LeaseRebuildLeases = declare[LeaseRebuildLeasesParams, UUID]("Lease.rebuild_leases", "4.1")

// LeaseRebuildLeasesParams are the parameters of Lease.rebuild_leases.
type LeaseRebuildLeasesParams struct {
	SDID UUID `json:"sd_id"`
}

// LeaseInfo tells where a lease is on disk.
var LeaseInfo = declare[LeaseInfoParams, LeaseInfoResult]("Lease.info", "4.1")

// LeaseInfoParams are the parameters of Lease.info.
type LeaseInfoParams struct {
	Lease Lease `json:"lease"`
}

// LeaseStatus tells who holds a lease.
var LeaseStatus = declare[LeaseStatusParams, ExternalLeaseStatus]("Lease.status", "4.1")

// LeaseStatusParams are the parameters of Lease.status.
type LeaseStatusParams struct {
	Lease Lease `json:"lease"`
}

// LeaseFence takes the lease of a lost job over, so that the job can never
// finish.
var LeaseFence = declare[LeaseFenceParams, Nothing]("Lease.fence", "4.4.6")

// LeaseFenceParams are the parameters of Lease.fence.
type LeaseFenceParams struct {
	Lease Lease `json:"lease"`
	// what the lease must hold for this to be right
	Metadata LeaseMetadata `json:"metadata"`
}

// Lease names a lease.
type Lease struct {
	SDID    UUID `json:"sd_id"`
	LeaseID UUID `json:"lease_id"`
}

// LeaseMetadata is what the holder of a lease wrote into it.
type LeaseMetadata struct{ Union }

// Alternatives implements OneOf.
func (LeaseMetadata) Alternatives() []any {
	return []any{JobMetadata{}}
}

// JobMetadata is the record of a job in its lease.
type JobMetadata struct {
	Type           LeaseMetadataType `json:"type"`
	JobStatus      JobStatus         `json:"job_status"`
	Generation     uint64            `json:"generation"`                       // grows with each change
	JobID          UUID              `json:"job_id"`                           // the job that holds the lease
	Created        *uint64           `json:"created,omitzero" default:"null"`  // seconds since 1970
	Modified       *uint64           `json:"modified,omitzero" default:"null"` // seconds since 1970
	HostHardwareID *UUID             `json:"host_hardware_id,omitzero" default:"null"`
}

// LeaseMetadataType is the kind of record in a lease.
type LeaseMetadataType string

const (
	LeaseMetadataTypeJOB LeaseMetadataType = "JOB"
)

// Values implements Enum.
func (LeaseMetadataType) Values() []string {
	return enum(LeaseMetadataTypeJOB)
}

// JobStatus is where a job with a lease is in its life.
type JobStatus string

const (
	JobStatusFAILED    JobStatus = "FAILED"
	JobStatusFENCED    JobStatus = "FENCED"
	JobStatusPENDING   JobStatus = "PENDING"
	JobStatusSUCCEEDED JobStatus = "SUCCEEDED"
)

// Values implements Enum.
func (JobStatus) Values() []string {
	return enum(JobStatusFAILED, JobStatusFENCED, JobStatusPENDING, JobStatusSUCCEEDED)
}

// LeaseInfoResult is where a lease is on disk.
type LeaseInfoResult struct {
	SDID    UUID   `json:"sd_id"`
	LeaseID UUID   `json:"lease_id"`
	Path    string `json:"path"`
	Offset  Ulong  `json:"offset"` // bytes from the start of the volume
}

// ExternalLeaseStatus says who holds a lease.
type ExternalLeaseStatus struct {
	Owners   []uint64       `json:"owners"`                 // numbers of hosts in the lockspace
	Version  *uint64        `json:"version" default:"null"` // grows whenever the lease changes hands; null after a release
	Metadata *LeaseMetadata `json:"metadata,omitzero" default:"null"`
}
