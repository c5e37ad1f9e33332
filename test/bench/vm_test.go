// SPDX-License-Identifier: GPL-2.0-or-later

package bench

import (
	"context"
	_ "embed"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"text/template"
	"time"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/client"
	"govdsm/internal/kvm"
	"govdsm/test/hosttest"
)

//go:embed testdata/vm.xml
var vmText string

// document is a small VM with a disk, an interface, a display and a channel,
// whose processors stay stopped: QEMU runs and costs nothing.
func document(tb testing.TB, h *hosttest.Host, id, name string) string {
	tb.Helper()
	emulator, err := kvm.Emulator()
	if err != nil {
		tb.Fatal(err)
	}
	disk := filepath.Join(h.Dir, name+".raw")
	if err := os.WriteFile(disk, make([]byte, 1<<20), 0o644); err != nil {
		tb.Fatal(err)
	}
	var out strings.Builder
	err = template.Must(template.New("vm").Parse(vmText)).Execute(&out, map[string]string{
		"ID": id, "Name": name, "Emulator": emulator, "Disk": disk, "Arch": kvm.Processor(),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return out.String()
}

// create asks for a VM as an engine does, and returns when QEMU is being
// started.
func create(ctx context.Context, c *client.Host, id, xml string) error {
	var created json.RawMessage
	return c.Invoke(ctx, api.VMCreate.Name,
		map[string]any{"vmID": id, "vmParams": map[string]any{"vmId": id, "xml": xml}}, &created)
}

// fill starts VMs and waits until all of them run.
func fill(tb testing.TB, h *hosttest.Host, n int) {
	tb.Helper()
	c := h.Dial(tb)
	limit := hosttest.Patience + time.Duration(n)*5*time.Second
	ctx, cancel := context.WithTimeout(tb.Context(), limit)
	defer cancel()
	var all sync.WaitGroup
	for range n {
		id := uuid.NewString()
		xml := document(tb, h, id, "bench-"+id[:8])
		all.Go(func() {
			if err := create(ctx, c, id, xml); err != nil {
				tb.Error(err)
			}
		})
	}
	all.Wait()
	for paused := -1; paused != n; {
		list, err := api.HostGetVMFullList.Call(ctx, c, api.HostGetVMFullListParams{})
		if err != nil {
			tb.Fatal(err)
		}
		paused = 0
		for _, vm := range list {
			switch vm.Status {
			case api.VmStatusPaused:
				paused++
			case api.VmStatusDown:
				tb.Fatalf("VM %s did not start", vm.VMID)
			}
		}
		time.Sleep(50 * time.Millisecond) // not to be in its way
	}
}
