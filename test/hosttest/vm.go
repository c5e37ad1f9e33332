// SPDX-License-Identifier: GPL-2.0-or-later

package hosttest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/client"
	"govdsm/internal/guest"
	"govdsm/internal/kvm"
	"govdsm/internal/sandbox"
)

// VM is what a test asks a host to create.
type VM struct {
	ID, Name string
	XML      string
	Console  string // file with what the guest prints; only a Guest prints
}

// Tiny describes a VM without anything to boot: it is up at once and idle.
func (h *Host) Tiny(t testing.TB) VM {
	t.Helper()
	v := h.describe(t, guest.VM{MemoryMiB: 64})
	// A guest without a kernel, which never does anything by itself.
	begin, end := strings.Index(v.XML, "<kernel>"), strings.Index(v.XML, "</cmdline>")
	v.XML = v.XML[:begin] + v.XML[end+len("</cmdline>"):]
	return v
}

// Guest describes a VM that boots a Linux. What follows "--" in cmdline is what
// it does in place of its usual program: "rdinit=/bin/busybox -- poweroff -f".
func (h *Host) Guest(t testing.TB, cmdline string) VM {
	t.Helper()
	boot, err := bootFiles()
	if err != nil {
		t.Fatal(err)
	}
	v := h.describe(t, guest.VM{MemoryMiB: 192, Kernel: boot[0], Initrd: boot[1]})
	v.XML = strings.Replace(v.XML, "</cmdline>", " "+cmdline+"</cmdline>", 1)
	return v
}

func (h *Host) describe(t testing.TB, g guest.VM) VM {
	t.Helper()
	emulator, err := kvm.Emulator()
	if err != nil {
		t.Fatal(err)
	}
	g.ID, g.Emulator = uuid.New(), emulator
	g.Name = "vm-" + g.ID.String()[:8]
	g.Console = filepath.Join(h.Dir, "lib", g.Name+".console")
	text, err := g.XML()
	if err != nil {
		t.Fatal(err)
	}
	// A display takes a port of the machine, which another libvirt on it may
	// take at the same time.
	begin, end := strings.Index(text, "<graphics"), strings.Index(text, "</graphics>")
	text = text[:begin] + text[end+len("</graphics>"):]
	return VM{ID: g.ID.String(), Name: g.Name, XML: text, Console: g.Console}
}

// bootFiles makes the guest's kernel and file system once for the test binary.
var bootFiles = sync.OnceValues(func() (boot [2]string, err error) {
	cache, err := sandbox.Cache()
	if err != nil {
		return boot, err
	}
	kernel, err := guest.Source{Cache: cache, Say: func(string) {}}.Find(context.Background())
	if err != nil {
		return boot, err
	}
	content, err := guest.Initramfs(context.Background(), kernel)
	if err != nil {
		return boot, err
	}
	dir, err := binary.temp()
	if err != nil {
		return boot, err
	}
	boot = [2]string{kernel.Image, filepath.Join(dir, "initrd")}
	return boot, os.WriteFile(boot[1], content, 0o644)
})

// Create asks for the VM as an engine does and returns the answer. The VM is
// destroyed when the test ends, if it is still there.
func Create(t testing.TB, c *client.Host, v VM) (api.VmCreated, error) {
	t.Helper()
	var created api.VmCreated
	params := map[string]any{"vmID": v.ID, "vmParams": map[string]any{"vmId": v.ID, "xml": v.XML}}
	err := c.Invoke(t.Context(), api.VMCreate.Name, params, &created)
	if err == nil {
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), Patience)
			defer cancel()
			// It may be destroyed already, or its host be gone.
			_, _ = c.Request(ctx, api.VMDestroy.Name, map[string]any{"vmID": v.ID})
		})
	}
	return created, err
}

// CreateUp creates the VM and waits until it runs.
func CreateUp(t testing.TB, c *client.Host, v VM) {
	t.Helper()
	if _, err := Create(t, c, v); err != nil {
		t.Fatal(err)
	}
	AwaitStatus(t, c, v.ID, "Powering up", "Up")
}

// Stats returns the statistics of a VM as they are on the wire.
func Stats(ctx context.Context, c *client.Host, id string) (map[string]any, error) {
	raw, err := c.Request(ctx, api.VMGetStats.Name, map[string]any{"vmID": id})
	if err != nil {
		return nil, err
	}
	var list []map[string]any
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, err
	}
	if len(list) != 1 {
		return nil, fmt.Errorf("statistics of one VM: %s", raw)
	}
	return list[0], nil
}

// AwaitStatus waits until the statistics show one of the statuses.
func AwaitStatus(t testing.TB, c *client.Host, id string, statuses ...string) map[string]any {
	t.Helper()
	var stats map[string]any
	Until(t, strings.Join(statuses, " or "), func() (err error) {
		if stats, err = Stats(t.Context(), c, id); err != nil {
			return err
		}
		if status, _ := stats["status"].(string); !slices.Contains(statuses, status) {
			if status == "Down" {
				t.Fatalf("the VM is down: %v", stats)
			}
			return fmt.Errorf("statistics are %v", stats)
		}
		return nil
	})
	return stats
}

// ExpectDown waits until the VM is Down and checks why.
func ExpectDown(t testing.TB, c *client.Host, id string, code, reason int) map[string]any {
	t.Helper()
	stats := AwaitStatus(t, c, id, "Down")
	if stats["exitCode"] != float64(code) || stats["exitReason"] != float64(reason) {
		t.Errorf("exit code %v and reason %v instead of %d and %d: %v",
			stats["exitCode"], stats["exitReason"], code, reason, stats["exitMessage"])
	}
	return stats
}

// AwaitConsole waits until the guest has printed the text.
func (v VM) AwaitConsole(t testing.TB, text string) {
	t.Helper()
	Until(t, "the guest's "+text, func() error {
		printed, err := os.ReadFile(v.Console)
		if err != nil {
			return err
		}
		if !strings.Contains(string(printed), text) {
			return fmt.Errorf("the console has %q", printed[max(0, len(printed)-400):])
		}
		return nil
	})
}
