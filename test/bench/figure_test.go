// SPDX-License-Identifier: GPL-2.0-or-later

package bench

import (
	"os"
	"slices"
	"strconv"
	"testing"
	"time"
)

// figures collects what a programme measures.
type figures map[string]*figure

// figure is one line of the table. The name ends with the unit: "start-ms".
type figure struct {
	samples []float64
	target  target
}

// target is what the figure should be; the zero value is none.
type target struct {
	kind  string // "most" or "least"
	value float64
}

func atMost(v float64) target  { return target{"most", v} }
func atLeast(v float64) target { return target{"least", v} }

// add adds samples to a figure.
func (f figures) add(name string, t target, samples ...float64) {
	if f[name] == nil {
		f[name] = &figure{target: t}
	}
	f[name].samples = append(f[name].samples, samples...)
}

// report hands the figures to the benchmark, in the form that hack/benchtable
// reads: NAME is the median, NAME:min and NAME:max the spread where there are
// several samples, NAME:most or NAME:least the target.
func (f figures) report(b *testing.B) {
	for name, g := range f {
		b.ReportMetric(median(g.samples), name)
		if len(g.samples) > 1 {
			b.ReportMetric(slices.Min(g.samples), name+":min")
			b.ReportMetric(slices.Max(g.samples), name+":max")
		}
		if g.target.kind != "" {
			b.ReportMetric(g.target.value, name+":"+g.target.kind)
		}
	}
	b.ReportMetric(0, "ns/op") // says nothing here, and zero leaves it out
}

// median of at least one sample; of two in the middle it is the greater one.
func median(samples []float64) float64 {
	return slices.Sorted(slices.Values(samples))[len(samples)/2]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// number returns a setting from the environment, by which a run is made longer
// or shorter.
func number(tb testing.TB, name string, fallback int) int {
	tb.Helper()
	text := os.Getenv(name)
	if text == "" {
		return fallback
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	return n
}

// duration is number for times such as "10m".
func duration(tb testing.TB, name string, fallback time.Duration) time.Duration {
	tb.Helper()
	text := os.Getenv(name)
	if text == "" {
		return fallback
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	return d
}
