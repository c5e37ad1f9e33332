// SPDX-License-Identifier: GPL-2.0-or-later

package api

// HostGetLldp tells what switches have announced on the host's links.
var HostGetLldp = declare[HostGetLldpParams, LldpMap]("Host.getLldp", "4.1")

// HostGetLldpParams are the parameters of Host.getLldp.
type HostGetLldpParams struct {
	Filter StringListMap `json:"filter"` // {"devices": [names]} limits the answer
}

// LldpMap maps the name of an interface to what its neighbour announced.
type LldpMap map[string]Lldp

// Lldp is what was heard on one link.
type Lldp struct {
	Enabled bool  `json:"enabled"` // the link is up and listened to
	Tlvs    []Tlv `json:"tlvs"`
}

// Tlv is one announcement: a type, a length, a value, taken apart.
type Tlv struct {
	Name       string    `json:"name"`
	Properties StringMap `json:"properties"`
	Type       int64     `json:"type"`
	// of the organisation that defined the type, when Type is 127
	Oui     *int64 `json:"oui,omitzero"`
	Subtype *int64 `json:"subtype,omitzero"`
}
