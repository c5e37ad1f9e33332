// SPDX-License-Identifier: GPL-2.0-or-later

package bench

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/client"
	"govdsm/test/hosttest"
)

// BenchmarkSoak makes mixed calls for SOAK, a minute by default. A tenth of that
// time is for warming up; then it compares the first third of what is left with
// the last.
func BenchmarkSoak(b *testing.B) {
	h := hosttest.Start(b)
	fill(b, h, 5)
	soak(b, h, duration(b, "SOAK", time.Minute)).report(b)
}

func soak(tb testing.TB, h *hosttest.Host, length time.Duration) figures {
	ctx, cancel := context.WithTimeout(tb.Context(), length)
	defer cancel()
	var all sync.WaitGroup
	var calls atomic.Int64
	for range 4 {
		all.Go(func() {
			for ctx.Err() == nil {
				n, err := session(ctx, tb, h)
				calls.Add(int64(n))
				if err != nil && ctx.Err() == nil {
					tb.Error(err)
					return
				}
			}
		})
	}
	time.Sleep(length / 10)
	earlyGoroutines := goroutines(tb, h)
	var resident, heap []float64
	for ctx.Err() == nil {
		resident = append(resident, status(tb, h.PID(), "VmRSS"))
		heap = append(heap, h.Metric(tb, "go_memstats_alloc_bytes")/(1<<20))
		time.Sleep(length / 400)
	}
	all.Wait()
	if tb.Failed() {
		tb.FailNow()
	}
	f := figures{}
	f.add("calls", target{}, float64(calls.Load()))
	n := (len(resident) + 2) / 3
	first, last := resident[:n], resident[len(resident)-n:]
	f.add("resident-early-MiB", target{}, median(first))
	f.add("resident-growth-MiB", target{}, median(last)-median(first))
	// The least that was ever in use is what is left after a collection.
	first, last = heap[:n], heap[len(heap)-n:]
	f.add("live-heap-early-MiB", target{}, slices.Min(first))
	f.add("live-heap-growth-MiB", atMost(0.1), slices.Min(last)-slices.Min(first))
	f.add("goroutines-early", target{}, earlyGoroutines)
	f.add("goroutines-at-end", target{}, goroutines(tb, h))
	return f
}

// pause between calls leaves the machine some time for others: what grows does
// so by calls, of which there are enough.
const pause = time.Millisecond

// session is what one manager does: it connects, listens, asks for everything
// a while, asks for what does not exist, too, and leaves.
func session(ctx context.Context, tb testing.TB, h *hosttest.Host) (calls int, err error) {
	c, err := client.Dial(ctx, client.Options{Address: h.Address, TLS: h.TLS(tb)})
	if err != nil {
		return 0, err
	}
	defer c.Close()
	if _, err := c.Subscribe(ctx, client.EventQueue); err != nil {
		return 0, err
	}
	list, err := api.HostGetVMFullList.Call(ctx, c, api.HostGetVMFullListParams{})
	if err != nil {
		return 0, err
	}
	for range 50 {
		rounds := []func() error{
			func() error { _, err := api.HostPing2.Call(ctx, c, api.NoParams{}); return err },
			func() error { _, err := api.HostGetStats.Call(ctx, c, api.NoParams{}); return err },
			func() error { _, err := api.HostGetAllVMStats.Call(ctx, c, api.NoParams{}); return err },
			func() error { _, err := api.HostGetCapabilities.Call(ctx, c, api.NoParams{}); return err },
			func() error { _, err := api.HostDumpxmls.Call(ctx, c, api.HostDumpxmlsParams{}); return err },
			func() error {
				_, err := api.HostEcho.Call(ctx, c, api.HostEchoParams{Message: "hello, host"})
				return err
			},
			func() error { return refused(c.Invoke(ctx, "Host.noSuchVerb", struct{}{}, nil)) },
			func() error {
				_, err := api.VMGetStats.Call(ctx, c, api.VMGetStatsParams{VMID: "no such VM"})
				return refused(err)
			},
		}
		for _, vm := range list {
			rounds = append(rounds, func() error {
				_, err := api.VMGetStats.Call(ctx, c, api.VMGetStatsParams{VMID: vm.VMID})
				return err
			})
		}
		for _, round := range rounds {
			if err := round(); err != nil {
				return calls, err
			}
			calls++
			time.Sleep(pause)
		}
	}
	return calls, nil
}

// refused wants the host's refusal, and no other error.
func refused(err error) error {
	if _, ok := errors.AsType[*api.Error](err); ok {
		return nil
	}
	if err == nil {
		return errors.New("a call that should be refused was carried out")
	}
	return err
}
