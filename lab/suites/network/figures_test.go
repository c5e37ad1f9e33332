// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"govdsm/internal/network/connectivity"
	"govdsm/internal/network/netinfo"
	"govdsm/internal/network/netlink"
	"govdsm/lab"
)

// BenchmarkNetworks measures networks of N VLANs on a bond, each with a bridge:
// calls of Host.setupNetworks beside ip -batch, in turns, on one lab host. The
// ratio is that of a turn.
func BenchmarkNetworks(b *testing.B) {
	h := boot(b)
	for _, n := range []int{10, 50, 200, 500} {
		b.Run(fmt.Sprintf("N=%d", n), func(b *testing.B) {
			for range b.N { // once: a turn is long
				h.Put(b, sizeFile, fmt.Sprintf("%d %s", n, cmp.Or(os.Getenv("BENCH_TURNS"), "3")))
				h.GoTest(b, "TestMeasure")
				var f figures
				if err := json.Unmarshal([]byte(h.Get(b, figuresFile)), &f); err != nil {
					b.Fatal(err)
				}
				f.report(b)
			}
		})
	}
}

// What the benchmark and the process in the host tell each other.
const (
	sizeFile    = "/run/suite.size"
	figuresFile = "/run/suite.figures"
)

// figures are samples by name.
type figures map[string][]float64

// targets are those of the project, for ratios.
func targets() map[string]float64 {
	return map[string]float64{
		"add/ip": 1.5, "remove/ip": 1, "again-%-of-add": 5, "undo/add": 1, "netinfo/dump": 2, "confirmed-ms": 50,
	}
}

// report hands the figures to the benchmark, in the form that hack/benchtable
// reads.
func (f figures) report(b *testing.B) {
	for name, samples := range f {
		b.ReportMetric(median(samples), name)
		if len(samples) > 1 {
			b.ReportMetric(slices.Min(samples), name+":min")
			b.ReportMetric(slices.Max(samples), name+":max")
		}
		if most, aimed := targets()[name]; aimed {
			b.ReportMetric(most, name+":most")
		}
	}
	b.ReportMetric(0, "ns/op") // says nothing here, and zero leaves it out
}

func median(samples []float64) float64 {
	return slices.Sorted(slices.Values(samples))[len(samples)/2]
}

// TestMeasure is the process in the host.
func TestMeasure(t *testing.T) {
	if !lab.Inside() {
		t.Skip("runs in a host only")
	}
	raw, err := os.ReadFile(sizeFile)
	if err != nil {
		t.Skip("is started by BenchmarkNetworks")
	}
	var n, turns int
	if _, err := fmt.Sscan(string(raw), &n, &turns); err != nil {
		t.Fatal(err)
	}
	h := newMachine(t).host(t, "legacy")
	h.before = h.inventory(t)
	defer h.clean()
	h.nics(2)
	bond := bonds{"bond1": {"nics": h.nics(2), "options": "mode=1 miimon=100"}}
	if err := h.request(nil, bond, nil); err != nil {
		t.Fatal(err)
	}
	f := figures{}
	for turn := range turns {
		h.turn(f, n)
		t.Logf("turn %d: %s", turn, text(f))
	}
	raw, err = json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(figuresFile, raw, 0o644); err != nil {
		t.Fatal(err)
	}
}

