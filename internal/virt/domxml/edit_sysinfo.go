// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"context"
	"strings"
)

// sysinfoMarks are the texts that stand for a value of the host, by the name of
// the SMBIOS entry.
var sysinfoMarks = map[string]string{
	"product": "OS-NAME:",
	"version": "OS-VERSION:",
	"serial":  "HOST-SERIAL:",
}

// editSysinfo fills in what the guest is told about its machine. Only x86 has
// SMBIOS.
func editSysinfo(_ context.Context, d *Domain, in *Input) error {
	arch := d.Arch()
	if arch == "" {
		arch = in.Arch
	}
	if arch != "x86_64" && arch != "i686" {
		return nil
	}
	values := map[string]string{"product": in.OSName, "version": in.OSVersion, "serial": in.Serial}
	for entry := range children(child(d.root, "sysinfo", "system"), "entry") {
		name := attrOf(entry, "name")
		mark, known := sysinfoMarks[name]
		if known && strings.HasPrefix(textOf(entry), mark) {
			entry.SetText(values[name])
		}
	}
	return nil
}
