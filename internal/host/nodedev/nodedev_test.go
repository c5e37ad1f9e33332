// SPDX-License-Identifier: GPL-2.0-or-later

package nodedev

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"govdsm/internal/host/hosttest"
	"govdsm/internal/hostfs"
)

// host has the kernel's side of the devices below. The configuration space of
// an end point has 0 at offset 14, that of a bridge 1; the top bit says that
// the device has several functions.
const host = `-- sys/bus/pci/devices/0000:02:00.0/config --
..............` + "\x80" + `.....
-- sys/bus/pci/devices/0000:02:00.0/sriov_totalvfs --
63
-- sys/bus/pci/devices/0000:00:1c.0/config --
..............` + "\x01" + `.....
-- sys/bus/pci/devices/0000:02:10.1/config --
..............` + "\x00" + `.....
-- sys/devices/pci0000:00/0000:3b:00.0/mdev_supported_types/nvidia-22/description --
num_heads=4, max_instance=8
-- sys/class/scsi_generic/sg0/device/block/sda/size --
1
`

func TestDescribe(t *testing.T) {
	t.Parallel()
	fs := hostfs.At(hosttest.Root(t, host))
	for name, c := range map[string]struct {
		documents []string
		want      string
	}{
		"network card with virtual functions": {[]string{`<device><name>pci_0000_02_00_0</name><path>/sys/x</path><parent>pci_0000_00_01_0</parent>
			<driver><name>igb</name></driver><capability type='pci'><class>0x020000</class><domain>0</domain><bus>2</bus><slot>0</slot><function>0</function>
			<product id='0x10c9'>82576 Gigabit</product><vendor id='0x8086'>Intel</vendor>
			<capability type='virt_functions' maxCount='63'><address domain='0x0000' bus='0x02' slot='0x10' function='0x0'/></capability>
			<iommuGroup number='15'><address domain='0x0000' bus='0x02' slot='0x00' function='0x0'/></iommuGroup><numa node='1'/></capability></device>`},
			`{"pci_0000_02_00_0":{"params":{"capability":"pci","vendor":"Intel","vendor_id":"0x8086","product":"82576 Gigabit","parent":"pci_0000_00_01_0","product_id":"0x10c9","is_assignable":"true","driver":"igb","address":{"domain":"0","bus":"2","slot":"0","function":"0"},"numa_node":"1","iommu_group":"15","totalvfs":63}}}`},
		"virtual function": {[]string{`<device><name>pci_0000_02_10_1</name><parent>p</parent><capability type='pci'><domain>0</domain><bus>2</bus><slot>16</slot><function>1</function>
			<product id='0x1'/><capability type='phys_function'><address domain='0x0000' bus='0x02' slot='0x00' function='0x1'/></capability></capability></device>`},
			`{"pci_0000_02_10_1":{"params":{"capability":"pci","parent":"p","product_id":"0x1","is_assignable":"true","address":{"domain":"0","bus":"2","slot":"16","function":"1"},"physfn":"pci_0000_02_00_1"}}}`},
		"bridge by its header": {[]string{`<device><name>pci_0000_00_1c_0</name><parent>computer</parent><capability type='pci'><domain>0</domain><bus>0</bus><slot>28</slot><function>0</function></capability></device>`},
			`{"pci_0000_00_1c_0":{"params":{"capability":"pci","parent":"computer","is_assignable":"false","address":{"domain":"0","bus":"0","slot":"28","function":"0"}}}}`},
		"bridge by libvirt's word": {[]string{`<device><name>pci_0000_02_00_0</name><capability type='pci'><domain>0</domain><bus>2</bus><slot>0</slot><function>0</function><capability type='pci-bridge'/></capability></device>`},
			`{"pci_0000_02_00_0":{"params":{"capability":"pci","is_assignable":"false","address":{"domain":"0","bus":"2","slot":"0","function":"0"},"totalvfs":63}}}`},
		"graphics card": {[]string{`<device><name>pci_0000_3b_00_0</name><path>/sys/devices/pci0000:00/0000:3b:00.0</path><capability type='pci'><domain>0</domain><bus>59</bus><slot>0</slot><function>0</function>
			<capability type='mdev_types'><type id='nvidia-22'><name>GRID M60-0B</name><availableInstances>8</availableInstances></type><type id='nvidia-23'><availableInstances>0</availableInstances></type><type id='bad'/></capability></capability></device>`},
			`{"pci_0000_3b_00_0":{"params":{"capability":"pci","is_assignable":"false","address":{"domain":"0","bus":"59","slot":"0","function":"0"},"mdev":{"nvidia-22":{"name":"GRID M60-0B","available_instances":"8","description":"num_heads=4, max_instance=8"},"nvidia-23":{"name":"nvidia-23","available_instances":"0"}}}}}`},
		"disk": {[]string{
			`<device><name>scsi_2_0_0_0</name><parent>scsi_target2_0_0</parent><driver><name>sd</name></driver><capability type='scsi'><host>2</host><bus>0</bus><target>0</target><lun>0</lun><type>disk</type></capability></device>`,
			`<device><name>block_sda_x</name><parent>scsi_2_0_0_0</parent><capability type='storage'><block>/dev/sda</block><model>Samsung 840</model><vendor>ATA</vendor></capability></device>`,
			`<device><name>scsi_generic_sg0</name><parent>scsi_2_0_0_0</parent><capability type='scsi_generic'><char>/dev/sg0</char></capability></device>`},
			`{"block_sda_x":{"params":{"capability":"storage","vendor":"ATA","product":"Samsung 840","parent":"scsi_2_0_0_0","is_assignable":"true"}},"scsi_2_0_0_0":{"params":{"capability":"scsi","vendor":"ATA","product":"Samsung 840","parent":"scsi_target2_0_0","is_assignable":"true","driver":"sd","udev_path":"/dev/sg0","block_path":"/dev/sda","address":{"host":"2","bus":"0","target":"0","lun":"0"}}},"scsi_generic_sg0":{"params":{"capability":"scsi_generic","parent":"scsi_2_0_0_0","is_assignable":"true","udev_path":"/dev/sg0"}}}`},
		"USB": {[]string{`<device><name>usb_1_1</name><parent>usb_usb1</parent><capability type='usb_device'><bus>1</bus><device>3</device><product id='0x0104'>Hub</product><vendor id='0x1d6b'/></capability></device>`},
			`{"usb_1_1":{"params":{"capability":"usb_device","vendor_id":"0x1d6b","product":"Hub","parent":"usb_usb1","product_id":"0x0104","is_assignable":"true","address":{"bus":"1","device":"3"}}}}`},
		"card's interface": {[]string{`<device><name>net_eth0</name><parent>p</parent><capability type='net'><interface>eth0</interface></capability></device>`},
			`{"net_eth0":{"params":{"capability":"net","parent":"p","is_assignable":"true","interface":"eth0"}}}`},
		"the machine": {[]string{`<device><name>computer</name><parent>x</parent><capability type='system'><product>P</product></capability></device>`},
			`{"computer":{"params":{"capability":"system","product":"P","is_assignable":"true"}}}`},
	} {
		devices, faults := Describe(fs, c.documents)
		got, err := json.Marshal(devices)
		if err != nil || len(faults) != 0 || string(got) != c.want {
			t.Errorf("%s: %s, %v, %v; want %s", name, got, faults, err, c.want)
		}
	}
}

