// SPDX-License-Identifier: GPL-2.0-or-later

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/client"
	"govdsm/internal/guest"
	"govdsm/internal/kvm"
	"govdsm/internal/pki"
	"govdsm/internal/sandbox"
)

const callLimit = time.Minute

// host is the connection to the agent.
type host struct{ *client.Host }

func dial(ctx context.Context, a *agent) (*host, error) {
	identity, err := pki.Open(pki.At(a.pki()), slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	h, err := client.Dial(ctx, client.Options{Address: a.address, TLS: identity.Client(), Reconnect: true})
	if err != nil {
		return nil, err
	}
	return &host{h}, nil
}

// vm is the one we create.
type vm struct{ id, name, console string }

// create makes the guest and has the host start it.
func create(ctx context.Context, h *host, dir string, memory int, s *screen) (vm, error) {
	cache, err := sandbox.Cache()
	if err != nil {
		return vm{}, err
	}
	emulator, err := kvm.Emulator()
	if err != nil {
		return vm{}, err
	}
	accelerated := kvm.Cached(ctx, emulator, filepath.Join(cache, "kvm.json"))
	if accelerated.Usable {
		s.step("KVM works here")
	} else {
		s.step("no KVM: %s; the VM is emulated, slower and just as real", accelerated.Reason)
	}
	kernel, err := guest.Source{Cache: cache, Say: func(text string) { s.step("%s", text) }}.Find(ctx)
	if err != nil {
		return vm{}, err
	}
	lib := filepath.Join(sandbox.Layout{Dir: dir}.Lib(), "demo")
	initrd, err := writeInitramfs(ctx, kernel, lib)
	if err != nil {
		return vm{}, err
	}
	id := uuid.New()
	v := vm{id: id.String(), name: "demo", console: filepath.Join(lib, "console")}
	xml, err := guest.VM{
		ID: id, Name: v.name, Emulator: emulator, KVM: accelerated.Usable, MemoryMiB: memory,
		Kernel: kernel.Image, Initrd: initrd, Console: v.console,
	}.XML()
	if err != nil {
		return vm{}, err
	}
	s.step("VM.create %s: Linux %s, %d MiB", v.name, kernel.Release, memory)
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	// As an engine sends it: the declared vmParams have members that no
	// manager has filled in for years.
	params := map[string]any{"vmID": v.id, "vmParams": map[string]any{"vmId": v.id, "xml": xml}}
	var created json.RawMessage
	return v, h.Invoke(ctx, api.VMCreate.Name, params, &created)
}

func writeInitramfs(ctx context.Context, kernel guest.Kernel, dir string) (string, error) {
	content, err := guest.Initramfs(ctx, kernel)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	file := filepath.Join(dir, "initrd")
	return file, os.WriteFile(file, content, 0o644)
}

// row is what the table says about one VM.
type row struct {
	id, name, status, cpu, memory, uptime, console string

	exit   string // why it is down
	failed bool   // and that it should not be
}

// rows asks for the statistics of all VMs.
func (h *host) rows(ctx context.Context, ours vm) ([]row, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	all, err := api.HostGetAllVMStats.Call(ctx, h, api.NoParams{})
	if err != nil {
		return nil, err
	}
	rows := make([]row, 0, len(all))
	for _, stats := range all {
		// Both alternatives have what is read here; what a VM that is down has
		// not is empty.
		var s struct {
			VMID        string `json:"vmId"`
			VMName      string `json:"vmName"`
			Status      string `json:"status"`
			ExitMessage string `json:"exitMessage"`
			ExitCode    int    `json:"exitCode"`
			CPUUser     string `json:"cpuUser"`
			CPUSys      string `json:"cpuSys"`
			MemUsage    string `json:"memUsage"`
			ElapsedTime string `json:"elapsedTime"`
		}
		if err := stats.As(&s); err != nil {
			return nil, err
		}
		r := row{
			id: s.VMID, name: s.VMName, status: s.Status, exit: s.ExitMessage, failed: s.ExitCode != 0,
			cpu: sum(s.CPUUser, s.CPUSys), memory: s.MemUsage, uptime: elapsed(s.ElapsedTime),
		}
		if s.VMID == ours.id {
			r.name, r.console = ours.name, lastLine(ours.console)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// sum adds shares of a processor; the wire has them as text.
func sum(shares ...string) string {
	total := 0.0
	for _, share := range shares {
		var value float64
		if _, err := fmt.Sscan(strings.TrimSpace(share), &value); err != nil {
			return "" // not known yet
		}
		total += value
	}
	return fmt.Sprintf("%.0f", total)
}

func elapsed(seconds string) string {
	d, err := time.ParseDuration(seconds + "s")
	if err != nil {
		return ""
	}
	return d.Round(time.Second).String()
}
