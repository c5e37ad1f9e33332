// SPDX-License-Identifier: GPL-2.0-or-later

package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/test/hosttest"
)

// hostProgramme says how long to look.
type hostProgramme struct {
	restarts int           // of vdsmd, while libvirtd and all VMs run on
	settle   time.Duration // before memory counts
	watch    time.Duration // of doing nothing
	answers  int           // of Host.getAllVmStats
}

// BenchmarkHost measures what the agent costs a host with no VMs and with many:
// time from its start to the first answered call with libvirt and the VMs
// running already, memory, and what it does when nobody asks for anything.
func BenchmarkHost(b *testing.B) {
	for _, vms := range []int{0, number(b, "BENCH_VMS", 200)} {
		b.Run(fmt.Sprintf("vms=%d", vms), func(b *testing.B) {
			h := hosttest.Start(b)
			fill(b, h, vms)
			measureHost(b, h, vms, hostProgramme{
				restarts: number(b, "BENCH_RESTARTS", 15),
				settle:   duration(b, "BENCH_SETTLE", 30*time.Second),
				watch:    duration(b, "BENCH_WATCH", time.Minute),
				answers:  200,
			}).report(b)
		})
	}
}

func measureHost(tb testing.TB, h *hosttest.Host, vms int, p hostProgramme) figures {
	f := figures{}
	start, resident := atMost(150), atMost(40)
	if vms > 0 {
		start, resident = atMost(1000), atMost(80)
	}
	for range p.restarts {
		h.Kill()
		f.add("start-to-first-answer-ms", start, ms(firstAnswer(tb, h, vms)))
		f.add("of-it-finding-the-VMs-ms", target{}, recovery(tb, h))
	}
	time.Sleep(p.settle)
	f.memory(tb, h.PID(), resident)

	lines, used, began := logLines(tb, h), processor(tb, h.PID()), time.Now()
	time.Sleep(p.watch)
	share := float64(processor(tb, h.PID())-used) / float64(time.Since(began))
	f.add("idle-processor-%", target{}, 100*share)
	hourly := float64(logLines(tb, h)-lines) * float64(time.Hour) / float64(p.watch)
	f.add("idle-log-lines/h", atMost(100), hourly)

	if vms > 0 {
		c := h.Dial(tb)
		used := processor(tb, h.PID())
		for range p.answers {
			if _, err := api.HostGetAllVMStats.Call(tb.Context(), c, api.NoParams{}); err != nil {
				tb.Fatal(err)
			}
		}
		spent := processor(tb, h.PID()) - used
		f.add("getAllVmStats-CPU-ms", target{}, ms(spent)/float64(p.answers))
		f.memory(tb, h.PID(), target{}) // worked with, it is a little more
	}
	return f
}

// firstAnswer starts vdsmd and returns when Host.getVMList lists all VMs, with
// how long that took from the start of the process.
func firstAnswer(tb testing.TB, h *hosttest.Host, vms int) time.Duration {
	tb.Helper()
	began := time.Now()
	h.Run(tb)
	c := h.Dial(tb)
	ctx, cancel := context.WithTimeout(tb.Context(), hosttest.Patience)
	defer cancel()
	list, err := api.HostGetVMList.Call(ctx, c, api.HostGetVMListParams{})
	took := time.Since(began)
	if err != nil {
		tb.Fatal(err)
	}
	if len(list) != vms {
		tb.Fatalf("%d VMs are listed, %d run", len(list), vms)
	}
	_ = c.Close()
	return took
}

var recoveryLine = regexp.MustCompile(` ready .*recovery=(\S+)`)

// recovery is what vdsmd says of the time from when everything was built to
// when the VMs were found again, the connection to libvirt included.
func recovery(tb testing.TB, h *hosttest.Host) float64 {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join(h.Dir, "log", "vdsm", "vdsm.log"))
	if err != nil {
		tb.Fatal(err)
	}
	all := recoveryLine.FindAllSubmatch(text, -1)
	if len(all) == 0 {
		tb.Fatal("the log has no line that says ready")
	}
	d, err := time.ParseDuration(string(all[len(all)-1][1]))
	if err != nil {
		tb.Fatal(err)
	}
	return ms(d)
}
