// SPDX-License-Identifier: GPL-2.0-or-later

// Package storage is the suite of storage that hosts share. Two lab hosts are
// booted; the second one exports NFS, also to itself, so that it lives on when
// the first one loses its power. Both run our daemons, sanlock and its watchdog
// as real hosts do, each as its own user. The suite is their manager, who calls
// them over TLS, and root at their consoles.
//
// It needs the lab (docs/lab.md) and the programs in bin/ (make build).
package storage
