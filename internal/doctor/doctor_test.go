// SPDX-License-Identifier: GPL-2.0-or-later

package doctor

import (
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"govdsm/internal/config"
	"govdsm/internal/distro"
	"govdsm/internal/kvm"
	"govdsm/internal/pki"
	"govdsm/internal/privileged"
)

var began = time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC)

// host is one below a folder, with units in a state.
func host(t *testing.T, units map[string]Unit) *Host {
	t.Helper()
	root, err := os.MkdirTemp("", "doc") // t.TempDir may be too long for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	return &Host{
		Root: root, Config: config.Default(), Distro: distro.Detect(root),
		PKI:        pki.At(filepath.Join(root, "pki")),
		Supervdsmd: filepath.Join(root, "sv"),
		Libvirt:    []string{filepath.Join(root, "virtqemud"), filepath.Join(root, "libvirtd")},
		VDSM:       "127.0.0.1:1",
		KVM:        filepath.Join(root, "kvm"),
		Disks:      []string{root, filepath.Join(root, "absent")},
		Unit:       func(_ context.Context, name string) Unit { return units[name] },
	}
}

func one(t *testing.T, found []Finding) Finding {
	t.Helper()
	if len(found) != 1 {
		t.Fatalf("found %+v", found)
	}
	return found[0]
}

func TestConfigurationNamesTheLine(t *testing.T) {
	h := host(t, nil)
	if f := one(t, h.configuration(t.Context())); f.State != OK {
		t.Errorf("%+v", f)
	}
	for range 8 {
		h.Problems = append(h.Problems,
			config.Problem{Kind: config.Malformed, File: "/etc/vdsm/vdsm.conf", Line: 7, Text: "bad"},
			config.Problem{Kind: config.NoEffect, Text: "a note"})
	}
	found := h.configuration(t.Context())
	if len(found) != mostProblems || found[0].State != Warning || !strings.Contains(found[0].Text, "vdsm.conf:7") ||
		!strings.Contains(found[mostProblems-1].Text, "and 3 more") {
		t.Errorf("%+v", found)
	}
}

func TestCertificates(t *testing.T) {
	h := host(t, nil)
	if f := one(t, h.certificates(t.Context())); f.State != Failure || !strings.Contains(f.Next, "configure --module certificates") {
		t.Errorf("without files: %+v", f)
	}
	authority, err := pki.EnsureAuthority(filepath.Join(h.Root, "ca"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := authority.Ensure(filepath.Join(h.Root, "pki"), pki.Subject{CommonName: "h"}); err != nil {
		t.Fatal(err)
	}
	if f := one(t, h.certificates(t.Context())); f.State != OK {
		t.Errorf("with good files: %+v", f)
	}
	if err := os.WriteFile(h.PKI.Cert, []byte("rubbish"), 0o644); err != nil {
		t.Fatal(err)
	}
	if f := one(t, h.certificates(t.Context())); f.State != Failure {
		t.Errorf("with rubbish: %+v", f)
	}
	h.Config.Vars.SSL = false
	if f := one(t, h.certificates(t.Context())); f.State != Warning {
		t.Errorf("without TLS: %+v", f)
	}
}

func TestExpiry(t *testing.T) {
	end := pki.Expiry{File: "vdsmcert.pem", Subject: "CN=h", NotAfter: began}
	for before, want := range map[time.Duration]State{
		91 * 24 * time.Hour: "", 89 * 24 * time.Hour: Warning, time.Minute: Warning, 0: Failure, -time.Hour: Failure,
	} {
		f, bad := expiring(end, began.Add(-before))
		if bad != (want != "") || f.State != want {
			t.Errorf("%v before: %+v", before, f)
		}
		if want == Failure && !f.Since.Equal(began) {
			t.Errorf("expired since %v", f.Since)
		}
	}
}

func TestLibvirt(t *testing.T) {
	h := host(t, map[string]Unit{"libvirtd.socket": {Known: true, State: "inactive", Since: began}})
	f := one(t, h.libvirt(t.Context()))
	if f.State != Failure || f.Next != "systemctl start libvirtd.socket" || !f.Since.Equal(began) {
		t.Errorf("stopped: %+v", f)
	}
	h.Unit = func(context.Context, string) Unit { return Unit{} }
	if f := one(t, h.libvirt(t.Context())); !strings.Contains(f.Next, "install") {
		t.Errorf("not installed: %+v", f)
	}
	l, err := net.Listen("unix", h.Libvirt[1])
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if f := one(t, h.libvirt(t.Context())); f.State != OK {
		t.Errorf("running: %+v", f)
	}
}

func TestSupervdsmd(t *testing.T) {
	for state, next := range map[string]string{
		"inactive": "systemctl start supervdsmd",
		"failed":   "journalctl -u supervdsmd -n 50; systemctl restart supervdsmd",
		"active":   "journalctl -u supervdsmd -n 50",
		"":         "systemctl status supervdsmd",
	} {
		h := host(t, map[string]Unit{"supervdsmd": {Known: state != "", State: state, Since: began}})
		if f := one(t, h.supervdsmd(t.Context())); f.State != Failure || f.Next != next {
			t.Errorf("%q: %+v", state, f)
		}
	}
	h := host(t, nil)
	serve := func(uid uint32) func() {
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: h.Supervdsmd})
		if err != nil {
			t.Fatal(err)
		}
		s := privileged.NewServer(privileged.ServerOptions{AllowUIDs: []uint32{uid}, Log: slog.New(slog.DiscardHandler)})
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- s.Serve(ctx, l) }()
		return func() { cancel(); <-done }
	}
	stop := serve(uint32(os.Getuid()))
	if f := one(t, h.supervdsmd(t.Context())); f.State != OK {
		t.Errorf("running: %+v", f)
	}
	stop()
	stop = serve(uint32(os.Getuid()) + 1)
	if f := one(t, h.supervdsmd(t.Context())); f.State != Unknown {
		t.Errorf("of another user: %+v", f)
	}
	stop()
}

