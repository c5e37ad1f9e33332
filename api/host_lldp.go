// SPDX-License-Identifier: GPL-2.0-or-later

package api

var HostGetLldp = declare[HostGetLldpParams, LldpMap]("Host.getLldp", "4.1")

type HostGetLldpParams struct {
	Filter StringListMap `json:"filter"`
}

type LldpMap map[string]Lldp

type Lldp struct {
	Enabled string `json:"enabled"`
	Tlvs    []Tlv  `json:"tlvs"`
}

type Tlv struct {
	Name       string    `json:"name"`
	Properties StringMap `json:"properties"`
	Type       string    `json:"type"`
	Oui        string    `json:"oui"`
	Subtype    string    `json:"subtype"`
}
