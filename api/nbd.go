// SPDX-License-Identifier: GPL-2.0-or-later

package api

var NBDStartServer = declare[NBDStartServerParams, string]("NBD.start_server", "4.3")

type NBDStartServerParams struct {
	ServerID UUID            `json:"server_id"`
	Config   NBDServerConfig `json:"config"`
}

var NBDStopServer = declare[NBDStopServerParams, Nothing]("NBD.stop_server", "4.3")

type NBDStopServerParams struct {
	ServerID UUID `json:"server_id"`
}

type NBDServerConfig struct {
	SDID         UUID  `json:"sd_id"`
	ImgID        UUID  `json:"img_id"`
	VolID        UUID  `json:"vol_id"`
	Readonly     bool  `json:"readonly" default:"false"`
	Discard      bool  `json:"discard" default:"false"`
	DetectZeroes bool  `json:"detect_zeroes" default:"false"`
	BackingChain bool  `json:"backing_chain" default:"true"`
	Bitmap       *UUID `json:"bitmap,omitzero" default:"null"`
}
