// SPDX-License-Identifier: GPL-2.0-or-later

// Package version says which build this is.
package version

// Version is set by the linker, see the Makefile.
var Version = "devel"
