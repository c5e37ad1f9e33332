// SPDX-License-Identifier: GPL-2.0-or-later

package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"govdsm/client"
	"govdsm/test/hosttest"
)

// TestBadDomains has VMs created from documents that are none, or not what
// they should be. Each is refused at once, or Down with a reason.
func TestBadDomains(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t)
	c := h.Dial(t)
	mustServe(t, h)
	before := h.Usage(t)
	good := h.Tiny(t).XML
	edit := func(old, with string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("there is no %s in %s", old, good)
		}
		return strings.Replace(good, old, with, 1)
	}
	entity := func(doctype, use string) string {
		text := edit("<domain", doctype+"<domain")
		return strings.Replace(text, "<name>", "<name>"+use, 1)
	}
	laughs := `<!DOCTYPE x [<!ENTITY a "ha">`
	for i := range 20 {
		laughs += fmt.Sprintf(`<!ENTITY %c "&%c;&%c;&%c;&%c;">`, 'b'+i, 'a'+i, 'a'+i, 'a'+i, 'a'+i)
	}
	disk := func(source string) string {
		return edit("<devices>", `<devices><disk type="file" device="disk">`+source+`<target dev="vda" bus="virtio"/></disk>`)
	}
	for name, xml := range map[string]string{
		"empty":                    "",
		"text":                     "rubbish",
		"half":                     good[:len(good)/2],
		"another element":          "<network/>",
		"no id":                    edit("<uuid>", "<!-- <uuid>"+"--><x>") + "</x>",
		"an entity of a file":      entity(`<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>`, "&f;"),
		"an entity of the net":     entity(`<!DOCTYPE x [<!ENTITY f SYSTEM "http://127.0.0.1:1/">]>`, "&f;"),
		"a billion laughs":         entity(laughs+"]>", "&u;"),
		"an unknown entity":        edit("<name>", "<name>&nothing;"),
		"deep":                     strings.Repeat("<domain>", 100_000),
		"long":                     edit("<name>", "<name>"+strings.Repeat("x", 8<<20)),
		"control characters":       edit("<name>", "<name>\x01\x02"),
		"another namespace":        edit("http://ovirt.org/vm/1.0", "http://example.org/"),
		"an undeclared prefix":     edit("<devices>", "<devices><nobody:home/>"),
		"metadata of a wrong type": edit(`type="int">`, `type="int">many`),
		"a missing disk":           disk(`<source file="/no/such/disk"/>`),
		"a disk without source":    disk(``),
		"a disk of a folder":       disk(`<source file="/etc"/>`),
		"a hostdev that is not":    edit("<devices>", `<devices><hostdev mode="subsystem" type="pci" managed="no"><source><address domain="0xffff" bus="0xff" slot="0x1f" function="0x7"/></source></hostdev>`),
		"a network that is not":    edit("<devices>", `<devices><interface type="bridge"><source bridge="nosuchbridge0"/><mac address="00:1a:4a:00:00:01"/><model type="virtio"/></interface>`),
		"an unknown device":        edit("<devices>", `<devices><teleporter/>`),
		"no emulator":              edit("<emulator>", "<emulator>/no/such/emulator"),
		"another machine":          edit(`machine="`, `machine="pdp-`),
		"no memory":                edit("<memory>", "<memory>-1"),
		"much memory":              edit("<memory>", "<memory>999999999999999999999"),
		"many processors":          edit("<vcpu", "<vcpu x='1'>999999999</vcpu><vcpu"),
		"a hostile name":           edit("<name>", "<name>../../../tmp/x"),
		"a payload that escapes":   withPayload(good, "../../../../../../../../../../tmp/escaped"),
	} {
		t.Run(name, func(t *testing.T) { badDomain(t, h, c, xml) })
	}
	if _, err := os.Stat("/tmp/escaped"); err == nil {
		t.Error("a payload escaped")
	}
	mustServe(t, h)
	v := h.Tiny(t)
	hosttest.CreateUp(t, c, v)
	if _, err := c.Request(t.Context(), "VM.destroy", map[string]any{"vmID": v.ID}); err != nil {
		t.Error(err)
	}
	h.AwaitUsage(t, before)
	if strings.Contains(h.Log(), "root:x:0:0") {
		t.Error("an entity was resolved")
	}
}

