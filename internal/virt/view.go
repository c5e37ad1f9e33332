// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"maps"
	"strconv"

	"govdsm/api"
	"govdsm/internal/virt/domxml"
)

// view is what a domain's definition says, as far as statistics and verbs need
// it. It is made once per change and never written again.
type view struct {
	xml       string
	vmType    string
	acpi      bool
	memoryKiB int64
	hash      string // "" unless the definition came from libvirt
	nvram     bool
	tpm       bool
	nics      []nicView
	disks     []diskView
	display   []api.VmDisplayInfo
	networks  []string // display networks, as the manager names them
	balloon   *balloonView
	ioTune    []api.VmIoTuneStats
}

// balloonView is a balloon that can be used; there is none when the domain has
// several, or one of model none.
type balloonView struct {
	minimum, target int64 // KiB
	enabled         bool
}

// nicView is a network interface that statistics are read of.
type nicView struct {
	name, mac, speed string
}

// diskView is a disk that statistics are read of.
type diskView struct {
	name, alias, path string
	imageID           *api.UUID
	lun               *string
}

// source says who wrote a definition. Managers compare the hash of what
// libvirt wrote; what they sent themselves lacks addresses and has none.
type source int

const (
	sentByManager source = iota
	fromLibvirt
)

func viewOf(xml string, dom *domxml.Domain, notes *domxml.Metadata, from source) *view {
	vw := &view{
		xml:      xml,
		vmType:   dom.Type(),
		acpi:     dom.HasACPI(),
		nvram:    dom.HasNVRAM(),
		tpm:      dom.HasEmulatedTPM(),
		networks: dom.DisplayNetworks(),
		balloon:  balloonOf(dom, notes.Values),
		display:  []api.VmDisplayInfo{},
	}
	vw.memoryKiB, _ = dom.MemoryKiB()
	if from == fromLibvirt {
		vw.hash = dom.DeviceHash("")
	}
	for _, d := range dom.DisplayInfo() {
		vw.display = append(vw.display, api.VmDisplayInfo{
			Type: api.VmGraphicsDeviceType(d.Type), Port: d.Port, TLSPort: d.TLSPort, IPAddress: d.IPAddress,
		})
	}
	for _, nic := range dom.Interfaces() {
		if nic.Type != "hostdev" && nic.Target != "" {
			vw.nics = append(vw.nics, nicView{nic.Target, nic.MAC, speedOf(nic.Model)})
		}
	}
	for _, disk := range dom.Disks() {
		vw.disks = append(vw.disks, diskViewOf(disk, notes))
		if tune := ioTuneOf(disk); tune != nil {
			vw.ioTune = append(vw.ioTune, *tune)
		}
	}
	return vw
}

func balloonOf(dom *domxml.Domain, values domxml.Values) *balloonView {
	target, known := values.Int(domxml.ValueBalloonTarget)
	if !known || dom.Balloons() != 1 || dom.BalloonModel() == "none" {
		return nil
	}
	minimum, _ := values.Int(domxml.ValueMinGuaranteedMemoryMb)
	return &balloonView{
		minimum: minimum * 1024, target: target,
		enabled: values.Bool(domxml.ValueBallooningEnabled, true),
	}
}

// speedOf is the speed in Mbit/s that the original puts down to a model.
func speedOf(model string) string {
	switch model {
	case "e1000", "e1000e", "virtio":
		return "1000"
	}
	return "100"
}

func diskViewOf(disk domxml.Disk, notes *domxml.Metadata) diskView {
	vw := diskView{name: disk.Name, alias: disk.Alias, path: disk.Source.Path}
	entry, err := notes.Device(disk.MetadataID())
	if err != nil || entry == nil {
		return vw
	}
	if image, ok := imageOf(entry.Values); ok && image.GUID != "" {
		vw.lun = &image.GUID
	} else if ok {
		id := api.UUID(image.ImageID)
		vw.imageID = &id
	}
	return vw
}

func ioTuneOf(disk domxml.Disk) *api.VmIoTuneStats {
	if len(disk.IOTune) == 0 {
		return nil
	}
	limits := api.StringMap{}
	for name, limit := range maps.All(disk.IOTune) {
		limits[name] = strconv.FormatInt(limit, 10)
	}
	return &api.VmIoTuneStats{Name: disk.Name, Path: disk.Source.Path, IOTune: limits}
}

// look takes over a definition that libvirt wrote.
func (v *VM) look(xml string) error {
	dom, err := domxml.Parse(xml)
	if err != nil {
		return err
	}
	v.hintAgent(dom)
	v.notes.read(func(n *notes) { v.view.Store(viewOf(xml, dom, n.m, fromLibvirt)) })
	return nil
}

// lookAgain reads the definition after something about the devices changed.
func (v *VM) lookAgain(ctx context.Context) {
	xml, err := v.vms.libvirt.XML(ctx, v.id)
	if err == nil {
		err = v.look(xml)
	}
	if err != nil {
		v.log.WarnContext(ctx, "the VM's definition is not read again", "error", err)
	}
}
