// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmclient

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFormats(t *testing.T) {
	t.Parallel()
	const vms = `[{"vmId": "a", "status": "Up", "cpuUser": "1.50", "disks": {"vda": {}}}, {"vmId": "b", "status": "Down"}]`
	for name, tc := range map[string]struct{ format, in, want string }{
		"json is sorted and indented": {"json", `{"b":1,"a":[]}`, "{\n    \"a\": [],\n    \"b\": 1\n}\n"},
		"json is ASCII":               {"json", `"ü\ud83d\ude00<&>"`, `"\u00fc\ud83d\ude00<&>"` + "\n"},
		"json keeps numbers":          {"json", `[1.0, 12345678901234567890]`, "[\n    1.0,\n    12345678901234567890\n]\n"},
		"yaml":                        {"yaml", `{"b":1,"a":["x"]}`, "a:\n  - x\nb: 1\n"},
		"table of a list":             {"table", vms, "VMID  STATUS  CPUUSER\na     Up      1.50\nb     Down    -\n"},
		"table of a map":              {"table", `{"x": {"id": "1"}, "y": {"id": "2"}}`, "KEY  ID\nx    1\ny    2\n"},
		"table of an object":          {"table", `{"b": {"c": true}, "a": "1"}`, "a    1\nb    \n  c  true\n"},
		"table of texts":              {"table", `["x", "y"]`, "x\ny\n"},
		"table of nothing":            {"table", `true`, "true\n"},
	} {
		var b bytes.Buffer
		if err := printResult(&b, tc.format, []byte(tc.in)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if b.String() != tc.want {
			t.Errorf("%s: got\n%swant\n%s", name, b.String(), tc.want)
		}
	}
}

func TestMisuse(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty")
	bad := filepath.Join(t.TempDir(), "bad")
	if os.WriteFile(empty, nil, 0o600) != nil || os.WriteFile(bad, []byte(`{"a": }`), 0o600) != nil {
		t.Fatal("cannot write test files")
	}
	for name, args := range map[string][]string{
		"nothing":             {},
		"no method":           {"Host"},
		"unknown namespace":   {"Nope", "x"},
		"unknown method":      {"Host", "nope"},
		"param without =":     {"Host", "echo", "message"},
		"unknown option":      {"--nope", "Host", "ping"},
		"file is missing":     {"-f", filepath.Join(empty, "nope"), "Host", "ping"},
		"file is empty":       {"-f", empty, "Host", "ping"},
		"file is not JSON":    {"-f", bad, "Host", "ping"},
		"both kinds":          {"-f", bad, "Host", "echo", "message=x"},
		"unknown format":      {"--output", "xml", "Host", "ping"},
		"tree of no networks": {"--output", "tree", "Host", "ping"},
		"gluster not asked":   {"GlusterHost", "list"},
		"port not a number":   {"-p", "x", "Host", "ping"},
		"stdin is empty":      {"-f", "-", "Host", "ping"},
		"two many arguments":  {"events", "a", "b"},
	} {
		var stdout, stderr bytes.Buffer
		code := Main(context.Background(), args, strings.NewReader(""), &stdout, &stderr)
		if name == "two many arguments" { // cobra's own check
			if code == 0 {
				t.Errorf("%s: accepted", name)
			}
			continue
		}
		if code != 2 || stdout.Len() > 0 || !strings.Contains(stderr.String(), "error: ") {
			t.Errorf("%s: exit code %d, output %q, error %q", name, code, stdout.String(), stderr.String())
		}
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"Namespaces:":                          {"-h"},
		"getVMList":                            {"Host", "-h"},
		"gracefulAttempts":                     {"VM", "destroy", "-h"},
		"GlusterVolume":                        {"--gluster-enabled", "-h"},
		"bash completion V2 for vdsm-client":   {"completion", "bash"},
		"vmID=":                                {"__complete", "VM", "destroy", ""},
		"The parameters as JSON, for vdsm-cli": {"VM", "migrate", "--help"},
	} {
		var stdout, stderr bytes.Buffer
		if code := Main(context.Background(), args, strings.NewReader(""), &stdout, &stderr); code != 0 {
			t.Errorf("%v: exit code %d: %s", args, code, stderr.String())
		}
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%v: no %q in\n%s", args, want, stdout.String())
		}
	}
}
