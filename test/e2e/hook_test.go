// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"govdsm/api"
	"govdsm/client"
	"govdsm/test/hosttest"
)

func replace(t *testing.T, text, old, with string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("there is no %q in %s", old, text)
	}
	return strings.ReplaceAll(text, old, with)
}

func dumpXML(t *testing.T, c *client.Host, id string) string {
	t.Helper()
	xmls, err := api.HostDumpxmls.Call(t.Context(), c, api.HostDumpxmlsParams{VMList: []api.UUID{api.UUID(id)}})
	if err != nil {
		t.Fatal(err)
	}
	return xmls[api.UUID(id)]
}

// Scripts of the administrator see what is to happen and change it. The ones
// here act on the VM whose custom property tells them to.
func TestHooks(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t,
		hosttest.Hook("before_vm_start", "10_describe", `
test "$vmId" || exit 2
echo "before_vm_start $vmId $act" >>"`+"${0%/*}"+`/seen"
case "$act" in
describe) sed -i 's,</name>,</name><description>written by a hook</description>,' "$_hook_domxml" ;;
fail) echo "no such luck" >&2; exit 2 ;;
break) echo "rubbish" >"$_hook_domxml" ;;
esac
`),
		hosttest.Hook("after_vm_start", "10_see", `grep -q "<alias name=" "$_hook_domxml" && echo "$vmId" >>"`+"${0%/*}"+`/seen"`),
		hosttest.Hook("after_vm_destroy", "10_see", `echo "$vmId" >>"`+"${0%/*}"+`/seen"`),
		hosttest.Hook("before_vm_pause", "10_refuse", `test "$act" != describe || { echo "not now" >&2; exit 1; }`),
		hosttest.Hook("after_get_caps", "10_add", `sed -i 's/^{/{"fromTheHook": "yes", /' "$_hook_json"`),
	)
	c := h.Dial(t)
	seen := func(point string) string {
		text, err := os.ReadFile(filepath.Join(h.Dir, "hooks", point, "seen"))
		if err != nil {
			return err.Error()
		}
		return string(text)
	}
	with := func(act string) hosttest.VM {
		v := h.Tiny(t)
		v.XML = replace(t, v.XML, "<ovirt-vm:custom/>", "<ovirt-vm:custom><ovirt-vm:act>"+act+"</ovirt-vm:act></ovirt-vm:custom>")
		return v
	}

	described := with("describe")
	hosttest.CreateUp(t, c, described)
	if xml := dumpXML(t, c, described.ID); !strings.Contains(xml, "<description>written by a hook</description>") {
		t.Errorf("libvirt's definition: %s", xml)
	}
	if text := seen("before_vm_start"); !strings.Contains(text, described.ID+" describe") {
		t.Errorf("before_vm_start saw %s", text)
	}
	hosttest.Until(t, "after_vm_start", func() error {
		if text := seen("after_vm_start"); !strings.Contains(text, described.ID) {
			return fmt.Errorf("it saw %s", text)
		}
		return nil
	})
	_, err := c.Request(t.Context(), "VM.pause", params(described.ID))
	if refused := wantCode(t, "VM.pause that a hook refuses", err, 1500); !strings.Contains(refused.Error(), "not now") {
		t.Errorf("message: %s", refused)
	}
	hosttest.AwaitStatus(t, c, described.ID, "Powering up", "Up")
	mustCall(t, c, "VM.destroy", params(described.ID), `true`)
	if text := seen("after_vm_destroy"); !strings.Contains(text, described.ID) {
		t.Errorf("after_vm_destroy saw %s", text)
	}

	for _, act := range []string{"fail", "break"} {
		v := with(act)
		if _, err := hosttest.Create(t, c, v); err != nil {
			t.Fatal(err)
		}
		stats := hosttest.ExpectDown(t, c, v.ID, 1, 1)
		if act == "fail" && !strings.Contains(fmt.Sprint(stats["exitMessage"]), "no such luck") {
			t.Errorf("message: %v", stats["exitMessage"])
		}
		if h.QEMU(v.ID) != 0 {
			t.Error("QEMU runs")
		}
	}

	var caps map[string]json.RawMessage
	if err := c.Invoke(t.Context(), "Host.getCapabilities", map[string]any{}, &caps); err != nil {
		t.Fatal(err)
	}
	if string(caps["fromTheHook"]) != `"yes"` {
		t.Errorf("capabilities have %s from the hook", caps["fromTheHook"])
	}
	var installed map[string]map[string]struct{ Checksum string }
	if err := json.Unmarshal(caps["hooks"], &installed); err != nil || len(installed["before_vm_start"]["10_describe"].Checksum) != 64 {
		t.Errorf("installed hooks: %s, %v", caps["hooks"], err)
	}
}
