// SPDX-License-Identifier: GPL-2.0-or-later

package software

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/host/hosttest"
	"govdsm/internal/hostfs"
)

func TestDebianVersions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]api.SoftwarePackageInfo{
		"9.0.0-4+deb12u2":          {Version: "9.0.0", Release: "4+deb12u2"},
		"1:7.2+dfsg-7+deb12u18+b3": {Version: "7.2+dfsg", Release: "7+deb12u18+b3"},
		"2.03.16-2":                {Version: "2.03.16", Release: "2"},
		"1.0-rc1-3":                {Version: "1.0-rc1", Release: "3"},
		"20230101":                 {Version: "20230101"},
		"":                         {},
		"a:b-1":                    {Version: "a:b", Release: "1"},
	} {
		if got := debianVersion(text); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

const debian = `-- etc/debian_version --
12
-- var/lib/dpkg/status --
Package: libvirt0
Status: install ok installed
Version: 9.0.0-4
`

func installed(t *testing.T, d *Database) *Installed {
	t.Helper()
	in, err := d.Installed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestAnswerIsKeptUntilTheDatabaseChanges(t *testing.T) {
	t.Parallel()
	root := hosttest.Root(t, debian)
	status := filepath.Join(root, dpkgStatus)
	d := New(hostfs.At(root), "")
	first := installed(t, d)
	if first.Programs()[api.SoftwarePackageLibvirt].Version != "9.0.0" {
		t.Errorf("%v", first.Programs())
	}
	if installed(t, d) != first {
		t.Error("read again without need")
	}
	hosttest.Add(t, root, strings.ReplaceAll(debian, "9.0.0", "10.0.1"))
	if err := os.Chtimes(status, time.Time{}, time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if got := installed(t, d).Programs()[api.SoftwarePackageLibvirt].Version; got != "10.0.1" {
		t.Errorf("after an upgrade: %s", got)
	}
}

func TestMalformedStatus(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "\n\n\n", "Package: a", "Package: a\nStatus: install ok half-installed\nVersion: 1\n", ": :\n",
		"Status: install ok installed\nVersion: 1\n", strings.Repeat("\x00\xff", 1000),
	} {
		root := hosttest.Root(t, "-- var/lib/dpkg/status --\n"+text)
		if got := installed(t, New(hostfs.At(root), "")).Programs(); len(got) != 0 {
			t.Errorf("%.40q: %v", text, got)
		}
	}
	root := hosttest.Root(t, "-- var/lib/dpkg/status --\nPackage: "+strings.Repeat("x", 2*longestField))
	if _, err := New(hostfs.At(root), "").Installed(t.Context()); err == nil {
		t.Error("an endless line is no error")
	}
}

func TestRPM(t *testing.T) {
	t.Parallel()
	root := hosttest.Root(t, "-- etc/redhat-release --\nx\n-- var/lib/rpm/rpmdb.sqlite --\nx\n")
	asked := filepath.Join(root, "asked")
	program := hosttest.Script(t, filepath.Join(root, "rpm"), `echo "$1" >>`+asked+`
case $1 in -qf) printf 'rocky-release\t9.4\t1.7.el9\n';;
*) printf 'libvirt-daemon-kvm\t10.0.0\t6.el9\nqemu-kvm\t8.2.0\t1\nqemu-kvm\t8.2.0\t11.el9\npackage mom is not installed\n'; exit 3;; esac`)
	d := New(hostfs.At(root), program)
	in := installed(t, d)
	programs := in.Programs()
	if len(programs) != 2 || programs[api.SoftwarePackageLibvirt].Version != "10.0.0" || programs[api.SoftwarePackageQemuKvm].Release != "11.el9" {
		t.Errorf("%v", programs)
	}
	if v, r, ok := in.Owner("/etc/redhat-release"); v != "9.4" || r != "1.7.el9" || !ok {
		t.Errorf("owner %s-%s, %v", v, r, ok)
	}
	if _, _, ok := in.Owner("/etc/passwd"); ok || in.Has("mom", "libvirt") || !in.Has("mom", "qemu-kvm") {
		t.Error("packages that are not there are, or the other way round")
	}
	installed(t, d)
	log, err := os.ReadFile(asked)
	if err != nil || string(log) != "-q\n-qf\n" {
		t.Errorf("rpm was asked %q, %v", log, err)
	}
}

func TestRPMThatHangsOrIsNotThere(t *testing.T) {
	t.Parallel()
	root := hosttest.Root(t, "-- etc/redhat-release --\nx\n")
	if _, err := New(hostfs.At(root), root+"/missing").Installed(t.Context()); err == nil {
		t.Error("a missing rpm is no error")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	hangs := hosttest.Script(t, filepath.Join(root, "rpm"), "exec sleep 1000")
	if _, err := New(hostfs.At(root), hangs).Installed(ctx); err == nil {
		t.Error("a hanging rpm is no error")
	}
}
