// SPDX-License-Identifier: GPL-2.0-or-later

// Package lldp knows what switches announce on a host's links by the Link Layer
// Discovery Protocol, IEEE 802.1AB: which switch it is, which of its ports, and
// which VLANs there are.
//
// Where lldpad or lldpd runs, it is asked. Where none does, a Listener hears
// the announcements itself. All tell the same TLVs under the same names, those
// that managers know from lldptool(8).
package lldp

import (
	"govdsm/api"
)

// Heard is what is known of one link.
type Heard struct {
	Enabled bool  `json:"enabled"` // the link is up and listened to
	TLVs    []TLV `json:"tlvs"`    // of its neighbour; none when it has none
}

// TLV is one announcement.
type TLV struct {
	Type    uint8  `json:"type"`
	OUI     uint32 `json:"oui,omitzero"`     // the organisation's, when Type is 127
	Subtype uint8  `json:"subtype,omitzero"` // the organisation's
	Name    string `json:"name"`
	// Properties are the parts of the value in words.
	Properties map[string]string `json:"properties"`
}

// Types of TLVs, IEEE 802.1AB-2016 table 8-1.
const (
	typeEnd = iota
	typeChassisID
	typePortID
	typeTTL
	typePortDescription
	typeSystemName
	typeSystemDescription
	typeCapabilities
	typeManagementAddress

	typeOrganization = 127
)

// Organisations that define TLVs of their own.
const (
	oui8021 = 0x0080C2
	oui8023 = 0x00120F
)

// API returns the TLV as Host.getLldp tells it.
func (t TLV) API() api.Tlv {
	a := api.Tlv{Name: t.Name, Type: int64(t.Type), Properties: api.StringMap(t.Properties)}
	if t.Type == typeOrganization {
		a.Oui, a.Subtype = new(int64(t.OUI)), new(int64(t.Subtype))
	}
	return a
}

// name returns what managers call a type of TLVs, "" for those that they do not
// know. The sources are lldptool.py of the original and lldptool(8).
func name(kind uint8, oui uint32, subtype uint8) string {
	switch kind {
	case typeChassisID:
		return "Chassis ID"
	case typePortID:
		return "Port ID"
	case typeTTL:
		return "Time to Live"
	case typePortDescription:
		return "Port Description"
	case typeSystemName:
		return "System Name"
	case typeSystemDescription:
		return "System Description"
	case typeCapabilities:
		return "System Capabilities"
	case typeManagementAddress:
		return "Management Address"
	case typeOrganization:
		return organizationName(oui, subtype)
	default:
		return ""
	}
}

func organizationName(oui uint32, subtype uint8) string {
	switch {
	case oui == oui8021 && subtype == 1:
		return "Port VLAN ID"
	case oui == oui8021 && subtype == 3:
		return "VLAN Name"
	case oui == oui8021 && subtype == 7:
		return "Link Aggregation"
	case oui == oui8023 && subtype == 4:
		return "MTU"
	default:
		return ""
	}
}
