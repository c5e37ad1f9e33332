// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

// DeviceData is what can be noted about a device or, inside one, about its
// replica or its change. A nil group is absent; an empty one was there and is
// not written again.
type DeviceData struct {
	Values        Values // domainID, poolID, imageID, volumeID, GUID, network, mdevType …
	Address       Values
	Auth          Values
	Change        *DeviceData
	Custom        Values
	Hosts         []Values
	Payload       *Payload
	PortMirroring []string // networks
	DiskReplicate *DeviceData
	SpecParams    *SpecParams
	VMCustom      Values
	VolumeChain   []Values // domainID imageID volumeID path leasePath leaseOffset; the leaf is last
}

// Payload is a set of files that the host makes into a CD or floppy.
type Payload struct {
	Values Values            // volId
	Files  map[string]string // path to base64
}

// SpecParams are further parameters, among them the files in the notation of
// managers before 4.2.
type SpecParams struct {
	Values    Values
	VMPayload *Payload
}

// Files returns the payload in whichever notation it was sent, nil without
// one.
func (d *DeviceData) Files() *Payload {
	switch {
	case d == nil:
		return nil
	case d.Payload != nil:
		return d.Payload
	case d.SpecParams != nil:
		return d.SpecParams.VMPayload
	}
	return nil
}

// empty says whether there is nothing at all, not even an empty group; only
// such entries vanish when the metadata is written.
func (d *DeviceData) empty() bool {
	return len(d.Values) == 0 && d.Address == nil && d.Auth == nil && d.Change == nil &&
		d.Custom == nil && d.Hosts == nil && d.Payload == nil && d.PortMirroring == nil &&
		d.DiskReplicate == nil && d.SpecParams == nil && d.VMCustom == nil && d.VolumeChain == nil
}
