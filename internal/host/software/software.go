// SPDX-License-Identifier: GPL-2.0-or-later

// Package software tells which versions of the programs a manager asks about
// are installed. It knows rpm and dpkg. The answer is kept until the package
// database changes.
package software

import (
	"context"
	"sync"
	"time"

	"govdsm/api"
	"govdsm/internal/host/osinfo"
	"govdsm/internal/hostfs"
)

// releaseFile belongs to the package that names a Red Hat like distribution.
const releaseFile = "/etc/redhat-release"

// names are the packages that answer for a program, best one first.
type names struct{ rpm, deb []string }

// programs are those of the original, osinfo.py, with Debian's current names.
var programs = map[api.SoftwarePackage]names{
	api.SoftwarePackageGlusterfsCli:        {[]string{"glusterfs-cli"}, []string{"glusterfs-cli"}},
	api.SoftwarePackageLibrbd1:             {[]string{"librbd1"}, []string{"librbd1"}},
	api.SoftwarePackageLibvirt:             {[]string{"libvirt", "libvirt-daemon-kvm"}, []string{"libvirt0", "libvirt-daemon"}},
	api.SoftwarePackageMom:                 {[]string{"mom"}, []string{"mom"}},
	api.SoftwarePackageOvirtHostedEngineHA: {[]string{"ovirt-hosted-engine-ha"}, nil},
	api.SoftwarePackageOpenvswitch:         {[]string{"openvswitch", "ovirt-openvswitch"}, []string{"openvswitch-switch"}},
	api.SoftwarePackageNmstate:             {[]string{"nmstate"}, []string{"nmstate"}},
	api.SoftwarePackageQemuImg:             {[]string{"qemu-img", "qemu-img-rhev", "qemu-img-ev"}, []string{"qemu-utils"}},
	api.SoftwarePackageQemuKvm:             {[]string{"qemu-kvm", "qemu-kvm-rhev", "qemu-kvm-ev"}, []string{"qemu-system-x86", "qemu-system-ppc", "qemu-system-arm", "qemu-system-misc", "qemu-kvm"}},
	api.SoftwarePackageSpiceServer:         {[]string{"spice-server"}, []string{"libspice-server1"}},
	api.SoftwarePackageVdsm:                {[]string{"vdsm", "govdsm"}, []string{"vdsmd", "govdsm"}},
	api.SoftwarePackageLvm2:                {[]string{"lvm2", "lvm2-libs"}, []string{"lvm2"}},
}

// Installed is what was installed at one moment.
type Installed struct {
	packages map[string]api.SoftwarePackageInfo // by package name
	release  *api.SoftwarePackageInfo           // of the owner of releaseFile
	rpm      bool
}

// Owner implements osinfo.Packages.
func (i *Installed) Owner(path string) (version, release string, ok bool) {
	if path != releaseFile || i.release == nil {
		return "", "", false
	}
	return i.release.Version, i.release.Release, true
}

// Has implements osinfo.Packages.
func (i *Installed) Has(names ...string) bool {
	for _, n := range names {
		if _, ok := i.packages[n]; ok {
			return true
		}
	}
	return false
}

// Programs returns the versions of the programs that are installed.
func (i *Installed) Programs() api.SoftwarePackageInfoMap {
	found := make(api.SoftwarePackageInfoMap)
	for program, n := range programs {
		candidates := n.deb
		if i.rpm {
			candidates = n.rpm
		}
		for _, c := range candidates {
			if p, ok := i.packages[c]; ok {
				found[program] = p
				break
			}
		}
	}
	return found
}

// Database reads the host's package database.
type Database struct {
	fs  hostfs.FS
	rpm string // the program

	mu    sync.Mutex // held while reading: one reader is enough
	stamp stamp
	last  *Installed
}

// New returns the database of a host. rpm is the path of that program, "rpm"
// when empty; it is started only on hosts that keep their packages with it.
func New(fs hostfs.FS, rpm string) *Database {
	if rpm == "" {
		rpm = "rpm"
	}
	return &Database{fs: fs, rpm: rpm}
}

// stamp tells one state of a database from the next.
type stamp struct {
	changed time.Time
	size    int64
}

// Installed returns what is installed. A database that cannot be read is an
// error; one that is not there holds nothing.
func (d *Database) Installed(ctx context.Context) (*Installed, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	read, files := d.readRPM, rpmFiles
	if !osinfo.UsesRPM(osinfo.Name(d.fs)) {
		read, files = d.readDpkg, []string{dpkgStatus}
	}
	now := d.newest(files)
	if d.last != nil && now == d.stamp {
		return d.last, nil
	}
	installed, err := read(ctx)
	if err != nil {
		return nil, err
	}
	d.last, d.stamp = installed, now
	return installed, nil
}

func (d *Database) newest(files []string) stamp {
	var s stamp
	for _, f := range files {
		if info, err := d.fs.Stat(f); err == nil {
			s.size += info.Size()
			if info.ModTime().After(s.changed) {
				s.changed = info.ModTime()
			}
		}
	}
	return s
}
