// SPDX-License-Identifier: GPL-2.0-or-later

// Package suites holds what is proven on whole hosts: storage that comes and
// goes, networks that lose a cable, power that fails. Its tests share one pair
// of hosts; each leaves them as it found them.
package suites
