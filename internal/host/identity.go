// SPDX-License-Identifier: GPL-2.0-or-later

package host

import (
	"context"
	"strconv"
	"strings"

	"govdsm/api"
	"govdsm/internal/host/virtcaps"
	"govdsm/internal/hostfs"
)

// ID returns the host's identity, as its capabilities tell it; "" if it has
// none.
func (h *Host) ID(ctx context.Context) string {
	return h.uuid(ask(ctx, h, "hardware", &h.hardware, h.options.Privileged.HardwareInfo))
}

// uuid returns the host's identity: what an administrator wrote down, or what
// the firmware says, or "" when neither tells.
func (h *Host) uuid(hardware api.HardwareInformation) string {
	if id, err := h.fs.Line(h.options.IDFile); err == nil {
		return id
	}
	if hardware.SystemUUID == nil {
		return ""
	}
	if virtcaps.IsX86(h.kernel.Machine) {
		return strings.ToLower(*hardware.SystemUUID)
	}
	return *hardware.SystemUUID
}

// version is the first two numbers of a version. The zero version is not known
// and older than any other.
type version struct{ major, minor int64 }

func (v version) atLeast(major, minor int64) bool {
	return v.major > major || v.major == major && v.minor >= minor
}

// versionOfText reads the leading numbers of a version, of Debian's
// "7.2+dfsg" too.
func versionOfText(text string) version {
	major, rest := leadingNumber(text)
	minor, _ := leadingNumber(strings.TrimPrefix(rest, "."))
	return version{major, minor}
}

func leadingNumber(text string) (n int64, rest string) {
	end := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(text)
	}
	n, err := strconv.ParseInt(text[:end], 10, 64)
	if err != nil {
		return 0, text
	}
	return n, text[end:]
}

// versionOfNumber reads libvirt's form, 7002022 for 7.2.22.
func versionOfNumber(n uint64) version {
	return version{int64(n / 1_000_000), int64(n / 1_000 % 1_000)}
}

// clusterLevels are the compatibility levels this host can serve. The older
// ones need nothing that a supported distribution lacks.
func clusterLevels(packages api.SoftwarePackageInfoMap, running versions) []string {
	libvirt := versionOfText(packages[api.SoftwarePackageLibvirt].Version)
	if libvirt == (version{}) {
		libvirt = running.libvirt
	}
	qemu := versionOfText(packages[api.SoftwarePackageQemuKvm].Version)
	if qemu == (version{}) {
		qemu = running.qemu
	}
	levels := []string{"4.2", "4.3", "4.4", "4.5", "4.6"}
	if libvirt.atLeast(8, 0) {
		levels = append(levels, "4.7")
	}
	if libvirt.atLeast(10, 10) && qemu.atLeast(9, 1) {
		levels = append(levels, "4.8")
	}
	return levels
}

// hostedEngine is what this host knows of a manager that runs as a VM on it.
// Score and state are known to the agent of the hosted engine alone.
type hostedEngine struct {
	deployed   bool // the set-up was finished
	configured bool // the host has an id among the hosts of that manager
}

// readHostedEngine reads the file that the set-up of a hosted engine leaves.
func readHostedEngine(fs hostfs.FS) *hostedEngine {
	text, err := fs.Text("/etc/ovirt-hosted-engine/hosted-engine.conf")
	if err != nil {
		return &hostedEngine{}
	}
	settings := hostfs.Fields(text, "=")
	id, err := strconv.ParseInt(settings["host_id"], 10, 64)
	e := &hostedEngine{configured: err == nil && id > 0}
	done, said := settings["configured"]
	e.deployed = e.configured && (!said || strings.EqualFold(done, "true"))
	return e
}
