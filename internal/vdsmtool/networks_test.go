// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmtool

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"govdsm/internal/network/drift"
	"govdsm/internal/network/restore"
	"govdsm/internal/privileged"
	"govdsm/internal/supervdsm"
	"govdsm/lab"
)

// onHost runs the body in an empty network with two cards, below a root of its
// own.
func onHost(t *testing.T, body func(t *testing.T, root string)) {
	t.Helper()
	lab.Needs(t, lab.Bridge, lab.Veth).Run(func(t *testing.T) {
		script(t, `ip link add veth_0 type veth peer name peer0
			ip link add veth_1 type veth peer name peer1
			ip link set peer0 up; ip link set peer1 up`)
		root := t.TempDir()
		write(t, root, "etc/resolv.conf", "nameserver 192.0.2.53\n")
		write(t, root, "etc/vdsm/vdsm.conf", "")
		body(t, root)
	})
}

func script(t *testing.T, text string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "sh", "-ec", text).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

func save(t *testing.T, root, name, text string) {
	t.Helper()
	write(t, root, "var/lib/vdsm/persistence/netconf/nets/"+name, text)
}

const (
	savedBlue = `{"nic": "veth_0", "bridged": true, "stp": false, "mtu": 1500, "bootproto": "none", "dhcpv6": false,
		"ipv6autoconf": false, "defaultRoute": true, "switch": "legacy", "nameservers": ["192.0.2.53"],
		"ipaddr": "192.0.2.10", "netmask": "255.255.255.0", "gateway": "192.0.2.1"}`
	savedRed = `{"nic": "veth_1", "bridged": true, "stp": false, "mtu": 1400, "bootproto": "none", "dhcpv6": false,
		"ipv6autoconf": false, "defaultRoute": false, "switch": "legacy", "nameservers": []}`
	savedLost = `{"nic": "veth_9", "bridged": true, "stp": false, "mtu": 1500, "bootproto": "none", "dhcpv6": false,
		"ipv6autoconf": false, "defaultRoute": false, "switch": "legacy", "nameservers": []}`
)

// must runs a command that succeeds and returns what it prints.
func must(t *testing.T, root string, args ...string) string {
	t.Helper()
	code, stdout, stderr := run(t, root, args...)
	if code != 0 {
		t.Fatalf("%v: exit code %d\n%s\n%s", args, code, stdout, stderr)
	}
	return stdout
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
}

func TestRestoreStatusListClear(t *testing.T) {
	onHost(t, func(t *testing.T, root string) {
		save(t, root, "blue", savedBlue)
		save(t, root, "red", savedRed)
		save(t, root, "lost", savedLost)
		code, _, _ := run(t, root, "network", "status")
		if code != 1 {
			t.Errorf("status before anything was restored: exit code %d", code)
		}
		var report restore.Report
		if err := json.Unmarshal([]byte(must(t, root, "restore-nets", "--wait", "100ms", "--output", "json")), &report); err != nil {
			t.Fatal(err)
		}
		if len(report.Done) != 2 || report.Done[0] != "network blue" || len(report.Failed) != 1 || report.Failed[0].What != "network lost" {
			t.Errorf("report: %+v", report)
		}
		contains(t, must(t, root, "restore-nets"), "--force")
		contains(t, must(t, root, "restore-nets", "--force", "--wait", "0s"), "2 as saved, 0 restored", "NOT restored: network lost: its card veth_9")
		if got := must(t, root, "list-nets"); got != "blue (default route)\nred\n" {
			t.Errorf("list-nets: %q", got)
		}
		code, stdout, _ := run(t, root, "network", "status")
		if code != 1 {
			t.Errorf("status with a lost network: exit code %d", code)
		}
		contains(t, stdout, "The kernel has what was set up.", "network lost is missing")

		if err := os.Remove(filepath.Join(root, "var/lib/vdsm/persistence/netconf/nets/lost")); err != nil {
			t.Fatal(err)
		}
		contains(t, must(t, root, "network", "status"), "The kernel has what was set up.", "The next boot restores what was set up.")
		script(t, "ip link set blue mtu 1300; ip addr del 192.0.2.10/24 dev blue")
		code, stdout, _ = run(t, root, "network", "status", "--output", "json")
		var status drift.Status
		if err := json.Unmarshal([]byte(stdout), &status); err != nil || code != 1 {
			t.Fatalf("exit code %d, %v: %s", code, err, stdout)
		}
		if len(status.Kernel) != 1 || status.Kernel[0].Name != "blue" || len(status.Boot) != 0 {
			t.Errorf("status: %+v", status)
		}
		contains(t, stdout, "mtu: 1300, should be 1500", "ipaddr: none, should be 192.0.2.10")
		contains(t, must(t, root, "restore-nets", "--force"), "restored: network blue")
		must(t, root, "network", "status")

		must(t, root, "clear-nets", "--exclude-net", "blue")
		if got := must(t, root, "list-nets"); got != "blue (default route)\n" {
			t.Errorf("list-nets: %q", got)
		}
		if _, err := os.Stat(filepath.Join(root, "var/lib/vdsm/persistence/netconf/nets/red")); err == nil {
			t.Error("red will come back at the next boot")
		}
		must(t, root, "clear-nets", "--all")
		if got := must(t, root, "list-nets"); got != "" {
			t.Errorf("list-nets: %q", got)
		}
		if code, _, stderr := run(t, root, "clear-nets"); code != 2 || !strings.Contains(stderr, "--all") {
			t.Errorf("clear-nets without a choice: %d, %s", code, stderr)
		}
	})
}

