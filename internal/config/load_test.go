// SPDX-License-Identifier: GPL-2.0-or-later

package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func write(t *testing.T, root, path, content string) string {
	t.Helper()
	path = filepath.Join(root, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDefaultsWithoutFiles(t *testing.T) {
	c, problems := Load(t.TempDir())
	if len(problems) > 0 {
		t.Errorf("problems: %v", problems)
	}
	if d := cmp.Diff(Default(), c); d != "" {
		t.Error(d)
	}
	if !c.Vars.SSL || c.Addresses.ManagementPort != 54321 || c.RPC.WorkerTimeout != time.Minute ||
		c.IRS.HSMTasks != "/rhev/data-center/hsm-tasks" || c.IRS.TaskResourceDefaultTimeout != 2*time.Minute ||
		c.Mailbox.EventsInterval != 500*time.Millisecond || len(c.Addresses.RequestQueues) != 2 {
		t.Errorf("defaults are %+v", c)
	}
}

func TestDropInsAreReadInOrderOfTheirNames(t *testing.T) {
	root := t.TempDir()
	write(t, root, MainFile, "[addresses]\nmanagement_port = 1\n[rpc]\nworker_threads = 1\n")
	write(t, root, "/etc/vdsm/vdsm.conf.d/10-a.conf", "[addresses]\nmanagement_port = 2\n[irs]\nrepository = /a\n")
	write(t, root, "/usr/lib/vdsm/vdsm.conf.d/90-b.conf", "[addresses]\nmanagement_port = 3\n")
	write(t, root, "/usr/lib/vdsm/vdsm.conf.d/10-a.conf", "[irs]\nrepository = /weaker\n")
	write(t, root, "/run/vdsm/vdsm.conf.d/50-c.conf", "[addresses]\nmanagement_port = 4\n")
	write(t, root, "/run/vdsm/vdsm.conf.d/99-d.conf.bak", "[addresses]\nmanagement_port = 5\n")
	c, problems := Load(root)
	for _, p := range problems {
		if p.Kind != NoEffect {
			t.Error(p)
		}
	}
	if c.Addresses.ManagementPort != 3 {
		t.Errorf("port %d: the name 90-b is last, so 3 counts", c.Addresses.ManagementPort)
	}
	if c.IRS.Repository != "/a" || c.IRS.HSMTasks != "/a/hsm-tasks" {
		t.Errorf("repository %q, tasks %q: of equal names /etc counts", c.IRS.Repository, c.IRS.HSMTasks)
	}
	if c.RPC.WorkerThreads != 1 {
		t.Errorf("the main file is lost: %d threads", c.RPC.WorkerThreads)
	}
}

func TestProblemsNameFileAndLine(t *testing.T) {
	root := t.TempDir()
	main := write(t, root, MainFile, strings.Join([]string{
		"[vars]",
		"ssl = maybe",
		"sssl = no",
		"sys_shutdown_timeout = soon",
		"vdsm_nice = 77",
		"rubbish",
		"[nowhere]",
		"a = 1",
		"b = 2",
		"[addresses]",
		"management_port = 70000",
		"event_queue = %(absent)s",
		"[lvm]",
		"config_method = magic",
		"[sanlock]",
		"io_timeout = 1e300",
		"[devel]",
		"coverage_enable = true",
	}, "\n"))
	extra := write(t, root, "/etc/vdsm/vdsm.conf.d/x.conf", "[mom]\ncoff = 1\n")
	c, problems := Load(root)
	var got []string
	for _, p := range problems {
		got = append(got, fmt.Sprintf("%s:%d %s %s.%s", p.File, p.Line, p.Kind, p.Section, p.Option))
	}
	want := []string{
		main + ":2 malformed vars.ssl",
		main + ":3 unknown vars.sssl",
		main + ":4 malformed vars.sys_shutdown_timeout",
		main + ":5 malformed vars.vdsm_nice",
		main + ":6 syntax vars.",
		main + ":8 unknown nowhere.",
		main + ":11 malformed addresses.management_port",
		main + ":12 malformed addresses.event_queue",
		main + ":14 malformed lvm.config_method",
		main + ":16 malformed sanlock.io_timeout",
		main + ":18 no effect devel.coverage_enable",
		extra + ":2 unknown mom.coff",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	c.Devel.CoverageEnable = false
	if d := cmp.Diff(Default(), c); d != "" {
		t.Errorf("malformed values must leave the defaults:\n%s", d)
	}
}

func TestUnreadableFilesDoNotStopTheOthers(t *testing.T) {
	root := t.TempDir()
	write(t, root, MainFile, "[addresses]\nmanagement_port = 7\n")
	binary := write(t, root, "/etc/vdsm/vdsm.conf.d/a.conf", "[vars]\nssl = \xff\xfe\n")
	pipe := filepath.Join(root, "/etc/vdsm/vdsm.conf.d/b.conf")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	huge := write(t, root, "/etc/vdsm/vdsm.conf.d/c.conf", "")
	if err := os.Truncate(huge, maxFile+1); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "/etc/vdsm/vdsm.conf.d/d.conf")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(root, "/etc/vdsm/vdsm.conf.d/e.conf")
	if err := os.Symlink(link, link); err != nil {
		t.Fatal(err)
	}
	notADir := write(t, root, "/run/vdsm/vdsm.conf.d", "")
	c, problems := Load(root)
	want := []string{notADir, binary, pipe, huge, dir, link}
	var got []string
	for _, p := range problems {
		if p.Kind != Unreadable {
			t.Errorf("unexpected: %s", p)
		}
		got = append(got, p.File)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if c.Addresses.ManagementPort != 7 {
		t.Error("the readable file is lost")
	}
}

// TestOptionsAreThoseOfTheContract compares with the contract's list, a copy
// of which is in testdata.
func TestOptionsAreThoseOfTheContract(t *testing.T) {
	b, err := os.ReadFile("testdata/config-options.json")
	if err != nil {
		t.Fatal(err)
	}
	type option struct{ Section, Name, Default string }
	var contract struct{ Options []option }
	if err := json.Unmarshal(b, &contract); err != nil {
		t.Fatal(err)
	}
	got := make(map[option]bool)
	for _, o := range Options() {
		got[option{o.Section, o.Name, o.Default}] = true
		if o.Doc == "" || (o.Use == NotHere) != (o.Why != "") || o.Type == "" {
			t.Errorf("%s.%s is not described well", o.Section, o.Name)
		}
	}
	want := make(map[option]bool)
	for _, o := range contract.Options {
		want[o] = true
	}
	// Ours alone, see docs/decisions/0050.
	want[option{"vars", "network_applier", "auto"}] = true
	if d := cmp.Diff(want, got); d != "" || len(got) != 163 {
		t.Errorf("%d options, -contract +ours:\n%s", len(got), d)
	}
}

func TestDefaultsAreWithinTheirLimits(t *testing.T) {
	_, problems := build(make(settings))
	for _, p := range problems {
		t.Error(p)
	}
}

func TestWriteDefaultsCanBeReadAgain(t *testing.T) {
	var b bytes.Buffer
	if err := WriteDefaults(&b); err != nil {
		t.Fatal(err)
	}
	var lines []string
	options := 0
	for line := range strings.Lines(b.String()) {
		if name, _, ok := strings.Cut(line, " ="); ok && !strings.Contains(name[min(2, len(name)):], " ") {
			line = strings.TrimPrefix(line, "# ")
			options++
		}
		lines = append(lines, line)
	}
	if options != len(Options()) {
		t.Errorf("%d options printed", options)
	}
	root := t.TempDir()
	write(t, root, MainFile, strings.Join(lines, ""))
	c, problems := Load(root)
	for _, p := range problems {
		if p.Kind != NoEffect {
			t.Error(p)
		}
	}
	if d := cmp.Diff(Default(), c); d != "" {
		t.Error(d)
	}
}

func TestNumbersAndListsAsPythonTakesThem(t *testing.T) {
	for text, want := range map[string]int{"1_000": 1000, " 7 ": 7, "+5": 5, "-3": -3, "010": 10} {
		if got, err := parseInt(text); err != nil || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "1.5", "0x10", "_1", "1__0", "1e3", "99999999999999999999"} {
		if got, err := parseInt(text); err == nil {
			t.Errorf("%q is taken as %d", text, got)
		}
	}
	for _, text := range []string{"nan", "inf", "0x1p3", "1,5", ""} {
		if got, err := parseFloat(text); err == nil {
			t.Errorf("%q is taken as %v", text, got)
		}
	}
	if d := cmp.Diff([]string{"a", "b c"}, parseList(" a ,, b c,\n")); d != "" {
		t.Error(d)
	}
}

var update = flag.Bool("update", false, "write the reference page anew")

func TestReferencePageIsCurrent(t *testing.T) {
	const page = "../../docs/reference/configuration.md"
	var b bytes.Buffer
	if err := WriteReference(&b); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.MkdirAll(filepath.Dir(page), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(page, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, b.Bytes()) {
		t.Error("the page is stale: go test ./internal/config -run Reference -update")
	}
}
