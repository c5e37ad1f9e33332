// SPDX-License-Identifier: GPL-2.0-or-later

package host_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"govdsm/api"
	"govdsm/internal/dispatch/dispatchtest"
	"govdsm/internal/hook"
	"govdsm/internal/host"
	"govdsm/internal/host/fence"
	"govdsm/internal/host/hosttest"
	"govdsm/internal/job"
)

// call carries a verb out as a client would and returns the result's JSON.
func call(t *testing.T, o host.Options, verb, params string) (string, error) {
	t.Helper()
	if o.Jobs == nil {
		o.Jobs = job.NewRegistry(job.Options{Log: discard()})
	}
	return dispatchtest.Call(t, newHost(t, o), verb, params)
}

func TestSimpleVerbs(t *testing.T) {
	t.Parallel()
	o := fixture(t, "debian")
	o.SetLogLevel = func(string, slog.Level) error { return nil }
	for _, c := range []struct{ verb, params, want string }{
		{"Host.ping", ``, `true`},
		{"Host.ping2", `{}`, `true`},
		{"Host.echo", `{"message": "Grüße\u0000"}`, `"Grüße\u0000"`},
		{"Host.getJobs", `{}`, `{}`},
		{"Host.setLogLevel", `{"level": "DEBUG"}`, `true`},
		{"Host.setMOMPolicy", `{"policy": "(set a 1)"}`, `true`},
		{"Host.setMOMPolicyParameters", `{"key_value_store": {"ksmEnabled": true}}`, `true`},
		{"Host.setKsmTune", `{"tuningParams": {"run": 1, "sleep_millisecs": "30"}}`, `{"code":0,"message":"Done"}`},
	} {
		got, err := call(t, o, c.verb, c.params)
		if err != nil || got != c.want {
			t.Errorf("%s %s: %s, %v; want %s", c.verb, c.params, got, err, c.want)
		}
	}
}

func TestRecordedAnswers(t *testing.T) {
	t.Parallel()
	o := fixture(t, "debian")
	for verb, file := range map[string]string{
		"Host.getJobs": "cli-Host.getJobs.json",
	} {
		text, err := call(t, o, verb, `{}`)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		compareShape(t, got, captured(t, file), nil)
	}
}

func TestHardwareInfo(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"debian":    `{"systemProductName":"Test Host","systemUUID":"4C4C4544-0000-1000-8000-000000000001","systemManufacturer":"Example","systemVersion":"1"}`,
		"ppc64le":   `{"systemProductName":"8335-GTH","systemUUID":"IBM03061C14A","systemManufacturer":"IBM","systemVersion":"PowerNV 8335-GTH","systemFamily":"PowerNV","systemSerialNumber":"8335-GTH"}`,
		"container": `{}`,
	} {
		got, err := call(t, fixture(t, name), "Host.getHardwareInfo", `{}`)
		if err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", name, got, err, want)
		}
	}
	o := fixture(t, "debian")
	o.Privileged = refused{}
	if _, err := call(t, o, "Host.getHardwareInfo", `{}`); !errors.Is(err, api.ErrCannotRetrieveHWInfo) {
		t.Errorf("without the helper: %v", err)
	}
}

