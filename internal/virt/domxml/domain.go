// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"math"
	"strconv"
	"strings"

	"github.com/beevik/etree"
)

// UUID returns the id of the VM as the manager wrote it.
func (d *Domain) UUID() string { return d.uuid }

// Name returns the name of the VM.
func (d *Domain) Name() string { return d.name }

// Type returns the hypervisor: "kvm", or "qemu" for emulation.
func (d *Domain) Type() string { return attrOf(d.root, "type") }

// Arch returns the architecture of the guest, "" when the document leaves it to
// libvirt.
func (d *Domain) Arch() string { return attrOf(child(d.root, "os", "type"), "arch") }

// Machine returns the machine type, "" when the document leaves it to libvirt.
func (d *Domain) Machine() string { return attrOf(child(d.root, "os", "type"), "machine") }

// HasACPI says whether the guest can be asked to shut down by its power button.
func (d *Domain) HasACPI() bool { return child(d.root, "features", "acpi") != nil }

// NVRAM returns the path of the variable store of the firmware, "" without one.
func (d *Domain) NVRAM() string { return strings.TrimSpace(textOf(child(d.root, "os", "nvram"))) }

// HasNVRAM says whether the VM keeps firmware variables, wherever they are.
func (d *Domain) HasNVRAM() bool { return child(d.root, "os", "nvram") != nil }

// HasEmulatedTPM says whether swtpm keeps data for the VM.
func (d *Domain) HasEmulatedTPM() bool {
	for tpm := range children(d.devices(), "tpm") {
		if attrOf(child(tpm, "backend"), "type") == "emulator" {
			return true
		}
	}
	return false
}

// MemoryKiB returns the memory at boot in KiB; false when it is missing or no
// number with a unit libvirt knows.
func (d *Domain) MemoryKiB() (int64, bool) { return sizeKiB(child(d.root, "memory")) }

// CurrentMemoryKiB returns the memory left by the balloon in KiB, as
// MemoryKiB.
func (d *Domain) CurrentMemoryKiB() (int64, bool) { return sizeKiB(child(d.root, "currentMemory")) }

// memoryUnits are those of virScaleInteger (libvirt, src/util/virutil.c), with
// the bytes they stand for.
var memoryUnits = map[string]float64{
	"": 1 << 10, "b": 1, "byte": 1, "bytes": 1,
	"k": 1 << 10, "kib": 1 << 10, "kb": 1e3,
	"m": 1 << 20, "mib": 1 << 20, "mb": 1e6,
	"g": 1 << 30, "gib": 1 << 30, "gb": 1e9,
	"t": 1 << 40, "tib": 1 << 40, "tb": 1e12,
}

func sizeKiB(e *etree.Element) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(textOf(e)), 10, 64)
	if e == nil || err != nil || n < 0 {
		return 0, false
	}
	unit, known := memoryUnits[strings.ToLower(attrOf(e, "unit"))]
	if kib := float64(n) * unit / 1024; known && kib < math.MaxInt64 {
		return int64(kib), true
	}
	return 0, false
}

// VCPUs returns how many virtual CPUs the guest has at boot and at most.
// Either is 0 when it is missing or no number.
func (d *Domain) VCPUs() (current, maximum int) {
	vcpu := child(d.root, "vcpu")
	maximum = count(textOf(vcpu))
	if text, ok := lookup(vcpu, "current"); ok {
		return count(text), maximum
	}
	return maximum, maximum
}

func count(text string) int {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 31)
	if err != nil {
		return 0
	}
	return int(n)
}

// Pinning returns the CPU list that each pinned virtual CPU may run on, as the
// manager wrote it ("2", "0-3,^1").
func (d *Domain) Pinning() map[int]string {
	pins := make(map[int]string)
	for p := range children(child(d.root, "cputune"), "vcpupin") {
		vcpu, err := strconv.ParseUint(attrOf(p, "vcpu"), 10, 31)
		if set := attrOf(p, "cpuset"); err == nil && set != "" {
			pins[int(vcpu)] = set
		}
	}
	return pins
}

// NUMACells returns how many cells of virtual NUMA the guest has.
func (d *Domain) NUMACells() int {
	n := 0
	for range children(child(d.root, "cpu", "numa"), "cell") {
		n++
	}
	return n
}

// HugepagesKiB returns the page size that backs the guest's memory in KiB; 0
// without huge pages. A size left to libvirt counts as the usual 2048.
func (d *Domain) HugepagesKiB() int64 {
	huge := child(d.root, "memoryBacking", "hugepages")
	if huge == nil {
		return 0
	}
	page := child(huge, "page")
	size, err := strconv.ParseInt(attrOf(page, "size"), 10, 64)
	unit, known := memoryUnits[strings.ToLower(attrOf(page, "unit"))]
	if page == nil || err != nil || !known || size <= 0 {
		return 2048
	}
	return int64(float64(size) * unit / 1024)
}

// DestroyOnReboot says whether the manager asked for the VM to end when the
// guest reboots. Preprocess takes the request out of the document, because the
// daemon and not libvirt has to fulfil it.
func (d *Domain) DestroyOnReboot() bool {
	return strings.TrimSpace(textOf(child(d.root, "on_reboot"))) == "destroy"
}

func (d *Domain) devices() *etree.Element { return child(d.root, "devices") }