// withPayload adds a disk made of one file in the metadata.
func withPayload(xml, path string) string {
	xml = strings.Replace(xml, "<devices>", `<devices><disk type="file" device="cdrom"><driver name="qemu" type="raw"/>`+
		`<source file="PAYLOAD:" startupPolicy="optional"/><target dev="hdc" bus="ide"/><readonly/></disk>`, 1)
	return strings.Replace(xml, "</ovirt-vm:vm>", `<ovirt-vm:device devtype="disk" name="hdc"><ovirt-vm:payload><ovirt-vm:volId>config-2</ovirt-vm:volId>`+
		`<ovirt-vm:file path="`+path+`">aGVsbG8=</ovirt-vm:file></ovirt-vm:payload></ovirt-vm:device></ovirt-vm:vm>`, 1)
}

// badDomain creates a VM and destroys what comes of it.
func badDomain(t *testing.T, h *hosttest.Host, c *client.Host, xml string) {
	t.Helper()
	params := map[string]any{"vmID": "x", "vmParams": map[string]any{"xml": xml}}
	code, text, err := request(t, c, "VM.create", params)
	if err != nil {
		t.Error(err)
		return
	}
	if code != 0 {
		if text == "" || len(text) > 16<<10 || strings.Contains(text, "root:x:0:0") {
			t.Errorf("code %d, %d bytes: %.300s", code, len(text), text)
		}
		return
	}
	var list []map[string]any
	if err := c.Invoke(t.Context(), "Host.getVMList", map[string]any{}, &list); err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
		return
	}
	id, _ := list[0]["vmId"].(string)
	var stats map[string]any
	hosttest.Until(t, "the end of the start", func() (err error) {
		stats, err = hosttest.Stats(t.Context(), c, id)
		if err == nil && stats["status"] == "WaitForLaunch" {
			err = fmt.Errorf("statistics: %v", stats)
		}
		return err
	})
	if stats["status"] == "Down" && (stats["exitMessage"] == "" || stats["exitCode"] != 1.0) {
		t.Errorf("statistics: %v", stats)
	}
	if code, text, err := request(t, c, "VM.destroy", map[string]any{"vmID": id}); code != 0 || err != nil {
		t.Errorf("destroying it: %d %s %v", code, text, err)
	}
	if h.QEMU(id) != 0 {
		t.Error("QEMU is left")
	}
}

