// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"govdsm/api"
	"govdsm/internal/virt"
	"govdsm/internal/virt/domxml"
	"govdsm/internal/virt/payload"
)

// fakeHost is a pillar on a libvirt that starts anything.
func fakeHost(t *testing.T, f *fake, o virt.Options) *host {
	t.Helper()
	o.Libvirt = f
	h, _ := startHost(t, &driver{}, o)
	return h
}

// shelf is a storage whose images lie on a shelf.
type shelf struct{ prepared, tornDown []virt.Image }

func (s *shelf) Prepare(_ context.Context, _ string, i virt.Image) (virt.Prepared, error) {
	s.prepared = append(s.prepared, i)
	if i.GUID != "" {
		return virt.Prepared{Path: "/dev/mapper/" + i.GUID, Type: "block"}, nil
	}
	return virt.Prepared{
		Path: "/shelf/" + i.VolumeID, Type: "file",
		Leaf: &domxml.Volume{DomainID: i.DomainID, VolumeID: i.VolumeID, LeasePath: "/shelf/leases", LeaseOffset: 1 << 20},
	}, nil
}

func (s *shelf) Teardown(_ context.Context, _ string, i virt.Image) error {
	s.tornDown = append(s.tornDown, i)
	return nil
}

// sample reads a definition as a manager sends it.
func sample(t *testing.T, name string) (xml, id string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "samples", name))
	if err != nil {
		t.Fatal(err)
	}
	dom, err := domxml.Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return string(text), dom.UUID()
}

// Every sample gets as far as libvirt, and everything is given back at its end.
func TestSamples(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		status   string
		has, not []string // parts of the definition
		network  string
	}{
		"01-i440fx-bios-minimal.xml": {
			has: []string{">Debian<", ">12-1<", ">the-host<", "pc-i440fx-2.12"}, not: []string{"OS-NAME:", "HOST-SERIAL:"},
			network: "vdsm-ovirtmgmt",
		},
		"02-q35-secureboot-tpm.xml":                      {},
		"03-disks-file-block-lun-network-leases.xml":     {has: []string{"/shelf/", "/dev/mapper/", "/shelf/leases", "1048576"}, not: []string{"LEASE-PATH"}},
		"04-nics-filters-vlan-passthrough-mirroring.xml": {},
		"05-hugepages-numa-dedicated-cpus.xml":           {has: []string{"dedicated"}},
		"06-hostdev-pci-usb-scsi-mdev.xml":               {},
		"07-cdrom-cloudinit-payload.xml":                 {not: []string{"PAYLOAD:"}},
		"08-floppy-sysprep-run-once-paused.xml":          {status: "Paused", not: []string{"PAYLOAD:", "<on_reboot>"}},
		"09-tcg-direct-kernel.xml":                       {},
		"10-hosted-engine-exclusive-lease.xml":           {},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, storage, folder := newFake(), &shelf{}, t.TempDir()
			h := fakeHost(t, f, virt.Options{
				Storage: storage, Payloads: payload.New(payload.Options{Dir: folder}),
				Identity: func(context.Context) virt.Identity {
					return virt.Identity{OSName: "Debian", OSVersion: "12-1", Serial: "the-host"}
				},
			})
			xml, id := sample(t, name)
			h.create(id, strings.ReplaceAll(xml, "@DISKS@", ""))
			status := c.status
			if status == "" {
				status = "Powering up"
			}
			h.await(id, status)
			contains(t, f.defined(id), append(c.has, "<ovirt-vm:startTime")...)
			for _, part := range c.not {
				if strings.Contains(f.defined(id), part) {
					t.Errorf("%q is still in %s", part, f.defined(id))
				}
			}
			if c.network != "" && !f.has(c.network) {
				t.Errorf("there is no network %s", c.network)
			}
			h.must("VM.destroy", vmID(id))
			if c.network != "" && f.has(c.network) {
				t.Errorf("the network %s is still there", c.network)
			}
			if len(storage.prepared) != len(storage.tornDown) {
				t.Errorf("%d images prepared, %d torn down", len(storage.prepared), len(storage.tornDown))
			}
			if left, _ := os.ReadDir(folder); len(left) > 0 {
				t.Errorf("payloads are left: %v", left)
			}
		})
	}
}

