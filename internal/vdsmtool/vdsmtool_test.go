// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmtool

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"govdsm/internal/pki"
)

// run carries out a command line on the host below root.
func run(t *testing.T, root string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = Run(t.Context(), append([]string{"--root", root}, args...), &out, &err)
	return code, out.String(), err.String()
}

func write(t *testing.T, root, path, text string) {
	t.Helper()
	path = filepath.Join(root, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestExitCodes(t *testing.T) {
	for _, test := range []struct {
		args   string
		code   int
		stdout string
		stderr string
	}{
		{"--help", 0, "show-default-config", ""},
		{"", 1, "", "Available Commands"},
		{"no-such-command", 1, "", "unknown command"},
		{"vdsm-id extra", 1, "", "unknown command"},
		{"show-default-config --no-such-flag", 1, "", "unknown flag"},
		{"show-default-config", 0, "\n# management_port = 54321\n", ""},
		{"configure --module magic", 1, "", "available: certificates"},
		{"service-start", 1, "", "accepts 1 arg"},
		{"dummybr-create", 1, "", "unknown command"}, // belongs to a part that is not there
	} {
		code, stdout, stderr := run(t, t.TempDir(), strings.Fields(test.args)...)
		if code != test.code || !strings.Contains(stdout, test.stdout) || !strings.Contains(stderr, test.stderr) {
			t.Errorf("%q: exit %d\n%s\n%s", test.args, code, stdout, stderr)
		}
	}
}

func TestHostID(t *testing.T) {
	root := t.TempDir()
	if code, _, stderr := run(t, root, "vdsm-id"); code != 1 || !strings.Contains(stderr, "uuidgen") {
		t.Errorf("nothing known: exit %d, %s", code, stderr)
	}
	for _, step := range []struct{ path, text, want string }{
		{"/proc/device-tree/system-id", "IBM,03061C14A\x00", "IBM03061C14A\n"},
		{"/sys/class/dmi/id/product_uuid", "4C4C4544-0042\n", "4c4c4544-0042\n"},
		{"/etc/vdsm/vdsm.id", "As-Written\nsecond line\n", "As-Written\n"},
	} {
		write(t, root, step.path, step.text)
		if code, stdout, stderr := run(t, root, "vdsm-id"); code != 0 || stdout != step.want {
			t.Errorf("with %s: exit %d, %q, %s", step.path, code, stdout, stderr)
		}
	}
}

func TestCertificates(t *testing.T) {
	root := t.TempDir()
	if code, _, stderr := run(t, root, "is-configured"); code != 1 || !strings.Contains(stderr, "configure --module certificates") {
		t.Errorf("before: exit %d, %s", code, stderr)
	}
	if code, _, stderr := run(t, root, "configure", "--module", "certificates"); code != 0 {
		t.Fatalf("configure: %s", stderr)
	}
	if code, stdout, _ := run(t, root, "is-configured"); code != 0 || !strings.Contains(stdout, "already configured") {
		t.Errorf("after: exit %d, %s", code, stdout)
	}
	files := pki.At(filepath.Join(root, pki.DefaultDir))
	info, err := os.Stat(files.Key)
	if err != nil || info.Mode().Perm()&0o007 != 0 {
		t.Errorf("the key is for everybody: %v, %v", info.Mode(), err)
	}
	before, err := os.ReadFile(files.Cert)
	if err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := run(t, root, "configure", "--force"); code != 0 {
		t.Errorf("again: %s", stderr)
	}
	if after, err := os.ReadFile(files.Cert); err != nil || !bytes.Equal(before, after) {
		t.Error("a good certificate was replaced")
	}
}

// TestForeignCertificatesStay: what a manager has enrolled is not ours.
func TestForeignCertificatesStay(t *testing.T) {
	root := t.TempDir()
	key := filepath.Join(pki.DefaultDir, "keys", "vdsmkey.pem")
	write(t, root, key, "the manager's")
	if code, _, stderr := run(t, root, "configure", "--force"); code != 1 || !strings.Contains(stderr, "not ours") {
		t.Errorf("exit %d, %s", code, stderr)
	}
	if b, err := os.ReadFile(filepath.Join(root, key)); err != nil || string(b) != "the manager's" {
		t.Errorf("the key became %q, %v", b, err)
	}
	if _, err := os.Stat(filepath.Join(root, pki.DefaultDir, "authority")); err == nil {
		t.Error("an authority was made all the same")
	}
}

func TestWithoutTLSNothingIsMissing(t *testing.T) {
	root := t.TempDir()
	write(t, root, "/etc/vdsm/vdsm.conf", "[vars]\nssl = false\n")
	if code, _, stderr := run(t, root, "is-configured"); code != 0 {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

func TestValidateConfig(t *testing.T) {
	root := t.TempDir()
	write(t, root, "/etc/vdsm/vdsm.conf", "[vars]\nssl = no\n[devel]\nmanhole_enable = yes\n")
	code, stdout, stderr := run(t, root, "validate-config")
	if code != 0 || !strings.HasPrefix(stdout, "note: ") {
		t.Errorf("notes only: exit %d, %s, %s", code, stdout, stderr)
	}
	write(t, root, "/etc/vdsm/vdsm.conf.d/50.conf", "[vars]\nvm_command_timeout = never\n")
	code, stdout, _ = run(t, root, "validate-config")
	if code != 1 || !strings.Contains(stdout, "fault: "+root+"/etc/vdsm/vdsm.conf.d/50.conf:2: [vars] vm_command_timeout") {
		t.Errorf("exit %d, %s", code, stdout)
	}
}

func TestServiceCommandsPassSystemctlsExitCode(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\necho \"$@\"\nexit 3\n"
	if err := os.WriteFile(filepath.Join(dir, "systemctl"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	for _, verb := range []string{"start", "stop", "status", "restart", "reload", "disable"} {
		code, stdout, stderr := run(t, t.TempDir(), "service-"+verb, "vdsmd")
		if code != 3 || stdout != "--no-pager "+verb+" -- vdsmd\n" || stderr != "" {
			t.Errorf("%s: exit %d, %q, %q", verb, code, stdout, stderr)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if code, _, stderr := run(t, t.TempDir(), "service-start", "vdsmd"); code != 1 || !strings.Contains(stderr, "systemctl") {
		t.Errorf("without systemctl: exit %d, %s", code, stderr)
	}
}

func TestLogFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "tool.log")
	lines := func() int {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Count(b, []byte("\n"))
	}
	t.Setenv("PATH", t.TempDir())
	for _, args := range [][]string{{"-vv"}, {"-vv", "-a"}, {"-vv"}} {
		want := 1
		if len(args) > 1 {
			want = 2
		}
		run(t, dir, append(args, "-l", path, "service-start", "x")...)
		if n := lines(); n != want {
			t.Errorf("%v: %d lines, want %d", args, n, want)
		}
	}
	if code, _, stderr := run(t, dir, "-l", filepath.Join(dir, "absent", "x"), "vdsm-id"); code != 1 || stderr == "" {
		t.Errorf("a log that cannot be written: exit %d, %s", code, stderr)
	}
}

func TestDoctorPrintsJSONAndFails(t *testing.T) {
	code, stdout, _ := run(t, t.TempDir(), "doctor", "--json")
	var found []struct{ Check, State, Text, Next string }
	if err := json.Unmarshal([]byte(stdout), &found); err != nil {
		t.Fatalf("%v: %s", err, stdout)
	}
	if code != 1 || len(found) < 10 {
		t.Errorf("exit %d, %d findings", code, len(found))
	}
	for _, f := range found {
		if f.State == "FAIL" && (f.Text == "" || f.Next == "") && f.Check != "loopback" {
			t.Errorf("no next command: %+v", f)
		}
	}
}
