// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/event"
	"govdsm/internal/libvirt"
	"govdsm/internal/virt"
)

// BenchmarkAllVMStats answers the statistics of 500 VMs with a disk, a CD
// and an interface each, from a bulk answer recorded of a real guest.
func BenchmarkAllVMStats(b *testing.B) {
	const vms = 500
	raw, err := os.ReadFile(filepath.Join("testdata", "bulk.json"))
	if err != nil {
		b.Fatal(err)
	}
	var recorded libvirt.Stats
	if err := json.Unmarshal(raw, &recorded); err != nil {
		b.Fatal(err)
	}
	definition, err := os.ReadFile(filepath.Join("testdata", "running.xml"))
	if err != nil {
		b.Fatal(err)
	}
	f := newFake()
	for range vms {
		id := uuid.NewString()
		stats := recorded
		stats.VM = id
		f.stats = append(f.stats, stats)
		f.domains[id] = &fakeDomain{
			name: id, xml: fmt.Sprintf(string(definition), id), status: libvirt.Status{State: libvirt.StateRunning},
		}
	}
	m := virt.New(virt.Options{Libvirt: f, Events: event.NewBus(), SampleInterval: 2 * time.Second})
	table := dispatch.NewTable(dispatch.Checker{})
	m.Bind(table)
	ctx, cancel := contextOf(b)
	done := make(chan error)
	go func() { done <- m.Run(ctx) }()
	defer func() { cancel(); <-done }()
	<-m.Ready()
	handler, err := table.Lookup(api.HostGetAllVMStats.Name)
	if err != nil {
		b.Fatal(err)
	}
	answer := func() any {
		list, err := table.Call(ctx, handler, nil)
		if err != nil {
			b.Fatal(err)
		}
		return list
	}
	for !sampledTwice(b, answer()) {
		time.Sleep(20 * time.Millisecond)
	}
	b.Run("answer", func(b *testing.B) { costs(b, vms, func() { answer() }) })
	b.Run("answer-and-JSON", func(b *testing.B) {
		size := 0
		costs(b, vms, func() {
			raw, err := json.Marshal(answer())
			if err != nil {
				b.Fatal(err)
			}
			size = len(raw)
		})
		b.ReportMetric(float64(size)/vms, "JSON-bytes/VM")
		b.ReportMetric(5, "ms:most")
	})
}

// costs measures an answer for all VMs, as a whole and by VM. It is one
// goroutine's work, so its time is the processor's.
func costs(b *testing.B, vms int, answer func()) {
	b.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		answer()
	}
	took, n := b.Elapsed(), float64(b.N)
	runtime.ReadMemStats(&after)
	b.ReportMetric(0, "ns/op") // in favour of the next
	b.ReportMetric(took.Seconds()*1000/n, "ms")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/n/float64(vms), "allocated-bytes/VM")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/n/float64(vms), "allocations/VM")
}

func sampledTwice(b *testing.B, list any) bool {
	stats := list.([]api.VmStats)
	r, ok := stats[0].Value.(*api.RunningVmStats)
	if !ok {
		b.Fatalf("statistics are %T", stats[0].Value)
	}
	return r.CPUActual && len(r.Disks) > 0
}

func contextOf(b *testing.B) (context.Context, context.CancelFunc) {
	return context.WithCancel(context.WithoutCancel(b.Context()))
}
