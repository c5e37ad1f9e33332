// SPDX-License-Identifier: GPL-2.0-or-later

package host_test

import (
	"context"
	"encoding/json"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"govdsm/internal/host"
	"govdsm/internal/host/hosttest"
)

// run starts the host's sampler and ends it with the test.
func run(t *testing.T, h *host.Host) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

// later is what the host of el9.txtar shows 10 s after its first sample, when
// one thread was switched off and another one on.
const later = `-- proc/stat --
cpu  1900 350 1200 95000 10 5 5 0 0 0
cpu0 600 10 150 9000 0 0 0 0 0 0
cpu1 101 10 51 10000 0 0 0 0 0 0
cpu2 90 0 0 0 0 0 0 0 0 0
cpu3 1103 10 53 9000 0 0 0 0 0 0
cpu7 1 1 1 9000 0 0 0 0 0 0
btime 1795343089
-- proc/self/stat --
77 (vdsmd) S 1 1 1 0 -1 4194304 1 0 0 0 750 225 0 0 20 0 9 0 100 1000 10 1
-- proc/55/stat --
55 (ksmd) S 2 0 0 0 -1 2097216 0 0 0 0 0 525 0 0 25 5 1 0 1 0 0 1
`

func TestStatsOfHosts(t *testing.T) {
	for _, name := range []string{"debian", "el9", "node", "container"} {
		t.Run(name, func(t *testing.T) {
			o := fixture(t, name)
			o.SampleInterval = 10 * time.Second
			synctest.Test(t, func(t *testing.T) {
				h := newHost(t, o)
				run(t, h)
				time.Sleep(2 * time.Second) // two samples, 1 s apart
				synctest.Wait()
				if name == "el9" {
					hosttest.Add(t, o.Root, later)
				}
				time.Sleep(10 * time.Second)
				synctest.Wait()
				got := object(t, statsOf(t, h))
				if name != "container" { // whose real file system it is does not matter
					for path, free := range got["diskStats"].(map[string]any) {
						text := free.(map[string]any)["free"].(string)
						if !regexp.MustCompile(`^[0-9]+$`).MatchString(text) {
							t.Errorf("%s has %q MiB free", path, text)
						}
						free.(map[string]any)["free"] = "100"
					}
				}
				golden(t, name+".stats.json", got)
			})
		})
	}
}

func TestStatsHaveTheShapeOfTheOriginal(t *testing.T) {
	o := fixture(t, "debian")
	o.RunDir = "/run/"
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t, o)
		run(t, h)
		time.Sleep(time.Minute)
		synctest.Wait()
		got := object(t, statsOf(t, h))
		want := captured(t, "cli-Host.getStats.json")
		compareShape(t, got, want, nil)
		shape := func(path ...string) (g, w map[string]any) {
			g, w = got, want
			for _, p := range path {
				g, w = g[p].(map[string]any), w[p].(map[string]any)
			}
			return g, w
		}
		for _, path := range [][]string{
			{"cpuStatistics", "0"}, {"diskStats"}, {"diskStats", "/tmp"}, {"haStats"}, {"hugepages"},
			{"hugepages", "2048"}, {"network", "eth0"}, {"numaNodeMemFree", "0"},
			{"numaNodeMemFree", "0", "hugepages"}, {"numaNodeMemFree", "0", "hugepages", "2048"},
		} {
			g, w := shape(path...)
			compareShape(t, g, w, nil)
		}
		// The kernel itself tells what the original asks MOM for.
		extra := map[string]bool{"ksmState": true, "ksmPages": true, "ksmMergeAcrossNodes": true, "memShared": true}
		for key := range got {
			if _, known := want[key]; !known && !extra[key] {
				t.Errorf("%s is unknown to the original", key)
			}
		}
		format := func(key, pattern string) {
			if text, _ := got[key].(string); !regexp.MustCompile(pattern).MatchString(text) {
				t.Errorf("%s is %q, not %s", key, text, pattern)
			}
		}
		for _, key := range []string{"cpuUser", "cpuSys", "cpuIdle", "cpuUserVdsmd", "cpuSysVdsmd", "elapsedTime"} {
			format(key, `^[0-9]+\.[0-9]{2}$`)
		}
		for _, key := range []string{"memUsed", "anonHugePages", "bootTime", "rxDropped", "txDropped"} {
			format(key, `^[0-9]+$`)
		}
		format("dateTime", `^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-9:]{8} GMT$`)
	})
}

