// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"errors"
	"fmt"

	"govdsm/api"
	"govdsm/internal/virt/domxml"
	"govdsm/internal/virt/payload"
)

// Storage makes disks of storage domains usable on this host.
type Storage interface {
	// Prepare makes the image usable and says where it is. It may be called
	// again for an image that is prepared.
	Prepare(ctx context.Context, vmID string, image Image) (Prepared, error)
	// Teardown takes back what Prepare did.
	Teardown(ctx context.Context, vmID string, image Image) error
}

// Image names a volume of a storage domain. Either all four ids are set, or
// GUID alone, which names a LUN.
type Image struct {
	DomainID, PoolID, ImageID, VolumeID string
	GUID                                string
}

// Prepared is where a disk's data is.
type Prepared struct {
	Path string
	Type string         // "file", "block"; "" as the manager says
	Leaf *domxml.Volume // last of the chain, with its lease; nil without leases
}

// Payloads makes images of files that the manager sends in the metadata.
type Payloads interface {
	// Build makes the image and returns its path.
	Build(ctx context.Context, image payload.Image) (path string, err error)
	// Remove deletes the image of the VM. There may be none.
	Remove(vmID string) error
}

// held is what a VM holds until it is released.
type held struct {
	qemu     bool // a process, perhaps
	drives   []domxml.Drive
	images   []Image
	payloads bool
	displays []string
}

// imageOf reads which image a disk's metadata names; false when it names none.
func imageOf(values domxml.Values) (Image, bool) {
	i := Image{
		DomainID: values.Text("domainID"), PoolID: values.Text("poolID"),
		ImageID: values.Text("imageID"), VolumeID: values.Text("volumeID"),
	}
	if i.DomainID != "" && i.PoolID != "" && i.ImageID != "" && i.VolumeID != "" {
		return i, true
	}
	if guid := values.Text("GUID"); guid != "" {
		return Image{GUID: guid}, true
	}
	return Image{}, false
}

// prepareDrives makes every disk usable and remembers where it is. What was
// done before an error is undone by release.
func (v *VM) prepareDrives(ctx context.Context, dom *domxml.Domain) error {
	for _, disk := range dom.Disks() {
		entry, err := v.entry(disk.MetadataID())
		if err != nil {
			return err
		}
		drive, err := v.prepareDrive(ctx, disk, entry)
		if err != nil {
			return err
		}
		drive.Name = disk.Name
		v.held.drives = append(v.held.drives, drive)
	}
	return nil
}

// entry returns what the metadata says about a device, nil for nothing.
func (v *VM) entry(id map[string]string) (*domxml.DeviceEntry, error) {
	v.notes.mu.Lock()
	defer v.notes.mu.Unlock()
	return v.notes.m.Device(id)
}

// prepareDrive follows the first of the ways in which a disk can be given
// (lib/vdsm/clientIF.py, prepareVolumePath).
func (v *VM) prepareDrive(ctx context.Context, disk domxml.Disk, entry *domxml.DeviceEntry) (domxml.Drive, error) {
	var data *domxml.DeviceData
	if entry != nil {
		data = &entry.DeviceData
	}
	if data != nil && !data.Values.Bool("managed", false) {
		if image, ok := imageOf(data.Values); ok {
			return v.prepareImage(ctx, disk, image)
		}
	}
	if files := data.Files(); files != nil && (disk.DeviceType == "cdrom" || disk.DeviceType == "floppy") {
		return v.buildPayload(ctx, disk, files)
	}
	if disk.Source.Path == domxml.PayloadSource {
		return domxml.Drive{}, fmt.Errorf("disk %s wants a payload and there are no files for it", disk.Name)
	}
	return domxml.Drive{Path: disk.Source.Path}, nil
}

func (v *VM) prepareImage(ctx context.Context, disk domxml.Disk, image Image) (domxml.Drive, error) {
	if v.vms.o.Storage == nil {
		return domxml.Drive{}, badVolume(disk, image, errors.New("this host has no storage"))
	}
	p, err := v.vms.o.Storage.Prepare(ctx, v.id, image)
	if err != nil {
		return domxml.Drive{}, badVolume(disk, image, err)
	}
	v.held.images = append(v.held.images, image)
	return domxml.Drive{Path: p.Path, Type: p.Type, Leaf: p.Leaf}, nil
}

func (v *VM) buildPayload(ctx context.Context, disk domxml.Disk, files *domxml.Payload) (domxml.Drive, error) {
	if v.vms.o.Payloads == nil {
		return domxml.Drive{}, fmt.Errorf("disk %s: this host builds no payloads", disk.Name)
	}
	v.held.payloads = true
	path, err := v.vms.o.Payloads.Build(ctx, payload.Image{
		VMID: v.id, Kind: payload.Kind(disk.DeviceType), Label: files.Values.Text("volId"), Files: files.Files,
	})
	if err != nil {
		return domxml.Drive{}, fmt.Errorf("disk %s: %w", disk.Name, err)
	}
	return domxml.Drive{Path: path}, nil
}

// volumeError is a disk that could not be had.
type volumeError struct {
	spec  string // which one
	cause error
}

// Error begins with the original's words, which people know.
func (e *volumeError) Error() string {
	return "Bad volume specification " + e.spec + ": " + e.cause.Error()
}

func (e *volumeError) Unwrap() error { return e.cause }

func badVolume(disk domxml.Disk, i Image, cause error) error {
	spec := api.PyDict{{Key: "device", Value: disk.DeviceType}, {Key: "name", Value: disk.Name}}
	if i.GUID != "" {
		spec = append(spec, api.PyItem{Key: "GUID", Value: i.GUID})
	} else {
		spec = append(spec,
			api.PyItem{Key: "domainID", Value: i.DomainID}, api.PyItem{Key: "poolID", Value: i.PoolID},
			api.PyItem{Key: "imageID", Value: i.ImageID}, api.PyItem{Key: "volumeID", Value: i.VolumeID})
	}
	return &volumeError{api.Repr(spec), cause}
}
