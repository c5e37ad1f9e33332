// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

// editCase is one row of an editor's table. Input and want are what is inside
// the devices unless the row brings whole.
type editCase struct {
	name        string
	input, want string
	in          Input
	err         string // part of the error's text
}

// runEdits applies one editor to each row.
func runEdits(t *testing.T, edit editor, wrap func(string) string, cases []editCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.in.Log = slog.New(slog.DiscardHandler)
			d := mustParse(t, wrap(c.input))
			err := edit(t.Context(), d, &c.in)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("error %v, want one with %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, want := d.String(), mustParse(t, wrap(c.want)).String(); got != want {
				t.Errorf("\ngot  %s\nwant %s", got, want)
			}
		})
	}
}

func inDevices(s string) string { return withDevices(s, "") }

func TestEditReboot(t *testing.T) {
	t.Parallel()
	runEdits(t, editReboot, domain, []editCase{
		{name: "destroy", input: "<on_reboot>destroy</on_reboot><vcpu>1</vcpu>", want: "<vcpu>1</vcpu>"},
		{name: "restart", input: "<on_reboot>restart</on_reboot>", want: ""},
		{name: "several", input: "<on_reboot>destroy</on_reboot> <on_reboot>restart</on_reboot>", want: ""},
		{name: "other events stay", input: "<on_poweroff>destroy</on_poweroff><on_crash>destroy</on_crash>",
			want: "<on_poweroff>destroy</on_poweroff><on_crash>destroy</on_crash>"},
		{name: "not libvirt's", input: `<metadata><on_reboot>x</on_reboot></metadata>`,
			want: `<metadata><on_reboot>x</on_reboot></metadata>`},
	})
	d := mustParse(t, domain("<on_reboot>destroy</on_reboot><devices/>"))
	if !d.DestroyOnReboot() {
		t.Error("the wish is not seen")
	}
	if err := d.Preprocess(t.Context(), Input{}); err != nil || d.DestroyOnReboot() {
		t.Errorf("the wish stays: %v", err)
	}
}

func TestEditSysinfo(t *testing.T) {
	t.Parallel()
	entries := func(product, version, serial string) string {
		return `<sysinfo type="smbios"><system><entry name="manufacturer">oVirt</entry><entry name="product">` + product +
			`</entry><entry name="version">` + version + `</entry><entry name="serial">` + serial +
			`</entry><entry name="product"/></system></sysinfo>`
	}
	host := testHost()
	arm := host
	arm.Arch = "aarch64"
	osType := func(arch string) string { return `<os><type arch="` + arch + `">hvm</type></os>` }
	marks := entries("OS-NAME:", "OS-VERSION:", "HOST-SERIAL:")
	runEdits(t, editSysinfo, domain, []editCase{
		{name: "all", in: host, input: marks, want: entries(host.OSName, host.OSVersion, host.Serial)},
		{name: "mark with a tail", in: host, input: entries("OS-NAME:x", "1", "HOST-SERIAL"), want: entries(host.OSName, "1", "HOST-SERIAL")},
		{name: "real values stay", in: host, input: entries("RHEL", "9", "123"), want: entries("RHEL", "9", "123")},
		{name: "no x86 host", in: arm, input: marks, want: marks},
		{name: "no x86 guest", in: host, input: osType("ppc64le") + marks, want: osType("ppc64le") + marks},
		{name: "x86 guest", in: arm, input: osType("x86_64") + marks, want: osType("x86_64") + entries(host.OSName, host.OSVersion, host.Serial)},
		{name: "markup in a value", in: Input{Arch: "x86_64", OSName: "<a>&"}, input: entries("OS-NAME:", "", ""), want: entries("&lt;a&gt;&amp;", "", "")},
		{name: "without", in: host, input: "<sysinfo/>", want: "<sysinfo/>"},
	})
}