// turn takes one sample of everything.
func (h *host) turn(f figures, n int) {
	h.Helper()
	add, remove, batch, batchRemove := networks{}, networks{}, "", ""
	for k := range n {
		port, bridge := fmt.Sprintf("bond1.%d", k+2), fmt.Sprintf("net%d", k)
		add[bridge] = attrs{"bonding": "bond1", "vlan": k + 2, "stp": false}
		remove[bridge] = gone()
		batch += fmt.Sprintf("link add link bond1 name %s mtu 1500 type vlan id %d\nlink add %s mtu 1500 type bridge stp_state 0\nlink set %s master %s\nlink set %s up\nlink set %s up\n",
			port, k+2, bridge, port, bridge, port, bridge)
		batchRemove += fmt.Sprintf("link del %s\nlink del %s\n", bridge, port)
	}
	timed := func(name string, run func() error) float64 {
		h.Helper()
		began := time.Now()
		if err := run(); err != nil {
			h.Fatalf("%s: %v", name, err)
		}
		took := time.Since(began).Seconds() * 1e3
		if name != "" {
			f[name+"-ms"] = append(f[name+"-ms"], took)
		}
		return took
	}
	ip := func(lines string) func() error {
		return func() error {
			cmd := exec.Command("ip", "-batch", "-")
			cmd.Stdin = strings.NewReader(lines)
			return cmd.Run()
		}
	}
	setup := func(n networks) func() error { return func() error { return h.request(n, nil, nil) } }
	sample := func(name string, value float64) { f[name] = append(f[name], value) }

	ipAdds := timed("ip-adds", ip(batch))
	ipRemoves := timed("ip-removes", ip(batchRemove))
	adds := timed("add", setup(add))
	var repeated []float64 // the first competes with what vdsmd makes of the change
	for range 5 {
		repeated = append(repeated, timed("again", setup(add)))
	}
	again := median(repeated)
	h.measureReading(f, n)
	removes := timed("remove", setup(remove))
	sample("add/ip", adds/ipAdds)
	sample("remove/ip", removes/ipRemoves)
	sample("again-%-of-add", 100*again/adds)
	// The last step of a change is refused: it was made wholly, and is undone.
	last := fmt.Sprintf("net%d", n-1)
	add[last]["custom"] = attrs{"bridge_opts": "priority=many"}
	failed := timed("", func() error {
		if err := h.request(add, nil, nil); err == nil {
			return fmt.Errorf("a bad option was taken")
		}
		return nil
	})
	sample("undo-ms", failed-adds)
	sample("undo/add", (failed-adds)/adds)
	for range 3 {
		h.measureConfirmation(sample)
	}
}

// measureReading compares what netinfo takes with the dump alone, in this
// process, where nothing else costs.
func (h *host) measureReading(f figures, n int) {
	h.Helper()
	kernel, err := netlink.Open("")
	if err != nil {
		h.Fatal(err)
	}
	networks := map[string]netinfo.Network{}
	for k := range n {
		tag := k + 2
		networks[fmt.Sprintf("net%d", k)] = netinfo.Network{Switch: "legacy", Bridged: true, Bond: "bond1", VLAN: &tag}
	}
	reader := netinfo.New(netinfo.Options{
		Kernel: kernel, Configuration: fixed{networks}, FakeNICs: []string{"dummy_*"}, Log: slog.New(slog.DiscardHandler),
	})
	var dumps, reads []float64
	for range 15 { // in turns
		began := time.Now()
		if err := kernel.Discard(h.Context()); err != nil {
			h.Fatal(err)
		}
		dumps = append(dumps, time.Since(began).Seconds()*1e3)
		began = time.Now()
		if c, err := reader.Capabilities(h.Context()); err != nil || len(c.Networks) != n {
			h.Fatalf("%d networks, %v", len(c.Networks), err)
		}
		reads = append(reads, time.Since(began).Seconds()*1e3)
	}
	f["dump-ms"] = append(f["dump-ms"], median(dumps))
	f["netinfo-ms"] = append(f["netinfo-ms"], median(reads))
	f["netinfo/dump"] = append(f["netinfo/dump"], median(reads)/median(dumps))
	for range 3 { // of vdsmd, which has it in memory
		began := time.Now()
		h.refresh()
		f["caps-from-cache-ms"] = append(f["caps-from-cache-ms"], time.Since(began).Seconds()*1e3)
	}
}

// fixed is a configuration.
type fixed struct{ networks map[string]netinfo.Network }

func (f fixed) Running() (netinfo.Running, error) { return netinfo.Running{Networks: f.networks}, nil }

// measureConfirmation takes the time from the moment at which vdsmd heard the
// manager, which it writes into the file that supervdsmd watches, to the answer
// of the call that waits: the decision, its record on disk and the way back.
// The manager's own call is told apart.
func (h *host) measureConfirmation(sample func(string, float64)) {
	h.Helper()
	ended := make(chan time.Time, 1)
	go func() {
		if err := h.request(networks{"one": {"bonding": "bond1", "vlan": 1}}, nil, attrs{"connectivityTimeout": 50}); err != nil {
			h.Error(err)
		}
		ended <- time.Now()
	}()
	h.until("the change is made", func() bool { return h.config().networks["one"] != nil })
	time.Sleep(300 * time.Millisecond) // it waits by then, or is about to
	began := time.Now()
	if _, err := h.call("Host.confirmConnectivity", attrs{}); err != nil {
		h.Fatal(err)
	}
	sample("confirm-call-ms", time.Since(began).Seconds()*1e3)
	answered := <-ended
	info, err := os.Stat(connectivity.DefaultFile)
	if err != nil {
		h.Fatal(err)
	}
	sample("confirmed-ms", answered.Sub(info.ModTime()).Seconds()*1e3)
	if err := h.request(networks{"one": gone()}, nil, nil); err != nil {
		h.Fatal(err)
	}
}