func TestStatsBeforeSamplesSayWhatIsKnown(t *testing.T) {
	t.Parallel()
	o := fixture(t, "debian")
	o.Network = nil
	got := object(t, statsOf(t, newHost(t, o)))
	for _, key := range []string{"cpuUser", "cpuIdle", "memFree", "network", "cpuLoad", "bootTime"} {
		if v, there := got[key]; there {
			t.Errorf("%s is %v before anything was looked at", key, v)
		}
	}
	for _, key := range []string{"vmCount", "dateTime", "elapsedTime", "momStatus", "haStats", "storageDomains", "v2vJobs", "multipathHealth"} {
		if _, there := got[key]; !there {
			t.Errorf("%s is missing", key)
		}
	}
}

func TestStatsAfterTheFirstSampleHaveNoRates(t *testing.T) {
	o := fixture(t, "debian")
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t, o)
		run(t, h)
		synctest.Wait()
		stats := statsOf(t, h)
		if stats.CPUUser != "" || stats.CPUStatistics != nil || stats.MemFree == nil || stats.CPULoad != "0.58" {
			t.Errorf("user %q, processors %v, free %v, load %q", stats.CPUUser, stats.CPUStatistics, stats.MemFree, stats.CPULoad)
		}
	})
}

type counted host.VMCounts

func (c counted) Counts() host.VMCounts { return host.VMCounts(c) }

func TestStatsCountVMs(t *testing.T) {
	t.Parallel()
	o := fixture(t, "debian")
	o.VMs = counted{All: 9, Active: 4, Incoming: 2, Outgoing: 1}
	s := statsOf(t, newHost(t, o))
	if s.VMCount != 9 || s.VMActive != 4 || s.VMMigrating != 3 || s.IncomingVMMigrations != 2 || s.OutgoingVMMigrations != 1 {
		t.Errorf("%+v", s)
	}
}

func TestStatsReadNoFile(t *testing.T) {
	o := fixture(t, "el9")
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t, o)
		run(t, h)
		time.Sleep(20 * time.Second)
		synctest.Wait()
		before := statsOf(t, h)
		hosttest.Add(t, o.Root, later)
		if after := statsOf(t, h); after.CPUUser != before.CPUUser || after.MemUsed != before.MemUsed {
			t.Error("statistics changed between samples")
		}
		if n := testing.AllocsPerRun(100, func() { statsOf(t, h) }); n > 20 {
			t.Errorf("%v allocations for statistics that are there already", n)
		}
	})
}

func TestStatsOfThisMachine(t *testing.T) {
	t.Parallel()
	h := newHost(t, host.Options{Log: discard(), MOMSocket: t.TempDir() + "/mom.sock"})
	run(t, h)
	deadline := time.Now().Add(time.Minute)
	for statsOf(t, h).CPUUser == "" {
		if time.Now().After(deadline) {
			t.Fatal("no rates after a minute")
		}
		time.Sleep(50 * time.Millisecond)
	}
	s := statsOf(t, h)
	if *s.MemFree <= 0 || s.CPUUserVdsmd == "" || len(s.CPUStatistics) == 0 || len(s.NUMANodeMemFree) == 0 {
		t.Errorf("free %d, own %q, processors %v, nodes %v", *s.MemFree, s.CPUUserVdsmd, s.CPUStatistics, s.NUMANodeMemFree)
	}
}

// BenchmarkStats measures what Host.getStats costs, the answer's JSON included.
func BenchmarkStats(b *testing.B) {
	h := newHost(b, fixture(b, "el9"))
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.Run(ctx)
	}()
	for statsOf(b, h).MemFree == nil {
		time.Sleep(time.Millisecond)
	}
	for b.Loop() {
		if _, err := json.Marshal(statsOf(b, h)); err != nil {
			b.Fatal(err)
		}
	}
	cancel()
	<-done
}
