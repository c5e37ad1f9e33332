// SPDX-License-Identifier: GPL-2.0-or-later

package api

var HostEcho = declare[HostEchoParams, string]("Host.echo", "4.4")

type HostEchoParams struct {
	Message string `json:"message"`
}

var HostPing = declare[NoParams, Nothing]("Host.ping", "3.1")

var HostPing2 = declare[NoParams, Nothing]("Host.ping2", "4.2")