func TestEditDisk(t *testing.T) {
	t.Parallel()
	const label = `<seclabel type="none" relabel="no" model="dac"/>`
	disk := func(attrs, inner string) string {
		return "<disk " + attrs + ">" + inner + `<target dev="vda" bus="virtio"/></disk>`
	}
	drive := func(d Drive) Input {
		d.Name = "vda"
		return Input{Drives: []Drive{d}}
	}
	const driver, qcow2 = `<driver name="qemu" cache="none" type="raw"/>`, `<driver name="qemu" cache="none" type="qcow2"/>`
	cdrom := `<disk device="cdrom" type="file"><target dev="hdc"/></disk>`
	runEdits(t, editDisks, inDevices, []editCase{
		{name: "other path", in: drive(Drive{Type: "file", Path: "/b", Format: "raw"}),
			input: disk(`type="file"`, driver+`<source file="/a" index="1">`+label+`</source>`),
			want:  disk(`type="file"`, driver+`<source file="/b" index="1">`+label+`</source>`)},
		{name: "file to block", in: drive(Drive{Type: "block", Path: "/dev/b", Format: "cow"}),
			input: disk(`type="file" device="disk"`, driver+`<source file="/a" startupPolicy="optional"/>`),
			want:  disk(`type="block" device="disk"`, qcow2+`<source dev="/dev/b" startupPolicy="optional">`+label+`</source>`)},
		{name: "both attributes", in: drive(Drive{Type: "block", Path: "/dev/b"}),
			input: disk(`type="file"`, driver+`<source dev="/x" file="/a"/>`),
			want:  disk(`type="block"`, driver+`<source dev="/dev/b">`+label+`</source>`)},
		{name: "foreign label stays", in: drive(Drive{Path: "/b"}),
			input: disk(`type="file"`, driver+`<source file="/a"><seclabel model="selinux"/></source>`),
			want:  disk(`type="file"`, driver+`<source file="/b"><seclabel model="selinux"/></source>`)},
		{name: "unknown parts stay", in: drive(Drive{Path: "/b"}),
			input: disk(`type="file" future="1"`, driver+`<source file="/a"><slices/></source><iotune><x>1</x></iotune>`),
			want:  disk(`type="file" future="1"`, driver+`<source file="/b"><slices/>`+label+`</source><iotune><x>1</x></iotune>`)},
		{name: "rbd gets no label", in: drive(Drive{Type: "network", Path: "pool/b"}),
			input: disk(`type="network"`, driver+`<source protocol="rbd" name="pool/a"><host name="h"/></source>`),
			want:  disk(`type="network"`, driver+`<source protocol="rbd" name="pool/b"><host name="h"/></source>`)},
		{name: "file to gluster", in: drive(Drive{Type: "network", Path: "v/b", Protocol: "gluster", Hosts: []map[string]string{{"name": "h", "port": "0"}}}),
			input: disk(`type="file"`, driver+`<source file="/a"/>`),
			want:  disk(`type="network"`, driver+`<source name="v/b" protocol="gluster"><host name="h" port="0"/>`+label+`</source>`)},
		{name: "gluster hosts replaced", in: drive(Drive{Path: "v/b", Hosts: []map[string]string{{"name": "new"}}}),
			input: disk(`type="network"`, driver+`<source protocol="gluster" name="v/a"><host name="1"/><host name="2"/>`+label+`</source>`),
			want:  disk(`type="network"`, driver+`<source protocol="gluster" name="v/b"><host name="new"/>`+label+`</source>`)},
		{name: "no driver", in: drive(Drive{Path: "/b"}),
			input: disk(`type="file"`, `<source file="/a">`+label+`</source>`),
			want:  `<disk type="file"><source file="/b">` + label + `</source><target dev="vda" bus="virtio"/><driver name="qemu" type="raw"/></disk>`},
		{name: "ejected without source", in: Input{Drives: []Drive{{Name: "hdc", Type: "file", Format: "raw"}}},
			input: cdrom, want: strings.Replace(cdrom, "</disk>", `<driver name="qemu" type="raw"/></disk>`, 1)},
		{name: "floppy changes its path only", in: drive(Drive{Type: "file", Path: "/b", Format: "cow"}),
			input: disk(`type="file" device="floppy"`, `<source file="PAYLOAD:">`+label+`</source>`),
			want:  disk(`type="file" device="floppy"`, `<source file="/b">`+label+`</source>`)},
		{name: "not prepared", in: Input{Drives: []Drive{{Name: "vdb", Path: "/b"}}},
			input: disk(`type="file"`, `<source file="/a"/>`), want: disk(`type="file"`, `<source file="/a"/>`)},
		{name: "no target", in: Input{Drives: []Drive{{Path: "/b"}}},
			input: `<disk type="file"><source file="/a"/></disk>`, want: `<disk type="file"><source file="/a"/></disk>`},
		{name: "floppy on a block device", in: drive(Drive{Type: "block", Path: "/b"}),
			input: disk(`type="file" device="floppy"`, `<source file="a"/>`), err: "floppy"},
		{name: "CD-ROM on the network", in: drive(Drive{Type: "network", Path: "/b"}),
			input: disk(`type="file" device="cdrom"`, `<source file="a"/>`), err: "CD-ROM"},
		{name: "unknown type", in: drive(Drive{Type: "vhostuser", Path: "/b"}),
			input: disk(`type="file"`, `<source file="a"/>`), err: "disk vda: unsupported disk type"},
	})
}

