// SPDX-License-Identifier: GPL-2.0-or-later

package osinfo

import (
	"strings"

	"govdsm/api"
	"govdsm/internal/hostfs"
)

// Packages answers which packages are installed. Package software has it.
type Packages interface {
	// Owner returns version and release of the package that has a file.
	Owner(path string) (version, release string, ok bool)
	// Has reports whether any of the packages is installed.
	Has(names ...string) bool
}

// nodeRelease are the packages that mark an image-based node of today; such a
// node also has the marker files of the distribution it is made of.
var nodeRelease = []string{"redhat-release-virtualization-host", "ovirt-release-host-node"}

// Name tells the distribution by its marker files, in the order in which
// managers know them: derivatives of RHEL read as RHEL.
func Name(fs hostfs.FS) api.OSName {
	switch {
	case fs.Exists("/etc/rhev-hypervisor-release"):
		return api.OSNameRHEVHypervisor
	case len(fs.Glob("/etc/ovirt-node-*-release")) > 0:
		return api.OSNameOVirtNode
	case fs.Exists("/etc/fedora-release"):
		return api.OSNameFedora
	case fs.Exists("/etc/redhat-release"):
		return api.OSNameRHEL
	case fs.Exists("/etc/debian_version"):
		return api.OSNameDebian
	default:
		return api.OSNameUnknown
	}
}

// UsesRPM reports whether hosts of this name keep their packages with rpm.
func UsesRPM(name api.OSName) bool {
	return name != api.OSNameDebian && name != api.OSNameUnknown
}

// Release tells version and release of the distribution; parts that are not
// known are "".
func Release(fs hostfs.FS, packages Packages) api.OsVersion {
	name := Name(fs)
	about := assignments(fs, "/etc/os-release")
	v := api.OsVersion{Name: name, PrettyName: about["PRETTY_NAME"]}
	switch name {
	case api.OSNameRHEVHypervisor, api.OSNameOVirtNode:
		old := assignments(fs, "/etc/default/version")
		v.Version, v.Release = old["VERSION"], old["RELEASE"]
	case api.OSNameDebian:
		v.Version, _ = fs.Line("/etc/debian_version") // "" when unreadable
	case api.OSNameRHEL, api.OSNameFedora:
		version, release, ok := packages.Owner("/etc/redhat-release")
		if !ok {
			break
		}
		v.Version, v.Release = version, release
		if packages.Has(nodeRelease...) {
			v.Version = about["VERSION_ID"]
		}
	}
	return v
}

// assignments reads a file of shell assignments, such as os-release(5).
func assignments(fs hostfs.FS, path string) map[string]string {
	text, err := fs.Text(path)
	if err != nil {
		return nil
	}
	fields := hostfs.Fields(text, "=")
	for key, value := range fields {
		fields[key] = strings.Trim(value, `"'`)
	}
	return fields
}
