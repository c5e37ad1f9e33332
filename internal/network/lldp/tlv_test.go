// SPDX-License-Identifier: GPL-2.0-or-later

package lldp

import (
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// encode makes the payload of a frame with another's encoder.
func encode(t testing.TB, l *layers.LinkLayerDiscovery) []byte {
	t.Helper()
	b := gopacket.NewSerializeBuffer()
	if err := l.SerializeTo(b, gopacket.SerializeOptions{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func value(kind layers.LLDPTLVType, v []byte) layers.LinkLayerDiscoveryValue {
	return layers.LinkLayerDiscoveryValue{Type: kind, Length: uint16(len(v)), Value: v}
}

// aSwitch announces everything that managers know, and one thing more.
func aSwitch() *layers.LinkLayerDiscovery {
	return &layers.LinkLayerDiscovery{
		ChassisID: layers.LLDPChassisID{Subtype: layers.LLDPChassisIDSubTypeMACAddr, ID: []byte{0x01, 0x23, 0x45, 0x67, 0x89, 0xab}},
		PortID:    layers.LLDPPortID{Subtype: layers.LLDPPortIDSubtypeLocal, ID: []byte("588")},
		TTL:       120,
		Values: []layers.LinkLayerDiscoveryValue{
			value(layers.LLDPTLVSysName, []byte("site1-row2-rack3")),
			value(layers.LLDPTLVSysDescription, []byte("manufacturer, Build date: 2016-01-20 05:03:06 UTC")),
			value(layers.LLDPTLVSysCapabilities, []byte{0, 0x14, 0, 0x14}),
			value(layers.LLDPTLVMgmtAddress, []byte{5, 1, 10, 21, 0, 40, 2, 0, 0, 0, 36, 1, '$'}),
			value(layers.LLDPTLVPortDescription, []byte("some important server, port 4")),
			value(layers.LLDPTLVOrgSpecific, []byte{0, 0x12, 0x0f, 1, 3, 0, 1, 0, 0}), // MAC/PHY: not told
			value(layers.LLDPTLVOrgSpecific, []byte{0, 0x80, 0xc2, 7, 3, 0, 0, 2, 0x58}),
			value(layers.LLDPTLVOrgSpecific, []byte{0, 0x12, 0x0f, 4, 0x24, 0}),
			value(layers.LLDPTLVOrgSpecific, []byte{0, 0x80, 0xc2, 1, 7, 0xd0}),
			value(layers.LLDPTLVOrgSpecific, append([]byte{0, 0x80, 0xc2, 3, 7, 0xd0, 3}, "foo"...)),
			value(layers.LLDPTLVOrgSpecific, append([]byte{0, 0x80, 0xc2, 3, 7, 0xd1, 3}, "bar"...)),
		},
	}
}

// told is how managers are told of aSwitch.
func told() []TLV {
	return []TLV{
		{Type: 1, Name: "Chassis ID", Properties: map[string]string{"chassis ID": "01:23:45:67:89:ab", "chassis ID subtype": "MAC"}},
		{Type: 2, Name: "Port ID", Properties: map[string]string{"port ID": "588", "port ID subtype": "Local"}},
		{Type: 3, Name: "Time to Live", Properties: map[string]string{"time to live": "120"}},
		{Type: 5, Name: "System Name", Properties: map[string]string{"system name": "site1-row2-rack3"}},
		{Type: 6, Name: "System Description", Properties: map[string]string{
			"system description": "manufacturer, Build date: 2016-01-20 05:03:06 UTC",
		}},
		{Type: 7, Name: "System Capabilities", Properties: map[string]string{
			"system capabilities": "Bridge, Router", "enabled capabilities": "Bridge, Router",
		}},
		{Type: 8, Name: "Management Address", Properties: map[string]string{
			"management address": "10.21.0.40", "management address subtype": "IPv4",
			"interface numbering": "36", "interface numbering subtype": "Ifindex", "object identifier": "$",
		}},
		{Type: 4, Name: "Port Description", Properties: map[string]string{"port description": "some important server, port 4"}},
		{Type: 127, OUI: 32962, Subtype: 7, Name: "Link Aggregation", Properties: map[string]string{
			"Aggregation capable": "True", "Currently aggregated": "True", "Aggregated Port ID": "600",
		}},
		{Type: 127, OUI: 4623, Subtype: 4, Name: "MTU", Properties: map[string]string{"mtu": "9216"}},
		{Type: 127, OUI: 32962, Subtype: 1, Name: "Port VLAN ID", Properties: map[string]string{"Port VLAN ID": "2000"}},
		{Type: 127, OUI: 32962, Subtype: 3, Name: "VLAN Name", Properties: map[string]string{"VLAN ID": "2000", "VLAN Name": "Name foo"}},
		{Type: 127, OUI: 32962, Subtype: 3, Name: "VLAN Name", Properties: map[string]string{"VLAN ID": "2001", "VLAN Name": "Name bar"}},
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	a, err := Decode(encode(t, aSwitch()))
	if err != nil {
		t.Fatal(err)
	}
	if a.TTL != 2*time.Minute || a.Port != "\x07588" {
		t.Errorf("%+v", a)
	}
	if diff := cmp.Diff(told(), a.TLVs); diff != "" {
		t.Error(diff)
	}
}

// lldptool's output for the same switch.
const lldptoolSays = `Chassis ID TLV
	MAC: 01:23:45:67:89:ab
Port ID TLV
	Local: 588
Time to Live TLV
	120
System Name TLV
	site1-row2-rack3
System Description TLV
	manufacturer, Build date: 2016-01-20 05:03:06 UTC
System Capabilities TLV
	System capabilities:  Bridge, Router
	Enabled capabilities: Bridge, Router
Management Address TLV
	IPv4: 10.21.0.40
	Ifindex: 36
	OID: $
Port Description TLV
	some important server, port 4
MAC/PHY Configuration Status TLV
	Auto-negotiation supported and enabled
	PMD auto-negotiation capabilities: 0x0001
Link Aggregation TLV
	Aggregation capable
	Currently aggregated
	Aggregated Port ID: 600
Maximum Frame Size TLV
	9216
Port VLAN ID TLV
	PVID: 2000
VLAN Name TLV
	VID 2000: Name foo
VLAN Name TLV
	VID 2001: Name bar
Unidentified Org Specific TLV
	OUI: 0x009069, Subtype: 1, Info: 504533373135323130333833
End of LLDPDU TLV
`

func TestLldptoolSaysTheSame(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(told(), parseLldptool(lldptoolSays)); diff != "" {
		t.Error(diff)
	}
	for _, odd := range []string{"", "\n\n", "\tlost", "Chassis ID TLV", "Link Aggregation TLV\n\tx", "VLAN Name TLV\n\t\n"} {
		parseLldptool(odd) // whatever it makes of it, it returns
	}
}

func TestLldpctl(t *testing.T) {
	t.Parallel()
	out, err := os.ReadFile("testdata/lldpctl-json0.json") // of lldpd 1.0.18
	if err != nil {
		t.Fatal(err)
	}
	got, err := parseLldpctl(out, "va")
	if err != nil || len(got) != 11 {
		t.Fatalf("%d, %v: %+v", len(got), err, got)
	}
	byName := make(map[string]map[string]string)
	for _, tlv := range got {
		byName[tlv.Name] = tlv.Properties
	}
	for name, want := range map[string]map[string]string{
		"Chassis ID":          {"chassis ID": "02:23:45:67:89:ab", "chassis ID subtype": "MAC"},
		"System Capabilities": {"system capabilities": "Bridge, Router", "enabled capabilities": "Bridge, Router"},
		"Port VLAN ID":        {"Port VLAN ID": "2000"},
		"VLAN Name":           {"VLAN ID": "2000", "VLAN Name": "Name foo"},
		"MTU":                 {"mtu": "9216"},
	} {
		if diff := cmp.Diff(want, byName[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if none, err := parseLldpctl([]byte(`{"lldp":[{}]}`), "va"); err != nil || none != nil {
		t.Errorf("no neighbour: %v, %v", none, err)
	}
	if _, err := parseLldpctl([]byte(`{"lldp":`), "va"); err == nil {
		t.Error("half an answer is an answer")
	}
}

// tlv encodes one TLV by hand, so that it may be wrong.
func tlv(kind, size int, v string) string {
	return string(binary.BigEndian.AppendUint16(nil, uint16(kind<<9|size))) + v
}

func mandatory() string {
	return tlv(1, 7, "\x04\x02\x00\x00\x00\x00\x01") + tlv(2, 4, "\x05eth") + tlv(3, 2, "\x00\x78")
}

func TestHostileFrames(t *testing.T) {
	t.Parallel()
	for what, frame := range map[string]string{
		"nothing":               "",
		"half a header":         "\x02",
		"a value cut short":     tlv(1, 7, "\x04\x02"),
		"the end at once":       tlv(0, 0, ""),
		"no port":               tlv(1, 7, "\x04\x02\x00\x00\x00\x00\x01") + tlv(3, 2, "\x00\x78"),
		"a time of one byte":    tlv(1, 2, "\x07x") + tlv(2, 2, "\x07x") + tlv(3, 1, "\x01"),
		"an empty chassis":      tlv(1, 0, "") + tlv(2, 2, "\x07x") + tlv(3, 2, "\x00\x78"),
		"two chassis":           mandatory() + tlv(1, 2, "\x07x"),
		"a tail cut short":      mandatory() + tlv(5, 511, "short"),
		"one byte after a tail": mandatory() + "\x0a",
	} {
		if a, err := Decode([]byte(frame)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %+v, %v", what, a, err)
		}
	}
	for what, tail := range map[string]string{
		"an organisation without subtype": tlv(127, 3, "\x00\x80\xc2"),
		"a VLAN name longer than it is":   tlv(127, 7, "\x00\x80\xc2\x03\x07\xd0\xff"),
		"an address longer than it is":    tlv(8, 3, "\xff\x01\x02"),
		"half capabilities":               tlv(7, 2, "\x00\x14"),
		"half an aggregation":             tlv(127, 5, "\x00\x80\xc2\x07\x03"),
		"an unknown type":                 tlv(99, 3, "abc"),
		"padding after the end":           tlv(0, 0, "") + strings.Repeat("\x00", 40),
	} {
		a, err := Decode([]byte(mandatory() + tail))
		if err != nil || len(a.TLVs) != 3 {
			t.Errorf("%s: %+v, %v", what, a, err)
		}
	}
	a, err := Decode([]byte(mandatory() + tlv(5, 9, "a\x1b[2J\xff\xfe\x00z")))
	if err != nil || a.TLVs[3].Properties["system name"] != "a?[2J??" {
		t.Errorf("what a terminal would obey: %+v, %v", a, err)
	}
}

func FuzzTLV(f *testing.F) {
	f.Add(encode(f, aSwitch()))
	f.Add([]byte(mandatory()))
	f.Add([]byte(mandatory() + tlv(8, 3, "\xff\x01\x02")))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := Decode(b)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Fatal(err)
			}
			return
		}
		if len(a.TLVs) < 3 || a.Chassis == "" || a.Port == "" {
			t.Fatalf("%+v", a)
		}
		for _, tlv := range a.TLVs {
			if tlv.Name == "" || len(tlv.Properties) == 0 {
				t.Fatalf("%+v", tlv)
			}
			for key, value := range tlv.Properties {
				if strings.ContainsAny(value, "\x00\x1b\x7f") {
					t.Fatalf("%s: %q", key, value)
				}
			}
		}
	})
}
