// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everything is metadata with each value, group and identification once, in the
// order in which they are written.
const everything = `<vm>` +
	`<balloonTarget type="int">1048576</balloonTarget>` +
	`<clusterVersion>4.7</clusterVersion>` +
	`<destroy_on_reboot type="bool">False</destroy_on_reboot>` +
	`<jobs>{"a": "&lt;b&gt; &amp;"}</jobs>` +
	`<startTime type="float">1700000000.25</startTime>` +
	`<device devtype="disk" name="vda">` +
	`<domainID>d</domainID><GUIDless>x</GUIDless>` +
	`<address><bus>0</bus></address>` +
	`<auth><username>u</username></auth>` +
	`<change><path>/c</path><custom><k>v</k></custom></change>` +
	`<custom><p type="int">1</p></custom>` +
	`<hosts><hostInfo><name>h1</name></hostInfo><hostInfo><name>h2</name><port>0</port></hostInfo></hosts>` +
	`<payload><volId>config-2</volId><file path="a">QQ==</file><file path="b"/></payload>` +
	`<portMirroring><network>n1</network><network>n2</network></portMirroring>` +
	`<diskReplicate><path>/r</path><volumeChain><volumeChainNode><volumeID>v</volumeID></volumeChainNode></volumeChain></diskReplicate>` +
	`<specParams><pinToIoThread>1</pinToIoThread><vmPayload><file path="c">Qw==</file></vmPayload></specParams>` +
	`<vm_custom><viodiskcache>writeback</viodiskcache></vm_custom>` +
	`<volumeChain><volumeChainNode><leaseOffset type="int">0</leaseOffset><leasePath>/l</leasePath></volumeChainNode></volumeChain>` +
	`</device>` +
	`<device alias="ua-1" mac_address="m"/>` +
	`<device devtype="hostdev" uuid="u"><mdevType>nvidia|separate</mdevType></device>` +
	`<custom><hugepages>1048576</hugepages></custom>` +
	`</vm>`

