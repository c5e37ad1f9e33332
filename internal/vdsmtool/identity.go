// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmtool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// hostID returns what identifies the host to managers: the first line of
// /etc/vdsm/vdsm.id, else the firmware's UUID in lower case, else POWER's
// system number without commas (lib/vdsm/host/__init__.py).
func hostID(root string) (string, error) {
	read := func(path string) (string, error) {
		b, err := os.ReadFile(filepath.Join(root, path))
		line, _, _ := strings.Cut(string(b), "\n")
		return strings.TrimSpace(strings.TrimRight(line, "\x00")), err
	}
	id, err := read("/etc/vdsm/vdsm.id")
	if !errors.Is(err, fs.ErrNotExist) {
		return id, err // an empty file is a decision, too
	}
	id, err = read("/sys/class/dmi/id/product_uuid")
	if err == nil && id != "" {
		return strings.ToLower(id), nil
	}
	number, numberErr := read("/proc/device-tree/system-id")
	if numberErr == nil && number != "" {
		return strings.ReplaceAll(number, ",", ""), nil
	}
	return "", fmt.Errorf("the host has no UUID (%w); write one: uuidgen > /etc/vdsm/vdsm.id", err)
}
