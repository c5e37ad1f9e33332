// SPDX-License-Identifier: GPL-2.0-or-later

// Package mount knows how storage is named and what is mounted. It reads the
// kernel's table, which no hung server can delay, and mounts nothing: that is
// root's, in package asroot.
package mount

import (
	"fmt"
	"path"
	"strconv"
	"strings"
)

// Normalize returns the one way to write what is mounted: HOST:/PATH,
// HOST:PORT:/PATH with an IPv6 address in brackets, or a path. Slashes of the
// path part are collapsed and trailing ones removed. Source: fileUtils.py,
// normalize_path.
func Normalize(remote string) (string, error) {
	if strings.HasPrefix(remote, "/") || !strings.Contains(remote, ":") {
		return path.Clean(remote), nil
	}
	host, tail, ok := strings.Cut(remote, ":")
	if strings.HasPrefix(remote, "[") {
		host, tail, ok = strings.Cut(remote, "]:")
		host += "]"
	}
	if !ok {
		return "", fmt.Errorf("%q has no end of its address", remote)
	}
	if port, rest, ok := strings.Cut(tail, ":"); ok && isPort(port) {
		return host + ":" + port + ":" + path.Clean(rest), nil
	}
	return host + ":" + path.Clean(tail), nil
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0 && s[0] != '0'
}

// Dir returns the name of the folder that a normalized remote is mounted on:
// each _ is doubled, then each / becomes _.
// Source: fileUtils.py, transformPath.
func Dir(normalized string) string {
	return strings.NewReplacer("_", "__", "/", "_").Replace(normalized)
}
