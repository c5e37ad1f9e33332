// SPDX-License-Identifier: GPL-2.0-or-later

package bench

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/client"
	"govdsm/test/hosttest"
)

// BenchmarkSoak makes mixed calls for SOAK, a minute by default, and compares
// the agent's memory and goroutines after a tenth of that time with those at
// the end.
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
	early, earlyGoroutines := status(tb, h.PID(), "VmRSS"), goroutines(tb, h)
	all.Wait()
	if tb.Failed() {
		tb.FailNow()
	}
	f := figures{}
	f.add("calls", target{}, float64(calls.Load()))
	f.add("resident-early-MiB", target{}, early)
	f.add("resident-at-end-MiB", target{}, status(tb, h.PID(), "VmRSS"))
	f.add("goroutines-early", target{}, earlyGoroutines)
	f.add("goroutines-at-end", target{}, goroutines(tb, h))
	return f
}

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