func TestEditLease(t *testing.T) {
	t.Parallel()
	lease := func(key, space, target string) string {
		return "<lease><key>" + key + "</key><lockspace>" + space + "</lockspace>" + target + "</lease>"
	}
	marks := `<target offset="LEASE-OFFSET:k:s" path="LEASE-PATH:k:s"/>`
	in := Input{Drives: []Drive{
		{Name: "vda"},
		{Name: "vdb", Leaf: &Volume{DomainID: "s", VolumeID: "k", LeasePath: "/dev/s/leases", LeaseOffset: 1048576}},
		{Name: "vdc", Leaf: &Volume{DomainID: "s", VolumeID: "none"}},
	}}
	runEdits(t, editLeases, inDevices, []editCase{
		{name: "marks", in: in, input: lease("k", "s", marks), want: lease("k", "s", `<target offset="1048576" path="/dev/s/leases"/>`)},
		{name: "absent", in: in, input: lease("k", "s", ""), want: lease("k", "s", `<target path="/dev/s/leases" offset="1048576"/>`)},
		{name: "real values stay", in: in, input: lease("k", "s", `<target offset="7" path="/x"/>`), want: lease("k", "s", `<target offset="7" path="/x"/>`)},
		{name: "other key", in: in, input: lease("vm", "s", marks), want: lease("vm", "s", marks)},
		{name: "other lockspace", in: in, input: lease("k", "x", marks), want: lease("k", "x", marks)},
		{name: "storage without leases", in: in, input: lease("none", "s", marks), want: lease("none", "s", marks)},
	})
}

