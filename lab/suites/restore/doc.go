// SPDX-License-Identifier: GPL-2.0-or-later

// Package restore boots a host again and again and looks at what vdsm-tool
// restore-nets makes of its networks: bonds, VLANs and bridges, with cards that
// come late, have another name or are gone. It needs the lab (docs/lab.md) and
// the programs in bin/ (make build).
package restore
