// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
	"govdsm/internal/libvirt"
)

func known(n uint64) libvirt.Count { return libvirt.Count{N: n, Known: true} }

// twoSamples are ten seconds of a busy VM's life.
func twoSamples() sample {
	first := &libvirt.Stats{
		CPUTime: known(10e9), CPUUser: known(1e9), CPUSystem: known(2e9),
		Balloon: libvirt.Balloon{SwapIn: known(5), MajorFault: known(10), MinorFault: known(100)},
		NICs:    []libvirt.NICStats{{Name: "vnet0"}, {Name: "vnet1"}},
		Disks: []libvirt.DiskStats{
			{Name: "vdb"},
			{Name: "vda", RdReqs: known(10), RdBytes: known(1000), RdTimes: known(100), WrReqs: known(7)},
		},
	}
	last := &libvirt.Stats{
		CPUTime: known(15e9), CPUUser: known(1.5e9), CPUSystem: known(2.5e9), VCPUs: known(2),
		Balloon: libvirt.Balloon{
			Current: known(65536), Available: known(60000), Unused: known(20000), DiskCaches: known(12768),
			SwapIn: known(30), SwapOut: known(0), MajorFault: known(34), MinorFault: known(1100),
		},
		NICs: []libvirt.NICStats{{
			Name: "vnet0", RxBytes: known(1), RxErrs: known(2), RxDrop: known(3),
			TxBytes: known(4), TxErrs: known(5), TxDrop: known(6),
		}, {Name: "vnet9"}},
		Disks: []libvirt.DiskStats{
			{Name: "vda", RdReqs: known(14), RdBytes: known(6004), RdTimes: known(301), WrReqs: known(7), FlReqs: known(0)},
		},
	}
	return sample{first: first, last: last, interval: 10 * time.Second}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	image, lun := api.UUID("image"), "guid"
	f := figuresOf(twoSamples(), &view{
		memoryKiB: 65536,
		nics:      []nicView{{"vnet0", "52:54:00:00:00:01", "1000"}, {"vnet1", "52:54:00:00:00:02", "100"}},
		disks:     []diskView{{name: "vda", imageID: &image}, {name: "vdb", lun: &lun}},
	})
	if f.cpuUser != "40.00" || f.cpuSys != "10.00" || f.cpuUsage != "4000000000" || !f.cpuActual || *f.vcpus != "2" {
		t.Errorf("processor: %+v", f)
	}
	wantMemory := &api.GuestMemoryStats{
		MemTotal: "60000", MemUnused: "20000", MemFree: "32768",
		SwapIn: new(int64(2)), SwapOut: new(int64(0)), Majflt: new(int64(2)), Minflt: new(int64(100)), Pageflt: new(int64(102)),
	}
	if diff := cmp.Diff(wantMemory, f.memory); diff != "" {
		t.Errorf("memory: %s", diff)
	}
	if f.usage != "50" || f.balloon != "65536" {
		t.Errorf("memory usage %s, balloon %s", f.usage, f.balloon)
	}
	wantNetwork := api.NetworkInterfaceStatsMap{"vnet0": {
		Name: "vnet0", MACAddr: "52:54:00:00:00:01", Speed: "1000", State: "unknown",
		Rx: "1", RxErrors: "2", RxDropped: "3", Tx: "4", TxErrors: "5", TxDropped: "6",
	}}
	if diff := cmp.Diff(wantNetwork, f.network); diff != "" {
		t.Errorf("network: %s", diff)
	}
	wantDisks := api.VmDiskStatsMap{
		"vda": {
			Truesize: "0", Apparentsize: "0", ImageID: &image, ReadRate: "500.4", WriteRate: "0.0",
			ReadOps: "14", ReadBytes: "6004", WriteOps: "7", WrittenBytes: "0",
			ReadLatency: "50.25", WriteLatency: "0", FlushLatency: "0",
		},
		"vdb": {
			Truesize: "0", Apparentsize: "0", LUNGUID: &lun, ReadRate: "0.0", WriteRate: "0.0",
			ReadOps: "0", ReadBytes: "0", WriteOps: "0", WrittenBytes: "0",
			ReadLatency: "0", WriteLatency: "0", FlushLatency: "0",
		},
	}
	if diff := cmp.Diff(wantDisks, f.disks); diff != "" {
		t.Errorf("disks: %s", diff)
	}
}

// One sample gives what needs one; none gives what is said without any.
func TestFiguresOfFewSamples(t *testing.T) {
	t.Parallel()
	s := twoSamples()
	s.first, s.interval = nil, 0
	f := figuresOf(s, &view{disks: []diskView{{name: "vda"}}})
	if f.cpuActual || f.cpuUsage != "0.00" || f.disks != nil || f.network != nil || f.memory.SwapIn != nil || f.vcpus == nil {
		t.Errorf("of one sample: %+v", f)
	}
	f = figuresOf(sample{}, &view{})
	if f.cpuUser != "0.00" || f.memory != nil || f.balloon != "" || f.usage != "0" {
		t.Errorf("of no sample: %+v", f)
	}
}

// Counters that begin anew do not make absurd figures.
func TestFiguresOfCountersThatBeginAnew(t *testing.T) {
	t.Parallel()
	s := twoSamples()
	s.first, s.last = s.last, s.first
	s.last.Balloon.Available = known(1)
	f := figuresOf(s, &view{disks: []diskView{{name: "vda"}}})
	if f.cpuUser != "0.00" {
		t.Errorf("cpuUser %s", f.cpuUser)
	}
	s.interval = 0
	if f := figuresOf(s, &view{disks: []diskView{{name: "vda"}}}); f.disks["vda"].ReadRate != "0.0" || f.cpuActual {
		t.Errorf("without an interval: %+v", f)
	}
}

func TestSamplesKeepOrder(t *testing.T) {
	t.Parallel()
	var s samples
	now := time.Now()
	at := func(d time.Duration) *batch {
		return &batch{at: now.Add(d), vms: map[string]*libvirt.Stats{"a": {CPUTime: known(uint64(d))}}}
	}
	s.put(at(10))
	s.put(at(20))
	s.put(at(15)) // late, and of no use
	if got := s.of("a"); got.last.CPUTime.N != 20 || got.first.CPUTime.N != 10 || got.interval != 10 {
		t.Errorf("samples %+v", got)
	}
	s.put(&batch{at: now.Add(30)})
	if got := s.of("a"); got.last != nil || !got.seen.Equal(now.Add(20)) {
		t.Errorf("of a VM that left: %+v", got)
	}
}

// The age of samples tells that QEMU does not answer.
func TestMonitorResponse(t *testing.T) {
	t.Parallel()
	m := New(Options{})
	defer m.stop()
	v, now := m.newVM("a", "a"), time.Now()
	check := func(want string, at time.Time) {
		t.Helper()
		if got := v.monitorResponse(&v.state, at); got != want {
			t.Errorf("monitorResponse %s, want %s", got, want)
		}
	}
	check("0", now)
	v.state.sampledSince = now
	check("0", now.Add(59*time.Second))
	check("-1", now.Add(60*time.Second))
	m.samples.put(&batch{at: now.Add(30 * time.Second), vms: map[string]*libvirt.Stats{"a": {}}})
	check("0", now.Add(89*time.Second))
	check("-1", now.Add(90*time.Second))
	if err := v.tell(t.Context(), &libvirt.Error{Code: libvirt.OperationTimeout}); err == nil {
		t.Error("an error is none")
	}
	check("-1", now)
	if err := v.tell(t.Context(), nil); err != nil {
		t.Error(err)
	}
	check("0", now)
}