// Without a storage pillar disks of storage domains are refused.
func TestNoStorage(t *testing.T) {
	t.Parallel()
	h := fakeHost(t, newFake(), virt.Options{})
	xml, id := sample(t, "02-q35-secureboot-tpm.xml")
	h.create(id, xml)
	st := h.await(id, "Down")
	if st["exitReason"] != 1.0 || !strings.HasPrefix(st["exitMessage"].(string), "Bad volume specification {") {
		t.Errorf("statistics %v", st)
	}
}

// Definitions that cannot become a VM: refused at once, or Down with a reason.
func TestBadDefinitions(t *testing.T) {
	t.Parallel()
	minimal, _ := sample(t, "01-i440fx-bios-minimal.xml")
	replace := func(old, with string) string {
		if !strings.Contains(minimal, old) {
			t.Fatalf("the sample has no %q", old)
		}
		return strings.Replace(minimal, old, with, 1)
	}
	balloon := `<memballoon model="virtio"><stats period="5"/><alias name="ua-00000000-0000-4000-8000-000000000003"/></memballoon>`
	disk := func(xml string) string { return replace("</devices>", xml+"</devices>") }
	cases := map[string]struct {
		xml  string
		code *api.Code // nil: the VM becomes Down
	}{
		"no balloon":             {replace(balloon, ""), nil},
		"two balloons":           {replace(balloon, balloon+balloon), nil},
		"open VNC":               {replace(` passwdValidTo="1970-01-01T00:00:01"`, ""), api.ErrCannotCreateVM},
		"int without text":       {replace(`type="int">1024<`, `type="int"><`), api.ErrUnexpected},
		"network without hosts":  {disk(`<disk type="network" device="disk"><source protocol="rbd" name="x"/><target dev="vda" bus="virtio"/></disk>`), nil},
		"lun with qcow2":         {disk(`<disk type="block" device="lun"><driver type="qcow2"/><source dev="/dev/x"/><target dev="sda" bus="scsi"/></disk>`), nil},
		"sgio on a disk":         {disk(`<disk type="block" device="disk" sgio="filtered"><source dev="/dev/x"/><target dev="sda" bus="scsi"/></disk>`), nil},
		"display without listen": {replace(`<listen type="network" network="vdsm-ovirtmgmt"/>`, ""), nil},
		"payload without files":  {disk(`<disk type="file" device="floppy"><source file="PAYLOAD:"/><target dev="fda" bus="fdc"/></disk>`), nil},
		"no id":                  {replace("<uuid>aaaa0001-1111-4222-8333-444455556666</uuid>", ""), api.ErrCannotCreateVM},
		"id is a path":           {replace("<uuid>aaaa0001", "<uuid>../../01"), api.ErrCannotCreateVM},
		"not XML":                {"no XML", api.ErrCannotCreateVM},
		"empty":                  {"", api.ErrMissingParameter},
		"cut off":                {minimal[:500], api.ErrCannotCreateVM},
		"entities":               {`<!DOCTYPE d [<!ENTITY e "x">]>` + strings.SplitN(minimal, "?>", 2)[1], api.ErrCannotCreateVM},
		"other namespace":        {replace("<domain ", `<domain xmlns="http://example.org" `), api.ErrCannotCreateVM},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake()
			h := fakeHost(t, f, virt.Options{})
			id := "aaaa0001-1111-4222-8333-444455556666"
			params := object{"vmID": id, "vmParams": object{"xml": c.xml}}
			if c.code != nil {
				h.refused("VM.create", params, c.code)
				h.refused("VM.getStats", vmID(id), api.ErrNoSuchVM)
				return
			}
			h.must("VM.create", params)
			st := h.await(id, "Down")
			if st["exitCode"] != 1.0 || st["exitReason"] != 1.0 || st["exitMessage"] == "VM terminated with error" {
				t.Errorf("statistics %v", st)
			}
			if h.must("VM.destroy", vmID(id)); f.defined(id) != "" || f.has("vdsm-ovirtmgmt") {
				t.Error("something is left in libvirt")
			}
		})
	}
}

// Elements in the metadata that nobody knows are no reason to refuse a VM.
func TestUnknownMetadata(t *testing.T) {
	t.Parallel()
	s := newSketch()
	s.metadata = "<ovirt-vm:new><ovirt-vm:thing>1</ovirt-vm:thing></ovirt-vm:new>"
	h, _ := startHost(t, mockDriver(t), virt.Options{})
	h.create(s.id, s.xml())
	h.awaitEvent(s.id, "Powering up")
}