// TestVDSMD has ports that are closed, hang up, and say nothing.
func TestVDSMD(t *testing.T) {
	h := host(t, map[string]Unit{"vdsmd": {Known: true, State: "failed", Since: began}})
	h.Config.Vars.SSL = false
	if f := one(t, h.vdsmd(t.Context())); f.State != Failure || !f.Since.Equal(began) {
		t.Errorf("closed: %+v", f)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	h.VDSM = l.Addr().String()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if f := one(t, h.vdsmd(ctx)); f.State != Failure {
		t.Errorf("silent: %+v", f)
	}
	h.Config.Vars.SSL = true // and no certificate to show
	if f := one(t, h.vdsmd(t.Context())); f.State != Unknown {
		t.Errorf("without certificate: %+v", f)
	}
}

func TestDiskSpaceAndDevice(t *testing.T) {
	h := host(t, nil)
	for _, f := range h.diskSpace(t.Context()) {
		if !strings.Contains(f.Text, "free") {
			t.Errorf("%+v", f)
		}
	}
	h.Disks = h.Disks[1:]
	if f := one(t, h.diskSpace(t.Context())); f.State != Unknown {
		t.Errorf("no folder: %+v", f)
	}
	if f := one(t, h.kvm(t.Context())); f.State != Warning || !strings.Contains(f.Next, "modprobe") {
		t.Errorf("no device: %+v", f)
	}
	h.KVM = os.DevNull
	for _, works := range []bool{true, false} {
		h.Boot = func(context.Context) kvm.Result { return kvm.Result{Usable: works, Reason: "because"} }
		if f := one(t, h.kvm(t.Context())); (f.State == OK) != works || (f.State == Warning) == works {
			t.Errorf("works %t: %+v", works, f)
		}
	}
}

func TestInASandboxTheNextCommandStartsIt(t *testing.T) {
	dir := t.TempDir()
	h := InSandbox(dir, "127.0.0.1:1")
	for _, check := range []func(context.Context) []Finding{h.certificates, h.libvirt, h.supervdsmd} {
		if f := one(t, check(t.Context())); f.State != Failure || f.Next != "vdsmd --sandbox "+dir {
			t.Errorf("%+v", f)
		}
	}
}

func TestHungAndSlowChecksHideNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		checks := []Check{
			{"hung", func(context.Context) []Finding { <-release; return nil }},
			{"fine", func(context.Context) []Finding { return ok("yes") }},
			{"slow", func(ctx context.Context) []Finding {
				<-ctx.Done()
				return []Finding{{State: Failure, Text: "too slow"}}
			}},
		}
		found := Examine(t.Context(), checks, time.Minute)
		close(release)
		if len(found) != 3 || found[0].State != Unknown || found[1].State != OK || found[2].Text != "too slow" {
			t.Errorf("%+v", found)
		}
		if !Sick(found) || Sick(found[:2]) {
			t.Error("Sick is wrong")
		}
	})
}

func TestTable(t *testing.T) {
	var b strings.Builder
	err := WriteTable(&b, []Finding{
		{Check: "loopback", State: OK, Text: "lo is up"},
		{Check: "clock", State: Warning, Text: "not\nkept", Next: "timedatectl set-ntp true"},
		{Check: "vdsmd", State: Failure, Text: "is failed", Since: began, Next: "systemctl start vdsmd"},
	}, began.Add(75*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	want := "FAIL  vdsmd     is failed (since " + began.Local().Format("2006-01-02 15:04") + ", 3 days)\n" +
		"                next: systemctl start vdsmd\n" +
		"WARN  clock     not kept\n" +
		"                next: timedatectl set-ntp true\n" +
		"OK    loopback  lo is up\n" +
		"\n1 failed, 1 to look at, 0 unknown, 1 fine.\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

func TestUnitWithoutSystemd(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if u := systemdUnit(t.Context(), "vdsmd"); u.Known {
		t.Errorf("%+v", u)
	}
}

func TestUnitOfSystemd(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\necho LoadState=loaded\necho ActiveState=failed\necho StateChangeTimestamp=@1769853600\n"
	if err := os.WriteFile(filepath.Join(dir, "systemctl"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	u := systemdUnit(t.Context(), "vdsmd")
	if !u.Known || u.State != "failed" || !u.Since.Equal(began) {
		t.Errorf("%+v", u)
	}
}
