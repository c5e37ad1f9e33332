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
	Enabled string `json:"enabled"`
	Tlvs    []Tlv  `json:"tlvs"`
}

// Tlv is one announcement: a type, a length, a value, taken apart.
type Tlv struct {
	Name       string    `json:"name"`
	Properties StringMap `json:"properties"`
	Type       string    `json:"type"`
	// of the organisation that defined the type; hexadecimal
	Oui     string `json:"oui"`
	Subtype string `json:"subtype"`
}