// Where supervdsmd runs, it is the one who changes networks.
func TestThroughSupervdsmd(t *testing.T) {
	onHost(t, func(t *testing.T, root string) {
		save(t, root, "blue", savedBlue)
		save(t, root, "red", savedRed)
		socket := filepath.Join(root, supervdsm.DefaultSocket)
		if err := os.MkdirAll(filepath.Dir(socket), 0o755); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		log := filepath.Join(root, "supervdsm.log")
		go func() {
			ended <- supervdsm.Run(ctx, supervdsm.Options{
				Socket: socket, Log: log, AllowUIDs: []uint32{0}, State: filepath.Join(root, supervdsm.DefaultState), Root: root,
			})
		}()
		defer func() {
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}()
		client := privileged.NewClient(socket)
		defer client.Close()
		for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
			if _, err := privileged.Call(ctx, client, privileged.Ping, nil); err == nil {
				break
			} else if time.Now().After(end) {
				t.Fatal(err)
			}
		}
		contains(t, must(t, root, "restore-nets"), "restored: network blue", "2 restored")
		contains(t, script(t, "ip -br addr show dev blue"), "192.0.2.10/24")
		must(t, root, "clear-nets", "-e", "nothing")
		for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) { // the log is written by and by
			text, err := os.ReadFile(log)
			if err == nil && strings.Count(string(text), "op=network_apply") >= 3 && strings.Contains(string(text), "op=network_save") {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("supervdsmd did not do it: %v\n%s", err, text)
			}
		}
	})
}

func TestPlan(t *testing.T) {
	onHost(t, func(t *testing.T, root string) {
		save(t, root, "red", savedRed)
		must(t, root, "restore-nets")
		// Carriers and IPv6 addresses still settle by themselves.
		state := `cd /sys/class/net; for i in *; do echo $i $(cat $i/mtu $i/address $i/flags) $(readlink $i/master); done
			cat /proc/sys/net/ipv6/conf/*/disable_ipv6; ip -4 -o addr; ip -4 route show table all | sed 's/ linkdown//'; ip rule; find ` + root + ` -type f | xargs md5sum`
		before := script(t, state)
		request := filepath.Join(t.TempDir(), "request")
		plan := func(text string, args ...string) (int, string, string) {
			t.Helper()
			if err := os.WriteFile(request, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return run(t, root, append([]string{"network", "plan", request}, args...)...)
		}
		change := `{"networks": {"red": {"remove": true}, "blue": ` + savedBlue + `}}`
		code, stdout, stderr := plan(change)
		if code != 0 {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		contains(t, stdout, "+ blue: linux-bridge", "- red: linux-bridge", "+ route 0.0.0.0/0 via 192.0.2.1 dev blue", "create bridge blue", "steps:")
		code, stdout, stderr = plan(change, "--output", "json")
		var document struct {
			Changes  []struct{ Sign, What string }
			Steps    []string
			Document struct{ Interfaces []any }
		}
		if err := json.Unmarshal([]byte(stdout), &document); err != nil || code != 0 {
			t.Fatalf("exit code %d, %v: %s", code, err, stderr)
		}
		if len(document.Changes) < 4 || len(document.Steps) < 4 || len(document.Document.Interfaces) < 3 {
			t.Errorf("plan: %+v", document)
		}
		if code, stdout, _ := plan(`{"networks": {"red": ` + savedRed + `}}`); code != 0 || stdout != "nothing would change\n" {
			t.Errorf("the same again: exit code %d, %s", code, stdout)
		}
		for text, want := range map[string]string{
			`{"networks": {"blue": {"nic": "nope"}}}`: "nope",
			`{"networks": {"blue": {"nic": "veth_0"}`: "unexpected end",
			`[]`:                "cannot unmarshal",
			`{"networks": "x"}`: "cannot unmarshal string",
			`{"networks": {"a/b": {"nic": "veth_0"}}}`:          "a/b",
			`{"networks": {"red": {"remove": true, "mtu": 9}}}`: "when removing",
		} {
			if code, stdout, stderr := plan(text); code != 1 || stdout != "" || !strings.Contains(stderr, want) {
				t.Errorf("%s: exit code %d, %q, %q", text, code, stdout, stderr)
			}
		}
		var out, errs bytes.Buffer
		if code := Run(t.Context(), []string{"--root", root, "network", "plan", "/nonexistent"}, &out, &errs); code != 1 {
			t.Errorf("a missing file: exit code %d", code)
		}
		if after := script(t, state); after != before {
			t.Errorf("something was changed:\n%s\nbefore:\n%s", after, before)
		}
	})
}