func TestKSMTune(t *testing.T) {
	t.Parallel()
	o := fixture(t, "debian")
	folder := filepath.Join(o.Root, "sys/kernel/mm/ksm")
	value := func(name string) string {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(text))
	}
	for _, bad := range []string{
		`{"run": 3}`, `{"run": -1}`, `{"merge_across_nodes": 3}`, `{"pages_to_scan": 4294967296}`,
		`{"run": 1, "sleep_millisecs": -1}`,
	} {
		_, err := call(t, o, "Host.setKsmTune", `{"tuningParams": `+bad+`}`)
		if !errors.Is(err, api.ErrKSMUpdateFailed) || err.Error() != "Failed to update KSM values" {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if value("run") != "0" || value("sleep_millisecs") != "20" {
		t.Error("a refused call changed something")
	}
	if _, err := call(t, o, "Host.setKsmTune", `{"tuningParams": {"run": 2, "merge_across_nodes": 0}}`); err != nil {
		t.Fatal(err)
	}
	if value("run") != "2" || value("merge_across_nodes") != "0" || value("pages_to_scan") != "100" {
		t.Errorf("run %s, merge %s, scan %s", value("run"), value("merge_across_nodes"), value("pages_to_scan"))
	}
	o.Privileged = refused{}
	if _, err := call(t, o, "Host.setKsmTune", `{"tuningParams": {"run": 1}}`); !errors.Is(err, api.ErrKSMUpdateFailed) {
		t.Errorf("without the helper: %v", err)
	}
}

func TestSetLogLevel(t *testing.T) {
	t.Parallel()
	o := fixture(t, "debian")
	var name string
	var level slog.Level
	o.SetLogLevel = func(n string, l slog.Level) error {
		name, level = n, l
		return nil
	}
	for text, want := range map[string]slog.Level{
		"DEBUG": slog.LevelDebug, "INFO": slog.LevelInfo, "WARN": slog.LevelWarn, "WARNING": slog.LevelWarn,
		"ERROR": slog.LevelError, "CRIT": slog.LevelError + 4, "CRITICAL": slog.LevelError + 4,
	} {
		if _, err := call(t, o, "Host.setLogLevel", `{"level": "`+text+`", "name": "virt"}`); err != nil || level != want || name != "virt" {
			t.Errorf("%s: %v, %v, %q", text, err, level, name)
		}
	}
	if _, err := call(t, o, "Host.setLogLevel", `{"level": "LOUD"}`); !errors.Is(err, api.ErrGeneral) {
		t.Errorf("unknown level: %v", err)
	}
}

// scripts are hooks made of functions.
type scripts map[string]func(json.RawMessage) (json.RawMessage, error)

func (s scripts) Installed() api.HookScriptInfoMap {
	return api.HookScriptInfoMap{"after_get_caps": {"10_x": {Checksum: "ab"}}}
}
func (s scripts) Any(point string) bool { return s[point] != nil }
func (s scripts) RunJSON(_ context.Context, point string, d []byte, _ map[string]string) ([]byte, error) {
	return s[point](d)
}

func TestHooksRewriteAnswers(t *testing.T) {
	t.Parallel()
	o := fixture(t, "debian")
	before := 0
	add := func(d json.RawMessage) (json.RawMessage, error) {
		var o map[string]any
		if err := json.Unmarshal(d, &o); err != nil {
			return nil, err
		}
		o["openstack_binding_host_ids"] = map[string]string{"OVN": "x"}
		return json.Marshal(o)
	}
	count := func(d json.RawMessage) (json.RawMessage, error) {
		before++
		return d, nil
	}
	o.Hooks = scripts{"before_get_caps": count, "before_get_stats": count, "after_get_caps": add, "after_get_stats": add, "after_hostdev_list_by_caps": add}
	for _, verb := range []string{"Host.getCapabilities", "Host.getStats"} {
		got, err := call(t, o, verb, `{}`)
		if err != nil || !strings.Contains(got, `"openstack_binding_host_ids":{"OVN":"x"}`) || !strings.Contains(got, `"netConfigDirty"`) {
			t.Errorf("%s: %.300s, %v", verb, got, err)
		}
	}
	if before != 2 {
		t.Errorf("%d before hooks ran", before)
	}
	got, _ := call(t, o, "Host.getCapabilities", `{}`)
	if !strings.Contains(got, `"hooks":{"after_get_caps":{"10_x":{"checksum":"ab"}}}`) || !strings.Contains(got, `"lastClientIface":""`) {
		t.Errorf("%s", got)
	}
}

func TestHooksThatLeaveRubbishChangeNothing(t *testing.T) {
	t.Parallel()
	for _, rubbish := range []string{``, `null`, `[]`, `{"a":`, `"text"`} {
		o := fixture(t, "debian")
		o.Hooks = scripts{"after_get_caps": func(json.RawMessage) (json.RawMessage, error) { return json.RawMessage(rubbish), nil }}
		got, err := call(t, o, "Host.getCapabilities", `{}`)
		if err != nil || !strings.Contains(got, `"memSize":"24105"`) {
			t.Errorf("%q: %.200s, %v", rubbish, got, err)
		}
	}
}

func TestDevices(t *testing.T) {
	t.Parallel()
	o := fixture(t, "el9")
	hosttest.Add(t, o.Root, `-- libvirt/nodedev-1.xml --
<device><name>computer</name><capability type='system'/></device>
-- libvirt/nodedev-2.xml --
<device><name>pci_0000_01_00_0</name><parent>computer</parent><capability type='pci'><domain>0</domain><bus>1</bus><slot>0</slot><function>0</function></capability></device>
-- libvirt/nodedev-3.xml --
rubbish
`)
	got, err := call(t, o, "Host.hostdevListByCaps", `{}`)
	want := `{"computer":{"params":{"capability":"system","is_assignable":"true"}},` +
		`"pci_0000_01_00_0":{"params":{"capability":"pci","parent":"computer","is_assignable":"false","address":{"domain":"0","bus":"1","slot":"0","function":"0"}}}}`
	if err != nil || got != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	o.Libvirt = nil
	if _, err := call(t, o, "Host.hostdevListByCaps", `{"caps": ["pci"]}`); err == nil {
		t.Error("without libvirt there are devices")
	}
}

func TestFenceNodeTakesPortsOfAnyKind(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	hosttest.Script(t, filepath.Join(folder, "fence_fake"), `cat >"$0.in"`)
	o := fixture(t, "debian")
	o.Fence = fence.Options{Folder: folder}
	for port, line := range map[string]string{`623`: "port=623\n", `"623"`: "port=623\n", `""`: ""} {
		got, err := call(t, o, "Host.fenceNode", `{"addr": "192.0.2.9", "port": `+port+`, "agent": "fake",
			"username": "u", "password": "secret", "action": "status"}`)
		if err != nil || got != `{"power":"on"}` {
			t.Errorf("port %s: %s, %v", port, got, err)
		}
		input, err := os.ReadFile(filepath.Join(folder, "fence_fake.in"))
		if want := "agent=fence_fake\nipaddr=192.0.2.9\nlogin=u\naction=status\npasswd=secret\n" + line; err != nil || string(input) != want {
			t.Errorf("port %s: agent was told %q, %v", port, input, err)
		}
	}
}

func TestHooksMayRefuse(t *testing.T) {
	t.Parallel()
	o := fixture(t, "debian")
	refuse := func(json.RawMessage) (json.RawMessage, error) { return nil, api.ErrHook }
	o.Hooks = scripts{"before_get_caps": refuse, "before_get_stats": refuse}
	for _, verb := range []string{"Host.getCapabilities", "Host.getStats"} {
		if _, err := call(t, o, verb, `{}`); !errors.Is(err, api.ErrHook) {
			t.Errorf("%s: %v", verb, err)
		}
	}
}

func TestRealHooks(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	point := filepath.Join(folder, "after_get_caps")
	if err := os.Mkdir(point, 0o755); err != nil {
		t.Fatal(err)
	}
	hosttest.Script(t, filepath.Join(point, "50_add"), `sed -i 's/^{/{"added": [1],/' "$_hook_json"`)
	o := fixture(t, "debian")
	o.Hooks = hook.New(hook.Options{Dir: folder, TempDir: t.TempDir(), Log: discard()})
	got, err := call(t, o, "Host.getCapabilities", `{}`)
	if err != nil || !strings.Contains(got, `"added":[1]`) || !strings.Contains(got, `"50_add":{"checksum":"`) {
		t.Errorf("%s, %v", got, err)
	}
}

func TestIdentityOfItsOwn(t *testing.T) {
	t.Parallel()
	o := fixture(t, "debian")
	o.IDFile = "/etc/sandbox.id"
	hosttest.Add(t, o.Root, "-- etc/sandbox.id --\n0d7c3f1e-6f39-4a51-9a53-3d6f5d3a4f10\n")
	if got := capabilitiesOf(t, newHost(t, o)).UUID; got != "0d7c3f1e-6f39-4a51-9a53-3d6f5d3a4f10" {
		t.Errorf("uuid is %q", got)
	}
}