func TestMetadataIsWrittenInOrder(t *testing.T) {
	t.Parallel()
	// Read in another order, with what is not kept between.
	shuffled := `<vm xmlns:f="urn:f">` +
		`<custom><hugepages>1048576</hugepages></custom>` +
		`<startTime type="float"> 1700000000.250 </startTime>` +
		`<unknown><nested>x</nested></unknown><f:foreign>x</f:foreign>` +
		strings.Replace(everything[strings.Index(everything, `<device devtype="disk"`):strings.Index(everything, `<device alias`)],
			"</volumeChain></device>", "</volumeChain><volumeInfo><path>/x</path></volumeInfo></device>", 1) +
		`<device mac_address="m" alias="ua-1"><custom/></device>` +
		`<device devtype="disk" name="nothing"/>` +
		`<device devtype="hostdev" uuid="u"><mdevType>nvidia|separate</mdevType></device>` +
		`<jobs type="str">{"a": "&lt;b&gt; &amp;"}</jobs>` +
		`<destroy_on_reboot type="bool">no</destroy_on_reboot>` +
		`<clusterVersion>3.0</clusterVersion><clusterVersion>4.7</clusterVersion>` +
		`<balloonTarget type="int"> +1048576 </balloonTarget></vm>`
	// Upper case sorts before lower case.
	want := strings.Replace(everything, "<domainID>d</domainID><GUIDless>x</GUIDless>", "<GUIDless>x</GUIDless><domainID>d</domainID>", 1)
	// Once written, an empty group is gone, and with the next writing the entry
	// that had nothing else.
	second := strings.Replace(want, `<device alias="ua-1" mac_address="m"/>`, "", 1)
	for _, c := range []struct{ name, text, want string }{
		{"shuffled", shuffled, want},
		{"in order", everything, second},
		{"written before", want, second},
	} {
		m, err := ParseMetadata(c.text)
		if err != nil {
			t.Fatal(c.name, err)
		}
		got, err := m.XML()
		if err != nil {
			t.Fatal(c.name, err)
		}
		if got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestMetadataGroups(t *testing.T) {
	t.Parallel()
	m, err := ParseMetadata(everything)
	if err != nil {
		t.Fatal(err)
	}
	disk, err := m.Device(map[string]string{"devtype": "disk", "name": "vda"})
	if err != nil || disk == nil {
		t.Fatalf("disk %v, %v", disk, err)
	}
	want := DeviceData{
		Values:        Values{"domainID": Text("d"), "GUIDless": Text("x")},
		Address:       Values{"bus": Text("0")},
		Auth:          Values{"username": Text("u")},
		Change:        &DeviceData{Values: Values{"path": Text("/c")}, Custom: Values{"k": Text("v")}},
		Custom:        Values{"p": Int(1)},
		Hosts:         []Values{{"name": Text("h1")}, {"name": Text("h2"), "port": Text("0")}},
		Payload:       &Payload{Values: Values{"volId": Text("config-2")}, Files: map[string]string{"a": "QQ==", "b": ""}},
		PortMirroring: []string{"n1", "n2"},
		DiskReplicate: &DeviceData{Values: Values{"path": Text("/r")}, VolumeChain: []Values{{"volumeID": Text("v")}}},
		SpecParams: &SpecParams{
			Values:    Values{"pinToIoThread": Text("1")},
			VMPayload: &Payload{Values: Values{}, Files: map[string]string{"c": "Qw=="}},
		},
		VMCustom:    Values{"viodiskcache": Text("writeback")},
		VolumeChain: []Values{{"leaseOffset": Int(0), "leasePath": Text("/l")}},
	}
	if diff := cmp.Diff(want, disk.DeviceData); diff != "" {
		t.Error(diff)
	}
	if f := disk.Files(); f == nil || len(f.Files) != 2 {
		t.Errorf("payload %v", f)
	}
	disk.Payload = nil
	if f := disk.Files(); f == nil || len(f.Files) != 1 {
		t.Errorf("payload of old managers %v", f)
	}
	if f := (*DeviceData)(nil).Files(); f != nil {
		t.Errorf("payload of nothing %v", f)
	}
}

func TestMetadataRefuses(t *testing.T) {
	t.Parallel()
	for name, inner := range map[string]string{
		"int without text":   `<a type="int"/>`,
		"bool without text":  `<a type="bool"></a>`,
		"float without text": `<device devtype="disk" name="x"><address><a type="float"/></address></device>`,
		"list without text":  `<a type="list"/>`,
		"no int":             `<custom><a type="int">x</a></custom>`,
		"huge int":           `<a type="int">99999999999999999999</a>`,
		"no float":           `<a type="float">1,5</a>`,
		"file without path":  `<device><payload><file>QQ==</file></payload></device>`,
	} {
		if _, err := ParseMetadata("<vm>" + inner + "</vm>"); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
		prefixed := strings.NewReplacer("</", "</ovirt-vm:", "<", "<ovirt-vm:").Replace(inner)
		if _, err := mustParse(t, withDevices("", prefixed)).Metadata(); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s in a domain: %v", name, err)
		}
	}
	for _, text := range []string{"", "<x/>", `<vm xmlns="urn:x"/>`, `<!DOCTYPE vm><vm/>`} {
		if _, err := ParseMetadata(text); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, text, want string }{
		{"bool", "True", "True"}, {"bool", "true", "True"}, {"bool", "1", "True"}, {"bool", "-3", "True"},
		{"bool", "0", "False"}, {"bool", "yes", "False"}, {"bool", "x", "False"},
		{"int", "-5", "-5"}, {"int", "007", "7"},
		{"float", "1", "1.0"}, {"float", "1e400", ""}, {"float", "1e16", "1e+16"}, {"float", "123456789012345680", "1.2345678901234568e+17"},
		{"float", "0.0001", "0.0001"}, {"float", "0.00001", "1e-05"}, {"float", "-0.0", "-0.0"}, {"float", "nan", "nan"}, {"float", "-inf", "-inf"},
		{"float", "1700000000.123456", "1700000000.123456"},
		{"str", "5", "5"}, {"future", " x ", " x "},
	} {
		v, err := parseValue("a", c.kind, true, c.text)
		if (err != nil) != (c.want == "") || v.Text != c.want {
			t.Errorf("%s %q: %v, %v; want %q", c.kind, c.text, v, err, c.want)
		}
	}
	v := Values{"b": Text("TRUE"), "i": Int(math.MinInt64), "f": Float(0.5), "t": Text("x")}
	if !v.Bool("b", false) || v.Bool("t", true) || !v.Bool("none", true) {
		t.Error("Bool")
	}
	if n, ok := v.Int("i"); n != math.MinInt64 || !ok {
		t.Error("Int", n, ok)
	}
	if _, ok := v.Int("none"); ok {
		t.Error("Int of nothing")
	}
	if f, ok := v.Float("f"); f != 0.5 || !ok {
		t.Error("Float", f, ok)
	}
	if v.Text("none") != "" || v.Strings()["f"] != "0.5" {
		t.Error("Text")
	}
}

func TestMetadataOfDevices(t *testing.T) {
	t.Parallel()
	m := NewMetadata()
	id := map[string]string{"devtype": "disk", "name": "vda"}
	if e, err := m.Device(id); e != nil || err != nil {
		t.Errorf("found %v, %v", e, err)
	}
	entry, err := m.EnsureDevice(id)
	if err != nil {
		t.Fatal(err)
	}
	if xml, err := m.XML(); xml != "<vm/>" || err != nil {
		t.Errorf("an entry without data is written: %s, %v", xml, err)
	}
	entry.Values = Values{"GUID": Text("g")}
	again, err := m.EnsureDevice(id)
	if again != entry || err != nil {
		t.Errorf("another entry: %v, %v", again, err)
	}
	if e, err := m.Device(map[string]string{"name": "vda"}); e != entry || err != nil {
		t.Errorf("by part of the attributes: %v, %v", e, err)
	}
	for _, id := range []map[string]string{nil, {"name": "vdb"}, {"name": "vda", "alias": "x"}} {
		if e, err := m.Device(id); e != nil || err != nil {
			t.Errorf("%v finds %v, %v", id, e, err)
		}
	}
	m.Devices = append(m.Devices, &DeviceEntry{ID: id})
	if _, err := m.Device(id); !errors.Is(err, ErrAmbiguousDevice) {
		t.Errorf("two entries: %v", err)
	}
	if _, err := m.EnsureDevice(id); !errors.Is(err, ErrAmbiguousDevice) {
		t.Errorf("two entries: %v", err)
	}
	m.RemoveDevice(entry)
	if e, err := m.Device(id); e == entry || err != nil {
		t.Errorf("after removal: %v, %v", e, err)
	}
}

func TestSetMetadata(t *testing.T) {
	t.Parallel()
	m := NewMetadata()
	m.Values["exitCode"] = Int(1)
	const mine = `<ovirt-vm:vm xmlns:ovirt-vm="http://ovirt.org/vm/1.0"><ovirt-vm:exitCode type="int">1</ovirt-vm:exitCode></ovirt-vm:vm>`
	plain := "<domain>" + identity + "%</domain>"
	for _, c := range []struct{ name, before, after string }{
		{"none", "", "<metadata>" + mine + "</metadata>"},
		{"others", `<metadata><x:y xmlns:x="urn:x"/></metadata>`, `<metadata><x:y xmlns:x="urn:x"/>` + mine + "</metadata>"},
		{"other prefix, twice", `<metadata xmlns:q="http://ovirt.org/vm/1.0"><q:vm/><a/><q:vm><q:a/></q:vm></metadata>`,
			`<metadata xmlns:q="http://ovirt.org/vm/1.0">` + mine + `<a/></metadata>`},
		{"default namespace", `<metadata><vm xmlns="http://ovirt.org/vm/1.0"><custom><a>b</a></custom></vm></metadata>`,
			"<metadata>" + mine + "</metadata>"},
		{"look-alike", `<metadata><vm xmlns="urn:x"/><vm/></metadata>`, `<metadata><vm xmlns="urn:x"/><vm/>` + mine + "</metadata>"},
	} {
		d := mustParse(t, strings.Replace(plain, "%", c.before, 1))
		if err := d.SetMetadata(m); err != nil {
			t.Fatal(err)
		}
		if got, want := d.String(), strings.Replace(plain, "%", c.after, 1); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", c.name, got, want)
		}
		back, err := mustParse(t, d.String()).Metadata()
		if diff := cmp.Diff(m, back); diff != "" || err != nil || !d.HasMetadata() {
			t.Errorf("%s: %s %v", c.name, diff, err)
		}
	}
}

