// SPDX-License-Identifier: GPL-2.0-or-later

package hook_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
	"govdsm/internal/hook"
)

// site is a folder of hooks with a runner on it.
type site struct {
	t    *testing.T
	dir  string
	temp string
	*hook.Runner
}

func newSite(t *testing.T, change func(*hook.Options)) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), temp: t.TempDir()}
	opt := hook.Options{
		Dir:     s.dir,
		TempDir: s.temp,
		Env:     []string{"PATH=" + os.Getenv("PATH"), "DAEMON=yes"},
		Timeout: time.Minute,
	}
	if change != nil {
		change(&opt)
	}
	s.Runner = hook.New(opt)
	return s
}

// install writes a shell script.
func (s *site) install(point, name, body string) string {
	s.t.Helper()
	return s.write(point, name, "#!/bin/sh\n"+body+"\n")
}

func (s *site) write(point, name, text string) string {
	s.t.Helper()
	path := filepath.Join(s.dir, point, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	// A process forked by a parallel test while the file is open for writing
	// would inherit it, and the kernel would refuse to run the script.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// leftovers fails the test when a document was not removed.
func (s *site) leftovers() {
	s.t.Helper()
	entries, err := os.ReadDir(s.temp)
	if err != nil || len(entries) > 0 {
		s.t.Errorf("left in the temporary folder: %v, %v", entries, err)
	}
}

func TestScriptsPassTheDocumentOnInOrder(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.install("before_vm_start", "20_second", `echo second >> "$_hook_domxml"`)
	s.install("before_vm_start", "10_first", `echo first >> "$_hook_domxml"`)
	s.install("before_vm_start", ".hidden", `echo hidden >> "$_hook_domxml"`)
	plain := s.install("before_vm_start", "15_plain", `echo plain >> "$_hook_domxml"`)
	if err := os.Chmod(plain, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(s.dir, "before_vm_start", "05_folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	got, err := s.RunXML(t.Context(), "before_vm_start", "<domain/>\n", nil)
	if want := "<domain/>\nfirst\nsecond\n"; err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	s.leftovers()
}

func TestFileMayBeReplaced(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.install("before_vm_start", "sed", `sed -i s/kvm/qemu/ "$_hook_domxml"`)
	got, err := s.RunXML(t.Context(), "before_vm_start", "<domain type='kvm'/>", nil)
	if want := "<domain type='qemu'/>"; err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	s.leftovers()
}

func TestNoScriptsNothingHappens(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{t.TempDir(), "/nonexistent"} {
		r := hook.New(hook.Options{Dir: dir, TempDir: "/nonexistent"})
		got, err := r.RunXML(t.Context(), "before_vm_start", "<domain/>", nil)
		if err != nil || got != "<domain/>" {
			t.Errorf("%s: got %q, %v", dir, got, err)
		}
		if got := r.Installed(); len(got) > 0 {
			t.Errorf("%s: installed %v", dir, got)
		}
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *hook.Options) {
		o.PythonPath = "/usr/lib/hooking"
		o.Env = append(o.Env, "PYTHONPATH=/daemon")
	})
	s.install("after_vm_start", "env", `env > "$OUT"`)
	out := filepath.Join(t.TempDir(), "env")
	_, err := s.RunXML(t.Context(), "after_vm_start", "", map[string]string{
		"OUT": out, "vmId": "aaaa", "sap_agent": "true", "_hook_domxml": "/etc/passwd",
		"bad=name": "x", "bad": "a\x00b", "": "x", "text": "größer\nals",
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	env := "\n" + string(text)
	for _, want := range []string{
		"\nDAEMON=yes\n", "\nvmId=aaaa\n", "\nsap_agent=true\n", "\ntext=größer\nals\n",
		"\nPYTHONPATH=/daemon:/usr/lib/hooking\n", "\n_hook_domxml=" + s.temp,
	} {
		if !strings.Contains(env, want) {
			t.Errorf("no %q in %s", want, env)
		}
	}
	for _, unwanted := range []string{"bad", "_hook_json", "/etc/passwd"} {
		if strings.Contains(env, unwanted) {
			t.Errorf("%q in %s", unwanted, env)
		}
	}
}

// TestExitCodes runs three scripts of which the second ends as given, at a
// point that aborts and at one that does not.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, second string
		ran, text    string
	}{
		{"good", "exit 0", "123", ""},
		{"failed", "echo no luck >&2; exit 1", "123", `Hook Error: (b'no luck\n',)`},
		{"failed and stop", "printf stop >&2; exit 2", "12", "Hook Error: (b'stop',)"},
		{"strange code", `printf "it's" >&2; exit 3`, "123", `Hook Error: (b"it's",)`},
		{"silent", "exit 77", "123", "Hook Error: (b'',)"},
		{"bytes", `printf '\377\0\\' >&2; exit 1`, "123", `Hook Error: (b'\xff\x00\\',)`},
		{"killed", "kill -9 $$", "123", "Hook Error: (b'signal: killed',)"},
	} {
		for _, p := range []hook.Point{{Name: "before_vm_start", Aborts: true}, {Name: "after_vm_start"}} {
			t.Run(c.name+" "+p.Name, func(t *testing.T) {
				t.Parallel()
				s := newSite(t, nil)
				s.install(p.Name, "1", `printf 1 >> "$_hook_domxml"`)
				s.install(p.Name, "2", `printf 2 >> "$_hook_domxml"; `+c.second)
				s.install(p.Name, "3", `printf 3 >> "$_hook_domxml"`)
				got, err := s.RunXML(t.Context(), p.Name, "", nil)
				if got != c.ran {
					t.Errorf("ran %q, want %q", got, c.ran)
				}
				wantErr := c.text
				if !p.Aborts {
					wantErr = ""
				}
				if text := errText(err); text != wantErr {
					t.Errorf("error %q, want %q", text, wantErr)
				}
				if err != nil && !errors.Is(err, api.ErrHook) {
					t.Errorf("the error has not code 1500: %v", err)
				}
				s.leftovers()
			})
		}
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestScriptThatCannotStart(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.write("before_vm_start", "broken", "no interpreter")
	if _, err := s.RunXML(t.Context(), "before_vm_start", "", nil); !errors.Is(err, api.ErrHook) ||
		!strings.Contains(err.Error(), "exec format error") {
		t.Errorf("error %v", err)
	}
	s.leftovers()
}

func TestJSONIsPassedOn(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.install("before_network_setup", "x", `sed -i 's/"net"/"other"/' "$_hook_json"; test -z "$_hook_domxml"`)
	got, err := s.RunJSON(t.Context(), "before_network_setup", []byte(`{"request": {"networks": {"net": {}}}}`), nil)
	if want := `{"request": {"networks": {"other": {}}}}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestUnknownPoint(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	for _, point := range []string{"", "..", "before_vm_start/../x", "before_get_caps"} {
		if _, err := s.RunXML(t.Context(), point, "", nil); err == nil {
			t.Errorf("RunXML accepts %q", point)
		}
	}
	if _, err := s.RunJSON(t.Context(), "before_vm_start", nil, nil); err == nil {
		t.Error("RunJSON accepts an XML point")
	}
}

func TestInstalled(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.install("before_vm_start", "50_faqemu", "exit 0")
	s.install("of_a_later_version", "x", "exit 1")
	if err := os.Mkdir(filepath.Join(s.dir, "after_vm_start"), 0o755); err != nil {
		t.Fatal(err)
	}
	sum := func(body string) api.HookScriptInfo {
		h := sha256.Sum256([]byte("#!/bin/sh\n" + body + "\n"))
		return api.HookScriptInfo{Checksum: hex.EncodeToString(h[:])}
	}
	want := api.HookScriptInfoMap{
		"before_vm_start":    {"50_faqemu": sum("exit 0")},
		"of_a_later_version": {"x": sum("exit 1")},
	}
	if diff := cmp.Diff(want, s.Installed()); diff != "" {
		t.Error(diff)
	}
}

func TestPointsAreUnique(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, p := range hook.Points() {
		if seen[p.Name] {
			t.Errorf("%s twice", p.Name)
		}
		seen[p.Name] = true
	}
	if len(seen) != 58 {
		t.Errorf("%d points", len(seen))
	}
}

func TestLaunchFlags(t *testing.T) {
	t.Parallel()
	l := hook.LaunchFlags{Dir: t.TempDir()}
	const id = "aaaa0001-1111-4222-8333-444455556666"
	if flags, err := l.Load(id); flags != 0 || err != nil {
		t.Errorf("without a file: %d, %v", flags, err)
	}
	if err := l.Store(id, 1); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(l.Dir, id, "launchflags")
	if text, err := os.ReadFile(path); err != nil || string(text) != "1" {
		t.Errorf("file %q, %v", text, err)
	}
	if err := os.WriteFile(path, []byte("33\nrest"), 0o644); err != nil {
		t.Fatal(err)
	}
	if flags, err := l.Load(id); flags != 33 || err != nil {
		t.Errorf("after the hook: %d, %v", flags, err)
	}
	if err := os.WriteFile(path, []byte("-1"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Load(id); err == nil {
		t.Error("rubbish is accepted")
	}
	for range 2 {
		if err := l.Remove(id); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"..", ".", "", "a/b", "/etc"} {
		if l.Store(bad, 0) == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}
