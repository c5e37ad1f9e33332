// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/event"
	"govdsm/internal/libvirt"
	"govdsm/internal/rpc/jsonrpc"
	"govdsm/internal/rpc/stomp"
	"govdsm/internal/virt"
	"govdsm/internal/work"
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
	b.Run("call", func(b *testing.B) {
		size := 0
		wire := wireOf(table, func(reply []byte) { size = len(reply) })
		defer func() {
			if err := wire.executor.Stop(ctx); err != nil {
				b.Error(err)
			}
		}()
		costs(b, vms, wire.call)
		b.ReportMetric(float64(size)/vms, "JSON-bytes/VM")
		b.ReportMetric(5, "CPU-ms:most")
	})
}

// wire is what a call goes through on its way from a client and back, the
// network excepted.
type wire struct {
	server   *jsonrpc.Server
	executor *work.Executor
	replied  chan struct{}
}

func wireOf(table *dispatch.Table, reply func(body []byte)) *wire {
	w := &wire{
		executor: work.New(work.Options{Name: "jsonrpc", Log: slog.New(slog.DiscardHandler)}),
		replied:  make(chan struct{}, 1),
	}
	w.server = jsonrpc.New(jsonrpc.Options{
		Table: table, Executor: w.executor, Log: slog.New(slog.DiscardHandler),
		Publish: func(_ string, body []byte) {
			reply(body)
			w.replied <- struct{}{}
		},
	})
	w.server.SetReady(true)
	return w
}

func (w *wire) call() {
	w.server.Handle(context.Background(), stomp.Request{
		Body:    []byte(`{"jsonrpc": "2.0", "method": "Host.getAllVmStats", "id": "1", "params": {}}`),
		ReplyTo: "replies",
	})
	<-w.replied
}

// costs measures an answer for all VMs, as a whole and by VM. The processor's
// time is that of the whole process, garbage collection included.
func costs(b *testing.B, vms int, answer func()) {
	b.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	used := processorTime(b)
	for b.Loop() {
		answer()
	}
	used, n := processorTime(b)-used, float64(b.N)
	runtime.ReadMemStats(&after)
	b.ReportMetric(0, "ns/op") // in favour of the next
	b.ReportMetric(used.Seconds()*1000/n, "CPU-ms")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/n/float64(vms), "allocated-bytes/VM")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/n/float64(vms), "allocations/VM")
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
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
