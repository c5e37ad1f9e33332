// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	const balloon = `<memballoon model="none"/>`
	disk := func(attrs, inner string) string {
		return "<disk " + attrs + "><target dev='vda'/>" + inner + "</disk>"
	}
	const host = `<source protocol="gluster" name="a"><host name="h"/></source>`
	for _, c := range []struct{ name, devices, meta, err string }{
		{name: "good", devices: balloon + disk(`type="network"`, host) + `<graphics><listen type="none"/></graphics>`},
		{name: "no balloon", err: "0 memballoon devices"},
		{name: "two balloons", devices: balloon + balloon, err: "2 memballoon devices"},
		{name: "no listen", devices: balloon + `<graphics type="spice" listen="0"/>`, err: "graphics of type spice has no listen element"},
		{name: "network without hosts", devices: balloon + disk(`type="network"`, `<source protocol="rbd" name="a"/>`), err: "disk vda: network disk without hosts"},
		{name: "network without protocol", devices: balloon + disk(`type="network"`, `<source name="a"><host name="h"/></source>`), err: "disk vda: network disk without protocol"},
		{name: "network without source", devices: balloon + disk(`type="network"`, ""), err: "disk vda: network disk without hosts"},
		{name: "LUN with qcow2", devices: balloon + disk(`type="block" device="lun"`, `<driver type="qcow2"/>`), err: "qcow2"},
		{name: "LUN with sgio", devices: balloon + disk(`type="block" device="lun" sgio="unfiltered"`, `<driver type="raw"/>`)},
		{name: "disk with sgio", devices: balloon + disk(`type="block" device="disk" sgio="filtered"`, ""), err: "sgio"},
		{name: "floppy on a block device", devices: balloon + disk(`type="block" device="floppy"`, ""), err: "floppy"},
		{name: "CD-ROM on the network", devices: balloon + disk(`type="network" device="cdrom"`, host), err: "CD-ROM"},
		{name: "unknown type", devices: balloon + disk(`type="x"`, ""), err: `unsupported disk type "x"`},
		{name: "shared", devices: balloon + disk(`type="file"`, ""), meta: "True"},
		{name: "unknown shared", devices: balloon + disk(`type="file"`, ""), meta: "perhaps", err: `unknown shared value "perhaps"`},
	} {
		meta := ""
		if c.meta != "" {
			meta = `<ovirt-vm:device devtype="disk" name="vda"><ovirt-vm:shared>` + c.meta + `</ovirt-vm:shared></ovirt-vm:device>`
		}
		err := mustParse(t, withDevices(c.devices, meta)).Check()
		if (err != nil) != (c.err != "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.err)
		}
	}
	if err := mustParse(t, domain("")).Check(); !errors.Is(err, ErrMalformed) {
		t.Errorf("no devices: %v", err)
	}
	if err := mustParse(t, withDevices(balloon, `<ovirt-vm:a type="int"/>`)).Check(); !errors.Is(err, ErrMalformed) {
		t.Errorf("bad metadata: %v", err)
	}
	// All faults are told at once.
	err := mustParse(t, withDevices("<graphics/>"+disk(`type="x"`, ""), "")).Check()
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("three faults: %v", err)
	}
}

// libvirt would take memory for all of them.
func TestCheckCPUs(t *testing.T) {
	t.Parallel()
	const balloon = `<memballoon model="none"/>`
	good := withDevices(balloon, "")
	for count, refused := range map[string]bool{
		"1": false, "16384": false, " 16384\n": false, "16385": true, "999999999": true,
		"99999999999999999999999": true, "": false, "many": false, "-1": false,
	} {
		text := strings.Replace(good, "<devices>", "<vcpu current='1'>1</vcpu><vcpu>"+count+"</vcpu><devices>", 1)
		if err := mustParse(t, text).Check(); (err != nil) != refused {
			t.Errorf("%q virtual CPUs: %v", count, err)
		}
	}
}

func TestCheckVNC(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		graphics string
		sasl, ok bool
	}{
		{`<graphics type="vnc" passwdValidTo="1970-01-01T00:00:01"/>`, false, true},
		{`<graphics type="vnc"/>`, false, false},
		{`<graphics type="vnc" passwdValidTo=""/>`, false, false},
		{`<graphics type="vnc" passwd="x"/>`, false, false},
		{`<graphics type="vnc"/>`, true, true},
		{`<graphics type="spice"/>`, false, true},
		{``, false, true},
	} {
		if err := mustParse(t, withDevices(c.graphics, "")).CheckVNC(c.sasl); errors.Is(err, ErrInsecureVNC) == c.ok {
			t.Errorf("%s with SASL %v: %v", c.graphics, c.sasl, err)
		}
	}
}

func TestGraphics(t *testing.T) {
	t.Parallel()
	d := mustParse(t, withDevices(
		`<graphics type="spice" port="5900" tlsPort="5901"><listen type="network" network="vdsm-display" address="192.0.2.1"/></graphics>`+
			`<graphics type="vnc" port="-1"><listen type="network" network="vdsm-display"/></graphics>`+
			`<graphics type="vnc"><listen type="network" network="default"/></graphics>`+
			`<graphics type="vnc"><listen type="address" address="::1" network="vdsm-no"/></graphics>`+
			`<graphics type="egl-headless"/>`, ""))
	if diff := cmp.Diff([]string{"display"}, d.DisplayNetworks()); diff != "" {
		t.Error(diff)
	}
	want := []DisplayInfo{
		{Type: "spice", Port: "5900", TLSPort: "5901", IPAddress: "192.0.2.1"},
		{Type: "vnc", Port: "-1", IPAddress: "0"},
		{Type: "vnc", IPAddress: "0"},
		{Type: "vnc", IPAddress: "::1"},
		{Type: "egl-headless", IPAddress: "0"},
	}
	if diff := cmp.Diff(want, d.DisplayInfo()); diff != "" {
		t.Error(diff)
	}
	if got := mustParse(t, domain("")).DisplayInfo(); got == nil || len(got) != 0 {
		t.Errorf("without displays %v", got)
	}
}
