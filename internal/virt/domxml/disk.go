// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"strconv"
	"strings"

	"github.com/beevik/etree"
)

// PayloadSource is the path a manager writes for a disk whose image the host
// builds from files in the metadata.
const PayloadSource = "PAYLOAD:"

// Disk is one disk, floppy or CD-ROM as the document has it.
type Disk struct {
	Device            // Type is "file", "block" or "network"
	Name       string // target: "vda"
	Bus        string // "virtio", "scsi", "ide", "sata", "fdc"
	DeviceType string // "disk" (also when not given), "cdrom", "floppy", "lun"
	Source     DiskSource
	Format     string // driver type: "raw", "qcow2", or "" when not given
	Cache      string
	Discard    string
	// ErrorPolicy says what happens on a write error: "stop", "report",
	// "enospace", or "" when not given, which means stop.
	ErrorPolicy string
	IOThread    string
	Serial      string
	SGIO        string // "filtered", "unfiltered"; only LUNs may have it
	BootOrder   string
	ReadOnly    bool
	Shareable   bool
	// IOTune holds the limits by element name: "total_bytes_sec".
	IOTune map[string]int64
}

// DiskSource is where a disk's data is.
type DiskSource struct {
	Path     string // path, or the name at a network protocol; "" when ejected
	Protocol string // "gluster", "rbd"; "" unless of type network
	Hosts    []map[string]string
	// ManagedReservation says that libvirt runs the helper for SCSI persistent
	// reservations.
	ManagedReservation bool
	AuthUser           string
	AuthSecretType     string
	AuthSecretUUID     string
}

// sourceAttrs tells which attribute of source holds the path, by disk type.
var sourceAttrs = map[string]string{"file": "file", "block": "dev", "network": "name"}

// Disks returns the disks.
func (d *Domain) Disks() []Disk {
	var list []Disk
	for _, dev := range d.DevicesOf("disk") {
		list = append(list, diskOf(dev))
	}
	return list
}

func diskOf(dev Device) Disk {
	e := dev.elem
	target, driver := child(e, "target"), child(e, "driver")
	disk := Disk{
		Device:      dev,
		Name:        attrOf(target, "dev"),
		Bus:         attrOf(target, "bus"),
		DeviceType:  attrOf(e, "device"),
		Source:      sourceOf(dev),
		Format:      attrOf(driver, "type"),
		Cache:       attrOf(driver, "cache"),
		Discard:     attrOf(driver, "discard"),
		ErrorPolicy: attrOf(driver, "error_policy"),
		IOThread:    attrOf(driver, "iothread"),
		Serial:      textOf(child(e, "serial")),
		SGIO:        attrOf(e, "sgio"),
		BootOrder:   attrOf(child(e, "boot"), "order"),
		ReadOnly:    child(e, "readonly") != nil,
		Shareable:   child(e, "shareable") != nil,
		IOTune:      ioTuneOf(child(e, "iotune")),
	}
	if disk.DeviceType == "" {
		disk.DeviceType = "disk"
	}
	return disk
}

func sourceOf(dev Device) DiskSource {
	e := child(dev.elem, "source")
	src := DiskSource{
		Path:               attrOf(e, sourceAttrs[dev.Type]),
		Protocol:           attrOf(e, "protocol"),
		ManagedReservation: attrOf(child(e, "reservations"), "managed") == "yes",
	}
	for h := range children(e, "host") {
		src.Hosts = append(src.Hosts, attributes(h))
	}
	// libvirt writes auth below source since 3.9, managers beside it.
	auth := child(e, "auth")
	if auth == nil {
		auth = child(dev.elem, "auth")
	}
	src.AuthUser = attrOf(auth, "username")
	src.AuthSecretType = attrOf(child(auth, "secret"), "type")
	src.AuthSecretUUID = attrOf(child(auth, "secret"), "uuid")
	return src
}

// ioTuneOf reads the limits, leaving out what is no number.
func ioTuneOf(e *etree.Element) map[string]int64 {
	tune := make(map[string]int64)
	if e == nil {
		return tune
	}
	for _, limit := range e.ChildElements() {
		n, err := strconv.ParseInt(strings.TrimSpace(textOf(limit)), 10, 64)
		if err == nil {
			tune[limit.Tag] = n
		}
	}
	return tune
}

// ImageIDOfPath returns the image id within the path of a volume of an oVirt
// storage domain (…/images/<image>/<volume>), "" when the path is too short.
func ImageIDOfPath(path string) string {
	parts := strings.Split(strings.TrimRight(path, "/"), "/")
	if len(parts) < 2 {
		return ""
	}
	return parts[len(parts)-2]
}
