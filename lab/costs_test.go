// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// BenchmarkCosts measures the figures of docs/lab.md; it takes -benchtime 1x.
func BenchmarkCosts(b *testing.B) {
	if !Enabled() {
		b.Skip("boots hosts: set GOVDSM_LAB=1")
	}
	if _, err := theKit(); err != nil { // not what is measured
		b.Fatal(err)
	}
	average := func(name string, n int, do func()) {
		begin := time.Now()
		for range n {
			do()
		}
		b.ReportMetric(time.Since(begin).Seconds()/float64(n), "s/"+name)
	}
	average("boot", 3, func() { closeLab(b, openLab(b, "one")) })
	average("boot-of-two", 3, func() { closeLab(b, openLab(b, "one", "two")) })

	l := openLab(b, "one")
	defer closeLab(b, l)
	h := l.Host("one")
	b.ReportMetric(residentMiB(b, h), "MiB/host")
	average("command", 20, func() { h.Run(b, "true") })
	average("file", 20, func() { h.Put(b, "/run/file", "content") })
	average("restart", 2, func() {
		if err := h.Restart(b.Context()); err != nil {
			b.Fatal(err)
		}
	})
	average("clean-place", 10, func() {
		place, leave, err := h.clean(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		place.Run(b, "true")
		if err := leave(b.Context()); err != nil {
			b.Fatal(err)
		}
	})
}

func openLab(b *testing.B, names ...string) *Lab {
	b.Helper()
	var specs []Spec
	for _, name := range names {
		specs = append(specs, Spec{Name: name})
	}
	l, err := Open(b.Context(), specs...)
	if err != nil {
		b.Fatal(err)
	}
	return l
}

func closeLab(b *testing.B, l *Lab) {
	b.Helper()
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
}

// residentMiB is the memory that the host's QEMU takes of the machine.
func residentMiB(b *testing.B, h *Host) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.machine.process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	var kib float64
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		b.Fatal(err)
	}
	return kib / 1024
}
