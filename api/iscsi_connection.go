// SPDX-License-Identifier: GPL-2.0-or-later

package api

// ISCSIConnectionDiscoverSendTargets asks an iSCSI portal for its targets.
var ISCSIConnectionDiscoverSendTargets = declare[ISCSIConnectionDiscoverSendTargetsParams, []string]("ISCSIConnection.discoverSendTargets", "3.1")

// ISCSIConnectionDiscoverSendTargetsParams are the parameters of
// ISCSIConnection.discoverSendTargets.
type ISCSIConnectionDiscoverSendTargetsParams struct {
	Host        string `json:"host"` // address of the portal
	Port        int64  `json:"port"`
	User        string `json:"user" default:"\"\""`
	Password    string `json:"password" default:"\"\""`
	IPv6Enabled bool   `json:"ipv6_enabled" default:"false"`
}
