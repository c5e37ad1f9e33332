// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"context"
	"fmt"
	"log/slog"
)

// Input is what the host knows and the manager could not when it wrote the
// document.
type Input struct {
	Arch      string // of the host; counts when the document names none
	OSName    string // for the SMBIOS product: "oVirt Node"
	OSVersion string // for the SMBIOS version: "<version>-<release>"
	Serial    string // for the SMBIOS serial: the host's UUID
	// Drives are the prepared disks. A disk that is not among them stays as it
	// is.
	Drives []Drive
	// CreateHook runs the before_device_create scripts on a device that has
	// custom properties and returns what they made of it. Without it such
	// devices only move.
	CreateHook func(ctx context.Context, deviceXML string, custom map[string]string) (string, error)
	Log        *slog.Logger // nil for silence
}

// Drive is what the host made of a disk: where its image really is.
type Drive struct {
	Name string // target of the disk: "vda"
	Type string // "file", "block" or "network"; "" leaves it as it is
	// Path is the path of the image, or the name at the protocol of a network
	// disk; "" for an ejected medium.
	Path     string
	Format   string // "raw", or "qcow2" which may be spelled "cow"; "" leaves it
	Protocol string // of a network disk; "" leaves it
	// Hosts replace the hosts of a network disk unless empty.
	Hosts []map[string]string
	// Leaf is the last volume of the image's chain, nil when there is none.
	Leaf *Volume
}

// Volume is one volume with its lease.
type Volume struct {
	DomainID string
	VolumeID string
	// LeasePath and LeaseOffset (bytes) say where the sanlock lease is; the
	// path is "" on storage without leases.
	LeasePath   string
	LeaseOffset int64
}

// editor changes one aspect of a document.
type editor func(context.Context, *Domain, *Input) error

// editors returns the editors in the order in which they run. Leases come
// after disks and devices with hooks last, because scripts see what libvirt
// will.
func editors() []editor {
	return []editor{editReboot, editSysinfo, editDisks, editLeases, editHooked}
}

// Preprocess turns the manager's document into the one that libvirt is given.
// It changes d in place; what no editor is for stays as it is. After an error
// d is to be thrown away.
//
// Source of the steps: _buildDomainXML in lib/vdsm/virt/vm.py and
// domxml_preprocess.py, with the setting xml_minimal_changes on.
func (d *Domain) Preprocess(ctx context.Context, in Input) error {
	if in.Log == nil {
		in.Log = slog.New(slog.DiscardHandler)
	}
	if d.devices() == nil {
		return malformed("no devices")
	}
	for _, edit := range editors() {
		if err := edit(ctx, d, &in); err != nil {
			return fmt.Errorf("prepare domain %s: %w", d.uuid, err)
		}
	}
	return nil
}

// editReboot takes the wish to end at reboot out of the document: libvirt would
// destroy the VM behind our back, before its devices can be released.
func editReboot(_ context.Context, d *Domain, _ *Input) error {
	for e := range children(d.root, "on_reboot") {
		remove(e)
	}
	return nil
}
