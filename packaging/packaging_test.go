// SPDX-License-Identifier: GPL-2.0-or-later

// Package packaging tests the files that make the programs a part of a
// distribution, with the programs that read them.
package packaging

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"govdsm/internal/logging"
)

// program returns the path of a program that the test is about.
func program(t *testing.T, name string) string {
	t.Helper()
	for _, dir := range []string{"", "/usr/sbin/", "/usr/bin/"} {
		if path, err := exec.LookPath(dir + name); err == nil {
			return path
		}
	}
	t.Fatalf("%s is not installed", name)
	return ""
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func installed(t *testing.T) string {
	t.Helper()
	dest := t.TempDir()
	output(t, "./install-files", dest, "/usr")
	return dest
}

func TestInstallFilesAndPackagesAgree(t *testing.T) {
	text, err := os.ReadFile("nfpm.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var description struct {
		Contents []struct{ Src, Dst, Type string }
		Scripts  map[string]string
	}
	if err := yaml.Unmarshal(text, &description); err != nil {
		t.Fatal(err)
	}
	packaged := make(map[string]bool)
	for _, c := range description.Contents {
		if c.Type == "dir" || strings.HasPrefix(c.Src, "bin/") {
			continue
		}
		sources, err := filepath.Glob(filepath.Join("..", c.Src))
		if err != nil || len(sources) == 0 {
			t.Errorf("nfpm.yaml: there is no %s", c.Src)
		}
		for _, source := range sources {
			dst := c.Dst
			if strings.HasSuffix(dst, "/") {
				dst += filepath.Base(source)
			}
			packaged[dst] = true
		}
	}
	for _, script := range description.Scripts {
		output(t, "sh", "-n", filepath.Join("..", script))
	}
	dest := installed(t)
	err = filepath.WalkDir(dest, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !packaged[strings.TrimPrefix(path, dest)] {
			t.Errorf("install-files installs %s, the packages do not", strings.TrimPrefix(path, dest))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestInstallFilesHonoursThePrefix(t *testing.T) {
	dest := t.TempDir()
	output(t, "./install-files", dest, "/usr/local")
	unit, err := os.ReadFile(filepath.Join(dest, "usr/local/lib/systemd/system/vdsmd.service"))
	if err != nil || !strings.Contains(string(unit), "\nExecStart=/usr/local/sbin/vdsmd\n") {
		t.Errorf("%s, %v", unit, err)
	}
	unit, err = os.ReadFile(filepath.Join(dest, "usr/local/lib/systemd/system/vdsm-network.service"))
	for _, line := range []string{"\nExecStart=/usr/local/bin/vdsm-tool ", "\nExecStartPre=-/usr/local/bin/vdsm-tool "} {
		if err != nil || !strings.Contains(string(unit), line) {
			t.Errorf("no %q in %s, %v", line, unit, err)
		}
	}
}

func TestSystemdUnderstandsTheUnits(t *testing.T) {
	analyze := program(t, "systemd-analyze")
	dest := installed(t)
	units, err := filepath.Glob(filepath.Join(dest, "usr/lib/systemd/system/*"))
	if err != nil || len(units) != 3 {
		t.Fatalf("units: %v, %v", units, err)
	}
	// It complains about the programs and units that a build host lacks, too.
	cmd := exec.CommandContext(t.Context(), analyze, append([]string{"verify"}, units...)...)
	out, _ := cmd.CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, dest) && !strings.Contains(line, "not executable") && !strings.Contains(line, "not found") {
			t.Errorf("%s", line)
		}
	}
}

func TestUsersAndFolders(t *testing.T) {
	sysusers, tmpfiles := program(t, "systemd-sysusers"), program(t, "systemd-tmpfiles")
	if os.Getuid() != 0 {
		t.Skip("only root can give folders away")
	}
	// Debian's group kvm has a number of its own; EL has none at first.
	for groups, want := range map[string]string{"": ":36:36:", "kvm:x:103:\n": ":36:103:"} {
		root := installed(t)
		for name, text := range map[string]string{"group": groups, "passwd": "", "shadow": "", "gshadow": ""} {
			if err := os.WriteFile(filepath.Join(root, "etc", name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		output(t, sysusers, "--root="+root, "govdsm.conf")
		passwd, err := os.ReadFile(filepath.Join(root, "etc/passwd"))
		if err != nil || !strings.Contains(string(passwd), "vdsm:x"+want) && !strings.Contains(string(passwd), "vdsm:!"+want) {
			t.Errorf("with groups %q: %s, %v", groups, passwd, err)
		}
		group, err := os.ReadFile(filepath.Join(root, "etc/group"))
		if err != nil || !strings.Contains(string(group), ":vdsm\n") {
			t.Errorf("vdsm is in no group: %s, %v", group, err)
		}
		output(t, tmpfiles, "--root="+root, "--create", "govdsm.conf")
		for _, dir := range []string{"run/vdsm", "var/lib/vdsm", "var/log/vdsm"} {
			if info, err := os.Stat(filepath.Join(root, dir)); err != nil || info.Mode().Perm() != 0o755 {
				t.Errorf("%s: %v, %v", dir, info, err)
			}
		}
	}
}

// TestLogrotateAndTheLog rotates a log that is being written.
func TestLogrotateAndTheLog(t *testing.T) {
	logrotate := program(t, "logrotate")
	dir := t.TempDir()
	path := filepath.Join(dir, "vdsm.log")
	text, err := os.ReadFile("logrotate/govdsm")
	if err != nil {
		t.Fatal(err)
	}
	// Here the folder is ours, and nobody writes 15 MB.
	config := strings.NewReplacer("/var/log/vdsm", dir, "su vdsm kvm", "", "size 15M", "size 1").Replace(string(text))
	if err := os.WriteFile(filepath.Join(dir, "conf"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := logging.Open(logging.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, line := range []string{"one", "two", "three"} {
		l.Logger("x").Info(line)
		if err := l.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		if line != "three" {
			output(t, logrotate, "-s", filepath.Join(dir, "state"), filepath.Join(dir, "conf"))
		}
	}
	for file, want := range map[string]string{"vdsm.log": "three", "vdsm.log.1": "two"} {
		b, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil || !strings.Contains(string(b), "[x] "+want) || strings.Count(string(b), "\n") != 1 {
			t.Errorf("%s has %q, %v", file, b, err)
		}
	}
	if _, err := os.Stat(path + ".2.gz"); err != nil {
		t.Error(err)
	}
}
