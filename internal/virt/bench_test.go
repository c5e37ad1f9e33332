// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/event"
	"govdsm/internal/libvirt"
	"govdsm/internal/virt"
)

// BenchmarkGetAllVMStats answers the statistics of 500 VMs with a disk, a CD
// and an interface each, from a bulk answer recorded of a real guest.
func BenchmarkGetAllVMStats(b *testing.B) {
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
	b.Run("answer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			answer()
		}
		perVM(b, vms)
	})
	b.Run("answer and JSON", func(b *testing.B) {
		b.ReportAllocs()
		size := 0
		for b.Loop() {
			raw, err := json.Marshal(answer())
			if err != nil {
				b.Fatal(err)
			}
			size = len(raw)
		}
		perVM(b, vms)
		b.ReportMetric(float64(size)/vms, "bytes/VM")
	})
}

func perVM(b *testing.B, vms int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(vms), "ns/VM")
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