func TestEditHooked(t *testing.T) {
	t.Parallel()
	const nic, other = `<interface type="bridge"><mac address="52:54:00:00:00:01"/></interface>`, `<interface type="bridge"><mac address="52:54:00:00:00:02"/></interface>`
	const mdev = `<hostdev type="mdev"><source><address uuid="u"/></source></hostdev>`
	const lease = "<lease><key>k</key></lease>"
	const custom = "<ovirt-vm:custom><ovirt-vm:vnic>x</ovirt-vm:vnic></ovirt-vm:custom>"
	all := `<ovirt-vm:device mac_address="52:54:00:00:00:01"><ovirt-vm:custom/></ovirt-vm:device>` +
		`<ovirt-vm:device mac_address="52:54:00:00:00:02"><ovirt-vm:network>n</ovirt-vm:network></ovirt-vm:device>` +
		`<ovirt-vm:device devtype="hostdev" uuid="u">` + custom + `</ovirt-vm:device>` +
		`<ovirt-vm:device devtype="lease" name="k">` + custom + `</ovirt-vm:device>` +
		`<ovirt-vm:device devtype="disk" name="vda">` + custom + `</ovirt-vm:device>`
	wrap := func(devices string) string { return withDevices(devices, all) }
	hook := func(change func(xml string, custom map[string]string) (string, error)) Input {
		return Input{CreateHook: func(_ context.Context, xml string, custom map[string]string) (string, error) {
			return change(xml, custom)
		}}
	}
	const disk = `<disk type="file"><target dev="vda"/></disk>`
	runEdits(t, editHooked, wrap, []editCase{
		{name: "move in order", input: nic + other + lease + mdev + disk + "<video/>", want: other + disk + "<video/>" + nic + lease + mdev},
		{name: "indentation", input: "\n  " + nic + "\n  <video/>\n ", want: "\n  <video/>\n  " + nic + "\n "},
		{name: "hook changes", in: hook(func(xml string, custom map[string]string) (string, error) {
			return strings.Replace(xml, `type="mdev"`, `type="mdev" vnic="`+custom["vnic"]+`"`, 1), nil
		}), input: mdev + "<video/>", want: "<video/>" + strings.Replace(mdev, `type="mdev"`, `type="mdev" vnic="x"`, 1)},
		{name: "hook adds a declaration", in: hook(func(xml string, _ map[string]string) (string, error) {
			return "<?xml version='1.0'?>\n" + xml + "\n", nil
		}), input: nic + "<video/>", want: "<video/>" + nic},
		{name: "hook fails", in: hook(func(string, map[string]string) (string, error) { return "", errors.New("no luck") }), input: nic, err: "no luck"},
		{name: "hook prints rubbish", in: hook(func(string, map[string]string) (string, error) { return "rubbish", nil }), input: nic, err: "before_device_create"},
		{name: "hook attacks", in: hook(func(string, map[string]string) (string, error) {
			return `<!DOCTYPE a [<!ENTITY x SYSTEM "/etc/passwd">]><a>&x;</a>`, nil
		}), input: nic, err: "invalid domain XML"},
	})
}

func TestHookedDeviceIsAmbiguous(t *testing.T) {
	t.Parallel()
	two := strings.Repeat(`<ovirt-vm:device mac_address="m"><ovirt-vm:custom/></ovirt-vm:device>`, 2)
	d := mustParse(t, withDevices(`<interface><mac address="m"/></interface>`, two))
	if err := d.Preprocess(t.Context(), Input{}); !errors.Is(err, ErrAmbiguousDevice) {
		t.Errorf("error %v", err)
	}
}

// TestTwinsOfAFailoverPair are told apart by alias.
func TestTwinsOfAFailoverPair(t *testing.T) {
	t.Parallel()
	twin := func(alias, kind string) string {
		return `<interface><teaming type="` + kind + `"/><alias name="` + alias + `"/><mac address="m"/></interface>`
	}
	meta := `<ovirt-vm:device alias="a" mac_address="m"><ovirt-vm:network>one</ovirt-vm:network></ovirt-vm:device>` +
		`<ovirt-vm:device alias="b" mac_address="m"><ovirt-vm:network>two</ovirt-vm:network></ovirt-vm:device>`
	d := mustParse(t, withDevices(twin("a", "transient")+twin("b", "persistent"), meta))
	m, err := d.Metadata()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"one", "two"} {
		entry, err := m.Device(d.Interfaces()[i].MetadataID())
		if err != nil || entry == nil || entry.Values.Text("network") != want {
			t.Errorf("interface %d: %v, %v", i, entry, err)
		}
	}
}

func TestPreprocessWithoutDevices(t *testing.T) {
	t.Parallel()
	if err := mustParse(t, domain("")).Preprocess(t.Context(), Input{}); !errors.Is(err, ErrMalformed) {
		t.Errorf("error %v", err)
	}
}
