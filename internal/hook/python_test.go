// SPDX-License-Identifier: GPL-2.0-or-later

package hook_test

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"govdsm/api"
	"govdsm/internal/hook"
)

// pythonSite is a site whose scripts may be in Python.
func pythonSite(t *testing.T) *site {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("scripts in Python: python3 is not installed")
	}
	modules, err := filepath.Abs("../../packaging/python")
	if err != nil {
		t.Fatal(err)
	}
	return newSite(t, func(o *hook.Options) {
		o.PythonPath = modules
		o.Env = append(o.Env, "PYTHONDONTWRITEBYTECODE=1")
	})
}

func (s *site) python(point, name, body string) {
	s.t.Helper()
	s.write(point, name, "#!/usr/bin/env python3\nimport os, hooking\n"+body)
}

func TestPythonChangesTheXML(t *testing.T) {
	t.Parallel()
	s := pythonSite(t)
	s.python("before_vm_start", "10_name", `
dom = hooking.read_domxml()
if hooking.tobool(os.environ.get("rename")):
    name = dom.getElementsByTagName("name")[0]
    name.firstChild.nodeValue += " größer"
    hooking.write_domxml(dom)
rc, out, err = hooking.execCmd(["sh", "-c", "cat; echo two; echo three >&2; exit 4"], data=b"one\n")
assert (rc, out, err) == (4, [b"one", b"two"], [b"three"]), (rc, out, err)
assert hooking.execCmd(["printf", "a\\nb"], raw=True) == (0, b"a\nb", b"")
assert [hooking.tobool(v) for v in ("True", "1", True, "0", "no", "", None)] == [True] * 3 + [False] * 4
hooking.RUN = os.environ["RUN"]
assert hooking.load_vm_launch_flags_from_file("vm") == 0
hooking.dump_vm_launch_flags_to_file("vm", 1)
assert hooking.load_vm_launch_flags_from_file("vm") == 1
`)
	run := t.TempDir()
	got, err := s.RunXML(t.Context(), "before_vm_start", "<domain><name>a</name></domain>",
		map[string]string{"rename": "true", "RUN": run})
	if err != nil || !strings.HasSuffix(got, "<domain><name>a größer</name></domain>") {
		t.Errorf("%q, %v", got, err)
	}
	if flags, err := (hook.LaunchFlags{Dir: run}).Load("vm"); err != nil || flags != 1 {
		t.Errorf("launch flags %d, %v", flags, err)
	}
	s.leftovers()
}

func TestPythonChangesTheJSON(t *testing.T) {
	t.Parallel()
	s := pythonSite(t)
	s.python("after_get_stats", "stats", `
stats = hooking.read_json()
stats["text"] = "größer"
hooking.write_json(stats)
`)
	got, err := s.RunJSON(t.Context(), "after_get_stats", []byte(`{"cpu": 1}`), nil)
	if err != nil || string(got) != `{"cpu": 1, "text": "gr\u00f6\u00dfer"}` {
		t.Errorf("%q, %v", got, err)
	}
}

func TestPythonRefuses(t *testing.T) {
	t.Parallel()
	s := pythonSite(t)
	s.python("before_vm_start", "refuses", `
hooking.log("looking")
hooking.exit_hook("not this VM")
`)
	_, err := s.RunXML(t.Context(), "before_vm_start", "<domain/>", nil)
	if !errors.Is(err, api.ErrHook) || !strings.Contains(err.Error(), "not this VM") {
		t.Errorf("%v", err)
	}
}
