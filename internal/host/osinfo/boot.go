// SPDX-License-Identifier: GPL-2.0-or-later

package osinfo

import (
	"path"
	"strings"

	"govdsm/internal/hostfs"
)

// BootUUID returns the UUID of the file system that holds /boot, by which a
// FIPS kernel finds its checksums. It is nil when that file system has none,
// as in a container, or is not on a block device.
func BootUUID(fs hostfs.FS) *string {
	device := mountedAt(fs, "/boot")
	if device == "" {
		return nil
	}
	name, err := fs.Link("/sys/dev/block/" + device)
	if err != nil {
		return nil
	}
	const folder = "/dev/disk/by-uuid"
	for _, uuid := range fs.Names(folder) {
		target, err := fs.Link(folder + "/" + uuid)
		if err == nil && path.Base(target) == path.Base(name) {
			return &uuid
		}
	}
	return nil
}

// mountedAt returns "major:minor" of the file system that holds a folder. See
// proc_pid_mountinfo(5): field 3 is the device, field 5 the mount point. The
// last mount of the longest matching point is the one that is seen.
func mountedAt(fs hostfs.FS, folder string) string {
	text, err := fs.Bytes("/proc/self/mountinfo")
	if err != nil {
		return ""
	}
	best, device := "", ""
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 5 {
			continue
		}
		point := fields[4]
		holds := point == "/" || point == folder || strings.HasPrefix(folder, point+"/")
		if holds && len(point) >= len(best) {
			best, device = point, fields[2]
		}
	}
	return device
}
