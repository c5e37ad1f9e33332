// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ErrInsecureVNC says that a VNC display would let anybody in. VM.create
// answers it at once with the code CannotCreateVM.
var ErrInsecureVNC = errors.New("VNC display without password expiry while SASL is off")

// CheckVNC fails with ErrInsecureVNC when a VNC display asks for no password
// and qemu is not configured to authenticate by SASL instead.
func (d *Domain) CheckVNC(sasl bool) error {
	for _, g := range d.Graphics() {
		if g.Type == "vnc" && g.PasswdValidTo == "" && !sasl {
			return ErrInsecureVNC
		}
	}
	return nil
}

// Check finds what ends the start of a VM before libvirt is asked: the VM goes
// Down with reason 1 and the error's text. All faults are reported, joined.
// Documents that libvirt alone can judge pass.
func (d *Domain) Check() error {
	meta, err := d.Metadata()
	if err != nil {
		return err
	}
	if d.devices() == nil {
		return malformed("no devices")
	}
	var faults []error
	if n := d.maxCPUs(); n > mostCPUs {
		faults = append(faults, fmt.Errorf("%d virtual CPUs, more than %d", n, mostCPUs))
	}
	// The original keeps one balloon target per VM and fails to store it
	// unless there is exactly one balloon.
	if n := d.Balloons(); n != 1 {
		faults = append(faults, fmt.Errorf("%d memballoon devices, exactly one is needed", n))
	}
	for _, g := range d.Graphics() {
		if !g.HasListen {
			faults = append(faults, fmt.Errorf("graphics of type %s has no listen element", g.Type))
		}
	}
	for _, disk := range d.Disks() {
		if err := checkDisk(disk, meta); err != nil {
			faults = append(faults, fmt.Errorf("disk %s: %w", disk.Name, err))
		}
	}
	return errors.Join(faults...)
}

// mostCPUs is the length of a CPU mask of libvirt (VIR_DOMAIN_CPUMASK_LEN in
// src/conf/domain_conf.h). libvirt takes memory for every CPU of a document
// before it compares their number with what the machine can have: a billion of
// them would cost the host all it has.
const mostCPUs = 16384

// maxCPUs returns how many virtual CPUs the document asks for, the most of
// several numbers; 0 without a number.
func (d *Domain) maxCPUs() uint64 {
	most := uint64(0)
	for _, e := range d.root.SelectElements("vcpu") {
		// Beyond 64 bits ParseUint returns the largest number, and an error.
		n, _ := strconv.ParseUint(strings.TrimSpace(e.Text()), 10, 64)
		most = max(most, n)
	}
	return most
}

// sharedValues are what a disk's metadata may say about sharing
// (lib/vdsm/virt/vmdevices/storage.py).
func sharedValues() []string {
	return []string{"", "true", "false", "none", "exclusive", "shared", "transient"}
}

func checkDisk(disk Disk, meta *Metadata) error {
	if err := checkDiskType(disk.DeviceType, disk.Type); err != nil {
		return err
	}
	switch {
	case disk.Type == "network" && len(disk.Source.Hosts) == 0:
		return errors.New("network disk without hosts")
	case disk.Type == "network" && disk.Source.Protocol == "":
		return errors.New("network disk without protocol")
	case disk.DeviceType != "lun" && disk.SGIO != "":
		return errors.New("sgio is for LUNs only")
	case disk.DeviceType == "lun" && disk.Format == "qcow2":
		return errors.New("a LUN cannot have the format qcow2")
	}
	entry, err := meta.Device(disk.MetadataID())
	if err != nil || entry == nil {
		return err
	}
	if shared := entry.Values.Text("shared"); !slices.Contains(sharedValues(), strings.ToLower(shared)) {
		return fmt.Errorf("unknown shared value %.40q", shared)
	}
	return nil
}

func checkDiskType(device, kind string) error {
	switch {
	case sourceAttrs[kind] == "":
		return fmt.Errorf("unsupported disk type %.40q", kind)
	case device == "floppy" && kind != "file":
		return fmt.Errorf("a floppy cannot be of type %s", kind)
	case device == "cdrom" && kind == "network":
		return errors.New("a CD-ROM cannot be of type network")
	}
	return nil
}
