// SPDX-License-Identifier: GPL-2.0-or-later

package api

// NBDStartServer serves a volume over NBD on a local socket and returns its
// URL.
var NBDStartServer = declare[NBDStartServerParams, string]("NBD.start_server", "4.3")

// NBDStartServerParams are the parameters of NBD.start_server.
type NBDStartServerParams struct {
	ServerID UUID            `json:"server_id"`
	Config   NBDServerConfig `json:"config"`
}

// NBDStopServer ends an NBD server.
var NBDStopServer = declare[NBDStopServerParams, Nothing]("NBD.stop_server", "4.3")

// NBDStopServerParams are the parameters of NBD.stop_server.
type NBDStopServerParams struct {
	ServerID UUID `json:"server_id"`
}

// NBDServerConfig is the volume to serve and how.
type NBDServerConfig struct {
	SDID         UUID `json:"sd_id"`
	ImgID        UUID `json:"img_id"`
	VolID        UUID `json:"vol_id"`
	Readonly     bool `json:"readonly" default:"false"`
	Discard      bool `json:"discard" default:"false"`       // let discards through to the storage
	DetectZeroes bool `json:"detect_zeroes" default:"false"` // write zeros as holes
	// with what the volume is based on, not the volume alone
	BackingChain bool  `json:"backing_chain" default:"true"`
	Bitmap       *UUID `json:"bitmap,omitzero" default:"null"` // offer this dirty bitmap
}
