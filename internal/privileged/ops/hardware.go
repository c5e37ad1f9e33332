// SPDX-License-Identifier: GPL-2.0-or-later

package ops

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"govdsm/api"
	"govdsm/internal/privileged"
)

// hardwareInfo reads what the firmware says of the machine. What it does not
// say is nil; architectures other than the PC's and POWER say nothing.
func (h *Host) hardwareInfo(context.Context, *privileged.None) (api.HardwareInformation, error) {
	var info api.HardwareInformation
	var failed error
	switch h.arch {
	case "x86_64", "i686":
		info, failed = h.dmi()
	case "ppc64", "ppc64le":
		info, failed = h.deviceTree()
	}
	if failed != nil {
		return api.HardwareInformation{}, api.ErrCannotRetrieveHWInfo.Because(failed.Error()).Caused(failed)
	}
	return info, nil
}

// dmi reads the kernel's copy of the system record, SMBIOS type 1. Serial
// number and UUID are readable by root only. A machine whose firmware has no
// such tables has no folder either.
func (h *Host) dmi() (api.HardwareInformation, error) {
	var info api.HardwareInformation
	var failed error
	read := func(into **string, name string) {
		value, err := h.read("/sys/class/dmi/id/" + name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			failed = errors.Join(failed, err)
		case value != "" && value != "Not Specified":
			*into = &value
		}
	}
	read(&info.SystemManufacturer, "sys_vendor")
	read(&info.SystemProductName, "product_name")
	read(&info.SystemVersion, "product_version")
	read(&info.SystemSerialNumber, "product_serial")
	read(&info.SystemUUID, "product_uuid")
	read(&info.SystemFamily, "product_family")
	return info, failed
}

// deviceTree reads what POWER firmware hands to the kernel. Which property is
// which field is the original's choice (lib/vdsm/ppc64HardwareInfo.py).
func (h *Host) deviceTree() (api.HardwareInformation, error) {
	cpuinfo, err := h.read("/proc/cpuinfo")
	if err != nil {
		return api.HardwareInformation{}, err
	}
	property := func(name string) *string {
		value, err := h.read("/proc/device-tree/" + name)
		if err != nil {
			return nil
		}
		return known(strings.ReplaceAll(value, ",", ""))
	}
	return api.HardwareInformation{
		SystemSerialNumber: known(column(cpuinfo, "model")),
		SystemFamily:       known(column(cpuinfo, "platform")),
		SystemVersion:      known(column(cpuinfo, "machine")),
		SystemUUID:         property("system-id"),
		SystemProductName:  property("model-name"),
		SystemManufacturer: property("vendor"),
	}, nil
}

// column returns the value of the last line "name : value".
func column(text, name string) (value string) {
	for line := range strings.Lines(text) {
		if key, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			value = strings.TrimSpace(v)
		}
	}
	return value
}

func known(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