func TestHostileNamesAndTexts(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "a b", "1a", "a:b", "a>", "xml/", "-a", "a\x00"} {
		m := NewMetadata()
		m.Custom[name] = Text("x")
		if xml, err := m.XML(); err == nil {
			t.Errorf("%q is written: %s", name, xml)
		}
		if err := mustParse(t, domain("")).SetMetadata(m); err == nil {
			t.Errorf("%q is put into a domain", name)
		}
	}
	m := NewMetadata()
	m.Values["exitMessage"] = Text("</vm>&\"'<![CDATA[]]> größe\r\n\t\x00\xff")
	xml, err := m.XML()
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseMetadata(xml)
	if err != nil {
		t.Fatal(err)
	}
	// What XML cannot carry is replaced.
	if got, want := back.Values.Text("exitMessage"), "</vm>&\"'<![CDATA[]]> größe\r\n\t\uFFFD\uFFFD"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestQoS(t *testing.T) {
	t.Parallel()
	const text = `<qos><vcpuLimit>50</vcpuLimit><ioTune>` +
		`<device name="vda" path="/p"><maximum><total_bytes_sec>0</total_bytes_sec><write_iops_sec>9</write_iops_sec></maximum><guaranteed/></device>` +
		`<device path="/q"/></ioTune></qos>`
	q, err := ParseQoS(text)
	if err != nil {
		t.Fatal(err)
	}
	if got := q.XML(); got != text {
		t.Errorf("got  %s\nwant %s", got, text)
	}
	d := mustParse(t, domain(`<metadata><t:qos xmlns:t="http://ovirt.org/vm/tune/1.0"><t:vcpuLimit>7</t:vcpuLimit>`+
		`<t:ioTune><t:device name="a"><t:maximum><t:read_iops_sec>x</t:read_iops_sec></t:maximum></t:device></t:ioTune></t:qos></metadata>`))
	want := QoS{VCPULimit: "7", IOTune: []IOLimits{{Name: "a", Maximum: map[string]int64{}}}}
	if diff := cmp.Diff(want, d.QoS()); diff != "" {
		t.Error(diff)
	}
	if got := mustParse(t, domain("")).QoS().XML(); got != "<qos/>" {
		t.Errorf("empty: %s", got)
	}
	if _, err := ParseQoS("<vm/>"); !errors.Is(err, ErrMalformed) {
		t.Errorf("wrong element: %v", err)
	}
}
