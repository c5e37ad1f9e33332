// SPDX-License-Identifier: GPL-2.0-or-later

package api

var ISCSIConnectionDiscoverSendTargets = declare[ISCSIConnectionDiscoverSendTargetsParams, []string]("ISCSIConnection.discoverSendTargets", "3.1")

type ISCSIConnectionDiscoverSendTargetsParams struct {
	Host        string `json:"host"`
	Port        int64  `json:"port"`
	User        string `json:"user" default:"\"\""`
	Password    string `json:"password" default:"\"\""`
	IPv6Enabled bool   `json:"ipv6_enabled" default:"false"`
}
