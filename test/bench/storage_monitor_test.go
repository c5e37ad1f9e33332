// SPDX-License-Identifier: GPL-2.0-or-later

package bench

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/procfs"

	"govdsm/test/hosttest"
)

// BenchmarkStorageMonitor measures the processor's time of vdsmd and its I/O
// helpers while they watch the domains of a pool at the usual interval and
// nobody asks for anything.
func BenchmarkStorageMonitor(b *testing.B) {
	domains := number(b, "BENCH_DOMAINS", 50)
	monitorDomains(b, newDataCentre(b, domains), duration(b, "BENCH_WATCH", time.Minute)).report(b)
}

func monitorDomains(tb testing.TB, d *dataCentre, watch time.Duration) figures {
	d.awaitWatched()
	before, began := d.usage(), time.Now()
	time.Sleep(watch)
	took, after := time.Since(began), d.usage()
	vdsmd := after[d.h.PID()] - before[d.h.PID()]
	sum := time.Duration(0)
	for pid, used := range after {
		sum += used - before[pid] // a new one has used all of it meanwhile
	}
	f := figures{}
	f.add("processor-%", atMost(1), 100*float64(sum)/float64(took))
	f.add("of-it-vdsmd-%", target{}, 100*float64(vdsmd)/float64(took))
	f.add("helpers", target{}, float64(len(after)-1))
	if len(after) <= len(d.domains) {
		tb.Errorf("%d helpers watch %d domains", len(after)-1, len(d.domains))
	}
	return f
}

// awaitWatched waits until all domains have been found to be well.
func (d *dataCentre) awaitWatched() {
	d.tb.Helper()
	for deadline := time.Now().Add(hosttest.Patience); ; time.Sleep(100 * time.Millisecond) {
		var stats struct {
			StorageDomains map[string]struct{ Valid, Actual bool } `json:"storageDomains"`
		}
		must(d.tb, json.Unmarshal(d.call("Host.getStats", nil), &stats))
		well := 0
		for _, s := range stats.StorageDomains {
			if s.Valid && s.Actual {
				well++
			}
		}
		if well == len(d.domains) {
			return
		}
		if time.Now().After(deadline) {
			d.tb.Fatalf("%d of %d domains are well", well, len(d.domains))
		}
	}
}

// usage is what vdsmd and its helpers have used, by their ids. Threads that
// have ended count, unlike in the nanoseconds of their schedstat.
func (d *dataCentre) usage() map[int]time.Duration {
	d.tb.Helper()
	used := map[int]time.Duration{}
	for _, pid := range append(d.helpers(), d.h.PID()) {
		p, err := procfs.NewProc(pid)
		must(d.tb, err)
		stat, err := p.Stat()
		must(d.tb, err)
		used[pid] = time.Duration(stat.CPUTime() * float64(time.Second))
	}
	return used
}

// helpers returns the processes that do I/O for vdsmd.
func (d *dataCentre) helpers() (pids []int) {
	lists, err := filepath.Glob("/proc/" + strconv.Itoa(d.h.PID()) + "/task/*/children")
	must(d.tb, err)
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue // the thread has ended
		}
		for word := range strings.FieldsSeq(string(text)) {
			pid, err := strconv.Atoi(word)
			must(d.tb, err)
			if cmdline, err := os.ReadFile("/proc/" + word + "/cmdline"); err == nil && strings.HasPrefix(string(cmdline), "vdsm-io") {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}
