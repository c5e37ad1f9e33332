// SPDX-License-Identifier: GPL-2.0-or-later

// Package asroot holds what the host pillar needs root for. supervdsmd offers
// these operations to vdsmd; a vdsmd that is root itself calls them directly.
package asroot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"govdsm/api"
	"govdsm/internal/host/cpu"
	"govdsm/internal/host/hba"
	"govdsm/internal/host/virtcaps"
	"govdsm/internal/hostfs"
)

// Host carries the operations out.
type Host struct {
	fs   hostfs.FS
	arch string
}

// New returns the operations on a host of the architecture that uname calls
// arch.
func New(fs hostfs.FS, arch string) *Host { return &Host{fs: fs, arch: arch} }

// HardwareInfo reads what the firmware says of the machine. What it does not
// say is nil. Architectures other than the PC's and POWER say nothing.
func (h *Host) HardwareInfo(context.Context) (api.HardwareInformation, error) {
	switch {
	case virtcaps.IsX86(h.arch):
		return h.dmi()
	case virtcaps.IsPower(h.arch):
		return h.deviceTree()
	default:
		return api.HardwareInformation{}, nil
	}
}

// dmi reads the kernel's copy of the system record, SMBIOS type 1. A machine
// without firmware tables, such as a small virtual one, has no folder.
func (h *Host) dmi() (api.HardwareInformation, error) {
	var info api.HardwareInformation
	var failed error
	read := func(into **string, name string) {
		value, err := h.fs.Text("/sys/class/dmi/id/" + name)
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

// deviceTree reads what POWER firmware hands to the kernel. The fields are
// those of the original, ppc64HardwareInfo.py.
func (h *Host) deviceTree() (api.HardwareInformation, error) {
	processor, err := cpu.Read(h.fs, h.arch)
	if err != nil {
		return api.HardwareInformation{}, err
	}
	return api.HardwareInformation{
		SystemSerialNumber: known(processor.Board),
		SystemFamily:       known(processor.Platform),
		SystemVersion:      known(processor.Machine),
		SystemUUID:         h.property("system-id"),
		SystemProductName:  h.property("model-name"),
		SystemManufacturer: h.property("vendor"),
	}, nil
}

func (h *Host) property(name string) *string {
	value, err := h.fs.Line("/proc/device-tree/" + name)
	if err != nil {
		return nil
	}
	return known(strings.ReplaceAll(strings.TrimRight(value, "\x00"), ",", ""))
}

func known(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// Facts are settings that only root may read on some distributions. A nil
// member could not be read.
type Facts struct {
	InitiatorName *string `json:"initiatorName,omitzero"` // of iSCSI
	VNCTLS        *bool   `json:"vncTLS,omitzero"`        // QEMU's VNC servers encrypt
	OVN           *bool   `json:"ovn,omitzero"`           // the host is a part of OVN; whoever knows adds it
}

// Facts reads them anew. A file that is not there means its default.
func (h *Host) Facts(context.Context) (Facts, error) {
	var f Facts
	name, err := hba.Initiator(h.fs)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		f.InitiatorName = &name
	}
	text, err := h.fs.Bytes("/etc/libvirt/qemu.conf")
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		f.VNCTLS = new(encrypted(string(text)))
	}
	return f, nil
}

// encrypted looks for vnc_tls in qemu.conf. The last setting counts.
func encrypted(config string) bool {
	on := false
	for line := range strings.Lines(config) {
		if key, value, ok := strings.Cut(line, "="); ok && strings.TrimSpace(key) == "vnc_tls" {
			value, _, _ = strings.Cut(value, "#")
			on = strings.TrimSpace(value) == "1"
		}
	}
	return on
}

// KSMSetting is one file of /sys/kernel/mm/ksm with its new value.
type KSMSetting struct {
	Name  string `json:"name"`
	Value int64  `json:"value"`
}

// ksmLimits hold what may be written and the values that are too large, as
// the original has them. Only these names become paths.
var ksmLimits = map[string]int64{
	"run":                3,
	"merge_across_nodes": 3,
	"sleep_millisecs":    1 << 32,
	"pages_to_scan":      1 << 32,
}

// CheckKSM refuses what TuneKSM would not write.
func CheckKSM(settings []KSMSetting) error {
	for _, s := range settings {
		limit, ok := ksmLimits[s.Name]
		if !ok {
			return fmt.Errorf("KSM has no setting %q", s.Name)
		}
		if s.Value < 0 || s.Value >= limit {
			return fmt.Errorf("KSM setting %s: %d is not below %d", s.Name, s.Value, limit)
		}
	}
	return nil
}

// TuneKSM writes the settings in their order. Nothing is written when one of
// them is not allowed.
func (h *Host) TuneKSM(_ context.Context, settings []KSMSetting) error {
	if err := CheckKSM(settings); err != nil {
		return err
	}
	for _, s := range settings {
		path := h.fs.Path("/sys/kernel/mm/ksm/" + s.Name)
		if err := write(path, strconv.FormatInt(s.Value, 10)); err != nil {
			return err
		}
	}
	return nil
}

// write writes to a file of the kernel, which is there or is not offered.
func write(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}
