// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"fmt"
	"strconv"

	"github.com/beevik/etree"
)

// defaultMachines are the machine types of a placeholder, by architecture
// (lib/vdsm/virt/libvirtxml.py).
var defaultMachines = map[string]string{
	"x86_64":  "pc",
	"ppc64":   "pseries",
	"ppc64le": "pseries",
	"s390x":   "s390-ccw-virtio",
	"aarch64": "virt",
}

// Placeholder returns the smallest domain that libvirt defines under the name
// and id of d, so that metadata can be stored before the real definition is
// known. The memory is the number of MiB although libvirt takes it for KiB, as
// the original has it: the domain never runs.
func (d *Domain) Placeholder(hostArch string) (string, error) {
	arch := d.Arch()
	if arch == "" {
		arch = hostArch
	}
	machine, ok := defaultMachines[arch]
	if !ok {
		return "", fmt.Errorf("no placeholder for architecture %q", arch)
	}
	kib, _ := d.MemoryKiB()

	domain := etree.NewElement("domain")
	domain.CreateAttr("type", "qemu")
	domain.CreateElement("name").SetText(d.name)
	domain.CreateElement("uuid").SetText(d.uuid)
	memory := domain.CreateElement("memory")
	memory.CreateAttr("unit", "KiB")
	memory.SetText(strconv.FormatInt(kib/1024, 10))
	osType := domain.CreateElement("os").CreateElement("type")
	osType.CreateAttr("arch", arch)
	osType.CreateAttr("machine", machine)
	osType.SetText("hvm")
	return textOfElement(domain), nil
}
