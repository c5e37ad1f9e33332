// SPDX-License-Identifier: GPL-2.0-or-later

package lldp

import (
	"encoding/binary"
	"encoding/hex"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// properties puts a value in words, with the keys of the original and the
// values of lldptool(8). It reports whether the value is what its type
// promises.
func properties(t TLV, value []byte) (map[string]string, bool) {
	switch t.Type {
	case typeChassisID:
		return identified("chassis ID", value, chassisSubtype)
	case typePortID:
		return identified("port ID", value, portSubtype)
	case typeTTL:
		if len(value) < 2 {
			return nil, false
		}
		return one("time to live", number(uint64(binary.BigEndian.Uint16(value)))), true
	case typePortDescription, typeSystemName, typeSystemDescription:
		return one(strings.ToLower(t.Name), printable(value)), true
	case typeCapabilities:
		if len(value) < 4 {
			return nil, false
		}
		return map[string]string{
			"system capabilities":  capabilities(binary.BigEndian.Uint16(value)),
			"enabled capabilities": capabilities(binary.BigEndian.Uint16(value[2:])),
		}, true
	case typeManagementAddress:
		return management(value)
	}
	switch t.Name {
	case "Port VLAN ID":
		if len(value) < 2 {
			return nil, false
		}
		return one("Port VLAN ID", number(uint64(binary.BigEndian.Uint16(value)))), true
	case "VLAN Name":
		return vlanName(value)
	case "Link Aggregation":
		return aggregation(value)
	case "MTU":
		if len(value) < 2 {
			return nil, false
		}
		return one("mtu", number(uint64(binary.BigEndian.Uint16(value)))), true
	}
	return nil, false
}

func one(key, value string) map[string]string { return map[string]string{key: value} }

func number(n uint64) string { return strconv.FormatUint(n, 10) }

// identified reads an identifier of some kind: its subtype and the rest.
func identified(key string, value []byte, subtype func(uint8, []byte) (string, string)) (map[string]string, bool) {
	if len(value) < 2 {
		return nil, false
	}
	kind, text := subtype(value[0], value[1:])
	return map[string]string{key: text, key + " subtype": kind}, true
}

// chassisSubtype reads IEEE 802.1AB table 8-2.
func chassisSubtype(subtype uint8, id []byte) (kind, text string) {
	switch subtype {
	case 1:
		return "Chassis Component", printable(id)
	case 2:
		return "Interface Alias", printable(id)
	case 3:
		return "Port Component", printable(id)
	case 4:
		return mac(id)
	case 5:
		return address(id)
	case 6:
		return "Ifname", printable(id)
	case 7:
		return "Local", printable(id)
	default:
		return "Unknown", hex.EncodeToString(id)
	}
}

// portSubtype reads IEEE 802.1AB table 8-3.
func portSubtype(subtype uint8, id []byte) (kind, text string) {
	switch subtype {
	case 1:
		return "Interface Alias", printable(id)
	case 2:
		return "Port Component", printable(id)
	case 3:
		return mac(id)
	case 4:
		return address(id)
	case 5:
		return "Ifname", printable(id)
	case 6:
		return "Agent Circuit ID", hex.EncodeToString(id)
	case 7:
		return "Local", printable(id)
	default:
		return "Unknown", hex.EncodeToString(id)
	}
}

func mac(id []byte) (kind, text string) { return "MAC", net.HardwareAddr(id).String() }

// Address families of IANA.
const (
	familyIPv4 = 1
	familyIPv6 = 2
	familyMAC  = 6 // "802", which covers Ethernet
)

// address reads a network address: its family and its bytes.
func address(b []byte) (kind, text string) {
	if len(b) > 1 {
		a, ok := netip.AddrFromSlice(b[1:])
		switch {
		case b[0] == familyIPv4 && ok && a.Is4():
			return "IPv4", a.String()
		case b[0] == familyIPv6 && ok && a.Is6():
			return "IPv6", a.String()
		case b[0] == familyMAC:
			return "MAC", net.HardwareAddr(b[1:]).String()
		}
	}
	return "Network Address", hex.EncodeToString(b)
}

// capabilities names the bits of IEEE 802.1AB table 8-4.
func capabilities(bits uint16) string {
	names := []string{
		"Other", "Repeater", "Bridge", "WLAN Access Point", "Router", "Telephone",
		"DOCSIS Cable Device", "Station Only", "C-VLAN", "S-VLAN", "TPMR",
	}
	var set []string
	for i, name := range names {
		if bits&(1<<i) != 0 {
			set = append(set, name)
		}
	}
	return strings.Join(set, ", ")
}

// management reads an address with its length, the numbering of interfaces
// with a number, and an object identifier with its length, 8.5.9.
func management(b []byte) (map[string]string, bool) {
	if len(b) < 1 {
		return nil, false
	}
	size := int(b[0])
	if size < 2 || len(b) < 1+size+6 {
		return nil, false
	}
	kind, text := address(b[1 : 1+size])
	b = b[1+size:]
	numbering := "Unknown"
	switch b[0] {
	case 2:
		numbering = "Ifindex"
	case 3:
		numbering = "System port number"
	}
	p := map[string]string{
		"management address": text, "management address subtype": kind,
		"interface numbering":         number(uint64(binary.BigEndian.Uint32(b[1:]))),
		"interface numbering subtype": numbering,
	}
	if oid := b[6:]; b[5] > 0 && len(oid) >= int(b[5]) {
		p["object identifier"] = hex.EncodeToString(oid[:b[5]])
	}
	return p, true
}

// vlanName reads a tag and a name with its length, IEEE 802.1Q D.2.3.
func vlanName(b []byte) (map[string]string, bool) {
	if len(b) < 3 || len(b) < 3+int(b[2]) {
		return nil, false
	}
	return map[string]string{
		"VLAN ID":   number(uint64(binary.BigEndian.Uint16(b))),
		"VLAN Name": "Name " + printable(b[3:3+int(b[2])]),
	}, true
}

// aggregation reads bits and a port, IEEE 802.1Q D.2.7.
func aggregation(b []byte) (map[string]string, bool) {
	if len(b) < 5 {
		return nil, false
	}
	return map[string]string{
		"Aggregation capable":  truth(b[0]&1 != 0),
		"Currently aggregated": truth(b[0]&2 != 0),
		"Aggregated Port ID":   number(uint64(binary.BigEndian.Uint32(b[1:]))),
	}, true
}

func truth(yes bool) string {
	if yes {
		return "True"
	}
	return "False"
}
