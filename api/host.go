// SPDX-License-Identifier: GPL-2.0-or-later

package api

// HostEcho answers the message it was sent, which shows that text survives
// the way there and back.
var HostEcho = declare[HostEchoParams, string]("Host.echo", "4.4")

// HostEchoParams are the parameters of Host.echo.
type HostEchoParams struct {
	Message string `json:"message"`
}

// HostPing answers at once, even while every worker is busy. HostPing2
// replaces it.
var HostPing = declare[NoParams, Nothing]("Host.ping", "3.1")

// HostPing2 answers at once, even while every worker is busy. Managers use it
// to see whether a connection is alive.
var HostPing2 = declare[NoParams, Nothing]("Host.ping2", "4.2")