// Hooks that do what they should not.
func TestBadHooks(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t,
		hosttest.Hook("before_vm_start", "10_act", `
case "$act" in
hang) echo $$ >>"`+"${0%/*}"+`/pids"; sleep 3600 & sleep 3600 ;;
shout) yes | head -c 50000000; yes | head -c 50000000 >&2 ;;
vanish) rm -f "$_hook_domxml" ;;
swell) head -c 100000000 /dev/zero >>"$_hook_domxml" ;;
swap) ln -sf /etc/passwd "$_hook_domxml" ;;
kill) kill -9 $$ ;;
esac
`),
		hosttest.Hook("after_get_stats", "10_rubbish", `echo "rubbish" >"$_hook_json"`),
		hosttest.Hook("before_get_all_vm_stats", "10_fail", `exit 1`),
		hosttest.Prepare(func(h *hosttest.Host) error {
			return os.WriteFile(filepath.Join(h.Dir, "hooks", "before_vm_start", "20_no_program"), []byte("no program at all"), 0o755)
		}),
	)
	c := h.Dial(t)
	mustServe(t, h)
	before := h.Usage(t)
	with := func(act string) hosttest.VM {
		v := h.Tiny(t)
		v.XML = strings.Replace(v.XML, "<ovirt-vm:custom/>", "<ovirt-vm:custom><ovirt-vm:act>"+act+"</ovirt-vm:act></ovirt-vm:custom>", 1)
		return v
	}
	for _, act := range []string{"shout", "vanish", "swell", "swap", "kill"} {
		v := with(act)
		if _, err := hosttest.Create(t, c, v); err != nil {
			t.Fatal(err)
		}
		stats := hosttest.AwaitStatus(t, c, v.ID, "Down", "Powering up", "Up")
		if stats["status"] == "Down" && stats["exitMessage"] == "" || strings.Contains(fmt.Sprint(stats["exitMessage"]), "root:x:0:0") {
			t.Errorf("%s: %v", act, stats)
		}
		if text := fmt.Sprint(stats["exitMessage"]); len(text) > 16<<10 {
			t.Errorf("%s: a message of %d bytes", act, len(text))
		}
		if _, err := c.Request(t.Context(), "VM.destroy", map[string]any{"vmID": v.ID}); err != nil {
			t.Errorf("%s: %v", act, err)
		}
	}

	// One that hangs holds up its VM and nothing else, and ends with it.
	hung := with("hang")
	if _, err := hosttest.Create(t, c, hung); err != nil {
		t.Fatal(err)
	}
	pids := filepath.Join(h.Dir, "hooks", "before_vm_start", "pids")
	hosttest.Until(t, "the hook that hangs", func() error { _, err := os.Stat(pids); return err })
	mustServe(t, h)
	for _, verb := range []string{"Host.getStats", "Host.getAllVmStats", "Host.getVMList"} {
		if _, _, err := request(t, c, verb, map[string]any{}); err != nil {
			t.Errorf("%s beside a hook that hangs: %v", verb, err)
		}
	}
	if _, err := c.Request(t.Context(), "VM.destroy", map[string]any{"vmID": hung.ID}); err != nil {
		t.Error(err)
	}
	h.AwaitUsage(t, before) // and Leftovers finds the processes, if there are any
}

// The disk below /var/lib/vdsm and /run/vdsm fills up: the host keeps running,
// says what fails, and works again when there is room.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	for _, place := range []string{"lib/vdsm", "run/vdsm", "log/vdsm"} {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			var dir string
			h := hosttest.New(t, hosttest.Prepare(func(h *hosttest.Host) error {
				dir = filepath.Join(h.Dir, place)
				if err := os.MkdirAll(dir, 0o755); err != nil {
					return err
				}
				return unix.Mount("small", dir, "tmpfs", 0, "size=4m,mode=755")
			}))
			t.Cleanup(func() {
				h.Stop(t)
				if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
					t.Error(err)
				}
			})
			h.Run(t)
			c := h.Dial(t)
			filler, err := os.Create(filepath.Join(dir, "filler"))
			if err != nil {
				t.Fatal(err)
			}
			defer filler.Close()
			for err == nil {
				_, err = filler.Write(make([]byte, 4096))
			}
			v := h.Tiny(t)
			v.XML = withPayload(v.XML, "openstack/latest/user_data")
			if _, err := hosttest.Create(t, c, v); err != nil {
				t.Logf("VM.create: %v", err)
			} else {
				stats := hosttest.AwaitStatus(t, c, v.ID, "Down", "Powering up", "Up")
				t.Logf("%v %v", stats["status"], stats["exitMessage"])
				if _, err := c.Request(t.Context(), "VM.destroy", map[string]any{"vmID": v.ID}); err != nil {
					t.Error(err)
				}
			}
			mustServe(t, h)
			if _, _, err := request(t, c, "Host.getStats", map[string]any{}); err != nil {
				t.Error(err)
			}
			if err := filler.Truncate(0); err != nil {
				t.Fatal(err)
			}
			hosttest.CreateUp(t, c, v)
			h.Kill()
			h.Run(t)
			hosttest.AwaitStatus(t, h.Dial(t), v.ID, "Powering up", "Up")
		})
	}
}
