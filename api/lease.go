// SPDX-License-Identifier: GPL-2.0-or-later

package api

var LeaseCreate = declare[LeaseCreateParams, UUID]("Lease.create", "4.1")

type LeaseCreateParams struct {
	Lease    Lease          `json:"lease"`
	Metadata *LeaseMetadata `json:"metadata,omitzero" default:"null"`
}

var LeaseDelete = declare[LeaseDeleteParams, UUID]("Lease.delete", "4.1")

type LeaseDeleteParams struct {
	Lease Lease `json:"lease"`
}

var LeaseRebuildLeases = declare[LeaseRebuildLeasesParams, UUID]("Lease.rebuild_leases", "4.1")

type LeaseRebuildLeasesParams struct {
	SDID UUID `json:"sd_id"`
}

var LeaseInfo = declare[LeaseInfoParams, LeaseInfoResult]("Lease.info", "4.1")

type LeaseInfoParams struct {
	Lease Lease `json:"lease"`
}

var LeaseStatus = declare[LeaseStatusParams, ExternalLeaseStatus]("Lease.status", "4.1")

type LeaseStatusParams struct {
	Lease Lease `json:"lease"`
}

var LeaseFence = declare[LeaseFenceParams, Nothing]("Lease.fence", "4.4.6")

type LeaseFenceParams struct {
	Lease    Lease         `json:"lease"`
	Metadata LeaseMetadata `json:"metadata"`
}

type Lease struct {
	SDID    UUID `json:"sd_id"`
	LeaseID UUID `json:"lease_id"`
}

type LeaseMetadata struct{ Union }

// Alternatives implements OneOf.
func (LeaseMetadata) Alternatives() []any {
	return []any{JobMetadata{}}
}

type JobMetadata struct {
	Type           LeaseMetadataType `json:"type"`
	JobStatus      JobStatus         `json:"job_status"`
	Generation     uint64            `json:"generation"`
	JobID          UUID              `json:"job_id"`
	Created        *uint64           `json:"created,omitzero" default:"null"`
	Modified       *uint64           `json:"modified,omitzero" default:"null"`
	HostHardwareID *UUID             `json:"host_hardware_id,omitzero" default:"null"`
}

type LeaseMetadataType string

const (
	LeaseMetadataTypeJOB LeaseMetadataType = "JOB"
)

// Values implements Enum.
func (LeaseMetadataType) Values() []string {
	return enum(LeaseMetadataTypeJOB)
}

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

type LeaseInfoResult struct {
	SDID    UUID   `json:"sd_id"`
	LeaseID UUID   `json:"lease_id"`
	Path    string `json:"path"`
	Offset  Ulong  `json:"offset"`
}

type ExternalLeaseStatus struct {
	Owners   uint64         `json:"owners"`
	Version  uint64         `json:"version"`
	Metadata *LeaseMetadata `json:"metadata,omitzero" default:"null"`
}
