// SPDX-License-Identifier: GPL-2.0-or-later

// Package osinfo tells which operating system runs on a host and how its
// kernel was built and started. Every function reads one or two small files
// and answers the documented "unknown" where they are not there.
package osinfo

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"govdsm/api"
	"govdsm/internal/hostfs"
)

// Uname is what the kernel says of itself.
type Uname struct {
	Release string // "5.14.0-427.el9.x86_64"
	Version string // "#1 SMP PREEMPT_DYNAMIC ..."
	Machine string // "x86_64"
}

// RunningKernel asks the kernel.
func RunningKernel() (Uname, error) {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return Uname{}, err
	}
	return Uname{
		Release: unix.ByteSliceToString(u.Release[:]),
		Version: unix.ByteSliceToString(u.Version[:]),
		Machine: unix.ByteSliceToString(u.Machine[:]),
	}, nil
}

// Package splits the kernel's release at the first dash, as packages2 wants it.
// The release of a kernel without a dash, built by its user, is "0".
func (u Uname) Package() api.SoftwarePackageInfo {
	version, release, ok := strings.Cut(u.Release, "-")
	if !ok {
		release = "0"
	}
	return api.SoftwarePackageInfo{Version: version, Release: release}
}

// Realtime reports a kernel built with the real time patches.
func (u Uname) Realtime() bool { return strings.Contains(u.Version, "RT") }

// KernelArgs returns the kernel's command line, nil when it cannot be read.
func KernelArgs(fs hostfs.FS) *string {
	line, err := fs.Line("/proc/cmdline")
	if err != nil {
		return nil
	}
	return &line
}

// Nested reports whether guests can be hosts themselves, by the parameters of
// the KVM module.
func Nested(fs hostfs.FS) bool {
	for _, module := range []string{"kvm_intel", "kvm_amd", "kvm"} {
		value, err := fs.Line("/sys/module/" + module + "/parameters/nested")
		if err == nil && (value == "Y" || value == "1") {
			return true
		}
	}
	return false
}

// SELinux returns "1" for enforcing, "0" for permissive and "-1" for none.
func SELinux(fs hostfs.FS) api.SELinuxStatus {
	mode, err := fs.Int("/sys/fs/selinux/enforce")
	if err != nil {
		mode = -1
	}
	return api.SELinuxStatus{Mode: strconv.FormatInt(mode, 10)}
}

// FIPS reports whether the kernel restricts itself to approved cryptography.
// A kernel without the switch does not.
func FIPS(fs hostfs.FS) bool {
	on, err := fs.Int("/proc/sys/crypto/fips_enabled")
	return err == nil && on == 1
}

// NUMABalancing returns 0 for off, 1 for on and 2 for unknown. The kernel's
// further modes, bits above the first, count as on when the first is set.
func NUMABalancing(fs hostfs.FS) int64 {
	mode, err := fs.Int("/proc/sys/kernel/numa_balancing")
	if err != nil {
		return 2
	}
	return mode & 1
}

// Kdump returns 1 when a crash kernel is loaded that tells the fencing
// hosts of its dump, 0 when not, -1 when that cannot be found out.
func Kdump(fs hostfs.FS) int64 {
	loaded, err := fs.Int("/sys/kernel/kexec_crash_loaded")
	if err != nil {
		return -1
	}
	if loaded != 1 {
		return 0
	}
	config, err := fs.Bytes("/etc/kdump.conf")
	if err != nil {
		return -1
	}
	for line := range strings.Lines(string(config)) {
		if strings.HasPrefix(line, "fence_kdump_nodes") {
			return 1
		}
	}
	return 0
}

// Vulnerabilities returns what the kernel says of each known fault of the
// processor: upper case name to text in brackets. What cannot be read is left
// out; a kernel without the folder gives nil.
func Vulnerabilities(fs hostfs.FS) api.StringMap {
	const folder = "/sys/devices/system/cpu/vulnerabilities"
	if !fs.Exists(folder) {
		return nil
	}
	found := make(api.StringMap)
	for _, name := range fs.Names(folder) {
		if text, err := fs.Text(folder + "/" + name); err == nil {
			found[strings.ToUpper(name)] = "(" + text + ")"
		}
	}
	return found
}

// RNGSources returns the sources of randomness a guest's device may use.
// urandom is never listed: managers take every host to have it.
func RNGSources(fs hostfs.FS) []api.VmRngDeviceSource {
	sources := []api.VmRngDeviceSource{}
	for _, s := range []api.VmRngDeviceSource{api.VmRngDeviceSourceRandom, api.VmRngDeviceSourceHwrng} {
		if fs.Exists("/dev/" + string(s)) {
			sources = append(sources, s)
		}
	}
	return sources
}

// HostdevPassthrough reports whether an IOMMU protects the host from devices
// that guests own. POWER has groups and no entry of the IOMMU itself.
func HostdevPassthrough(fs hostfs.FS, power bool) bool {
	groups := len(fs.Names("/sys/kernel/iommu_groups")) > 0
	return groups && (power || len(fs.Names("/sys/class/iommu")) > 0)
}
