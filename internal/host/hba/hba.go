// SPDX-License-Identifier: GPL-2.0-or-later

// Package hba lists the adapters by which a host reaches block storage.
package hba

import (
	"strings"

	"govdsm/api"
	"govdsm/internal/hostfs"
)

// InitiatorFile names this host to iSCSI targets. On some distributions only
// root may read it.
const InitiatorFile = "/etc/iscsi/initiatorname.iscsi"

// Initiator returns the iSCSI initiator name, "" when the file has none.
func Initiator(fs hostfs.FS) (string, error) {
	text, err := fs.Bytes(InitiatorFile)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, "="); ok && strings.TrimSpace(key) == "InitiatorName" {
			return strings.TrimSpace(value), nil
		}
	}
	return "", nil
}

// Inventory lists the adapters; initiator is the iSCSI initiator name or "".
// Both lists are always there, managers walk them without asking.
func Inventory(fs hostfs.FS, initiator string) api.HbaInventory {
	inventory := api.HbaInventory{FC: fibreChannel(fs), ISCSI: []api.IscsiHba{}}
	if initiator != "" {
		inventory.ISCSI = append(inventory.ISCSI, api.IscsiHba{InitiatorName: initiator})
	}
	return inventory
}

// fibreChannel reads /sys/class/fc_host. An adapter that goes away meanwhile
// is left out.
func fibreChannel(fs hostfs.FS) []api.FcHba {
	const class = "/sys/class/fc_host/"
	adapters := []api.FcHba{}
	for _, host := range fs.Names(class) {
		port, err := fs.Text(class + host + "/port_name")
		if err != nil {
			continue
		}
		node, err := fs.Text(class + host + "/node_name")
		if err != nil {
			continue
		}
		adapters = append(adapters, api.FcHba{
			Wwpn:  strings.TrimPrefix(port, "0x"),
			Wwnn:  strings.TrimPrefix(node, "0x"),
			Model: model(fs, class+host+"/device/scsi_host/"+host),
		})
	}
	return adapters
}

// model composes name and description; drivers disagree on the files' names.
func model(fs hostfs.FS, folder string) string {
	names := [][2]string{{"modelname", "modeldesc"}, {"model", "model_description"}, {"model_name", "model_desc"}}
	for _, n := range names {
		name, err := fs.Text(folder + "/" + n[0])
		if err != nil {
			continue
		}
		description, err := fs.Text(folder + "/" + n[1])
		if err != nil {
			description = "Unknown"
		}
		return name + " - " + description
	}
	return "Unknown - Unknown"
}
