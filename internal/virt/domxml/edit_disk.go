// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/beevik/etree"
)

// editDisks points every prepared disk to its image. The manager predicts
// paths, the host knows them.
func editDisks(ctx context.Context, d *Domain, in *Input) error {
	for _, disk := range d.Disks() {
		i := slices.IndexFunc(in.Drives, func(dr Drive) bool { return dr.Name == disk.Name })
		if disk.Name == "" || i < 0 {
			in.Log.DebugContext(ctx, "disk left as sent", "disk", disk.Name, "path", disk.Source.Path)
			continue
		}
		if err := editDisk(disk, in.Drives[i]); err != nil {
			return fmt.Errorf("disk %s: %w", disk.Name, err)
		}
		if now := diskOf(deviceOf(disk.elem)); now.Source.Path != disk.Source.Path || now.Format != disk.Format {
			in.Log.InfoContext(ctx, "disk changed from what the manager sent", "disk", disk.Name,
				slog.Group("was", "type", disk.Type, "path", disk.Source.Path, "format", disk.Format),
				slog.Group("is", "type", now.Type, "path", now.Source.Path, "format", now.Format))
		}
	}
	return nil
}

func editDisk(disk Disk, drive Drive) error {
	kind := drive.Type
	if kind == "" {
		kind = disk.Type
	}
	if err := checkDiskType(disk.DeviceType, kind); err != nil {
		return err
	}
	source := child(disk.elem, "source")
	if source == nil && drive.Path != "" {
		source = disk.elem.CreateElement("source")
	}
	// Of a floppy only the path ever changes: its one use is as payload.
	if disk.DeviceType != "floppy" {
		setAttr(disk.elem, "type", kind)
		editFormat(disk.elem, drive.Format)
	}
	if source == nil {
		return nil
	}
	renameAttr(source, sourceAttrs[disk.Type], sourceAttrs[kind], drive.Path)
	if kind == "network" {
		editNetworkSource(source, drive)
	}
	if kind != "network" || attrOf(source, "protocol") == "gluster" {
		keepOwner(source)
	}
	return nil
}

// editFormat sets the driver's type; a disk may have changed it since the
// manager looked.
func editFormat(disk *etree.Element, format string) {
	driver := child(disk, "driver")
	if format == "cow" {
		format = "qcow2"
	}
	if driver == nil {
		driver = disk.CreateElement("driver")
		driver.CreateAttr("name", "qemu")
	}
	if format == "" && attrOf(driver, "type") == "" {
		format = "raw"
	}
	if format != "" {
		setAttr(driver, "type", format)
	}
}

func editNetworkSource(source *etree.Element, drive Drive) {
	if drive.Protocol != "" {
		setAttr(source, "protocol", drive.Protocol)
	}
	if len(drive.Hosts) == 0 {
		return
	}
	for h := range children(source, "host") {
		remove(h)
	}
	for i, host := range drive.Hosts {
		h := etree.NewElement("host")
		for _, k := range slices.Sorted(maps.Keys(host)) {
			h.CreateAttr(k, host[k])
		}
		source.InsertChildAt(i, h)
	}
}

// keepOwner tells libvirt not to change the owner of the image: volumes live
// longer than the VM, and storage looks after their permissions. A label that
// is there already stays.
func keepOwner(source *etree.Element) {
	if child(source, "seclabel") != nil {
		return
	}
	label := source.CreateElement("seclabel")
	label.CreateAttr("type", "none")
	label.CreateAttr("relabel", "no")
	label.CreateAttr("model", "dac")
}