func TestNonsenseIsLeftOut(t *testing.T) {
	t.Parallel()
	root := hosttest.Root(t, "-- etc/secret/config --\n..............\x00\n")
	devices, faults := Describe(hostfs.At(root), []string{
		"", "<", "<device/>", "<domain><name>x</name></domain>", "<device><name>a</name></device>",
		"<device><name>pci_../../etc/secret</name><capability type='pci'/></device>",
		"<device><name>pci</name><capability type='pci'/></device>",
	})
	if len(faults) != 5 || len(devices) != 2 || devices["pci_../../etc/secret"].Params.IsAssignable != "false" {
		t.Errorf("%v, %+v", faults, devices)
	}
}

func TestNamespaces(t *testing.T) {
	t.Parallel()
	const one = `{"dev":"namespace0.0","mode":"fsdax","map":"dev","size":132118478848,"uuid":"u","blockdev":"pmem0","align":2097152,"numa_node":0}`
	const want = `"namespace0.0":{"params":{"capability":"nvdimm","parent":"computer","is_assignable":"true","device_path":"/dev/pmem0","numa_node":"0","mode":"fsdax","align_size":2097152,"device_size":132118478848}}`
	for answer, want := range map[string]string{
		"":              "null",
		"[]":            "{}",
		one:             "{" + want + "}",
		"[" + one + "]": "{" + want + "}",
		`[{"dev":"n1","mode":"devdax","size":1,"daxregion":{"devices":[{"chardev":"dax1.0"}]}},{"dev":"n2","size":5}]`: `{"n1":{"params":{"capability":"nvdimm","parent":"computer","is_assignable":"true","device_path":"/dev/dax1.0","mode":"devdax","device_size":1}}}`,
	} {
		devices, err := parseNamespaces([]byte(answer))
		got, _ := json.Marshal(devices)
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v; want %s", answer, got, err, want)
		}
	}
	if _, err := parseNamespaces([]byte("usage: ndctl")); err == nil {
		t.Error("rubbish is no error")
	}
}

func TestProgramForNamespaces(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	works := hosttest.Script(t, filepath.Join(folder, "works"), `echo '[{"dev":"n","size":1,"chardev":"'$1$2$3'"}]'`)
	devices, err := NVDIMMs(t.Context(), works)
	if err != nil || *devices["n"].Params.DevicePath != "/dev/list--namespaces-v" {
		t.Errorf("%+v, %v", devices, err)
	}
	if _, err := NVDIMMs(t.Context(), hosttest.Script(t, filepath.Join(folder, "fails"), "exit 1")); err == nil {
		t.Error("a failing program is no error")
	}
	if devices, err := NVDIMMs(t.Context(), "no-such-program"); err != nil || devices != nil {
		t.Errorf("without the program: %v, %v", devices, err)
	}
}
