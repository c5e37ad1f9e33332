// SPDX-License-Identifier: GPL-2.0-or-later

package sample

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"govdsm/internal/host/hosttest"
	"govdsm/internal/hostfs"
)

func TestGrown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		first, last, want uint64
		ok                bool
	}{
		{0, 0, 0, true},
		{5, 12, 7, true},
		{wrap - 10, 20, 30, true},      // a 32 bit counter
		{wrap + 5, wrap + 10, 5, true}, // a wider one
		{1000, 10, 0, false},           // set back
		{wrap - 10, wrap - 20, 0, false},
		{wrap + 10, 5, 0, false},
		{1 << 63, 0, 0, false},
	} {
		if got, ok := grown(c.first, c.last); got != c.want || ok != c.ok {
			t.Errorf("from %d to %d: %d, %v", c.first, c.last, got, ok)
		}
	}
}

// at makes a sample of a machine with processors 0 to n-1.
func at(after time.Duration, user, system uint64, n int64) *Sample {
	s := &Sample{
		At:      time.Unix(1000, 0).Add(after),
		Total:   &Jiffies{user * uint64(n), system * uint64(n)},
		Process: &Jiffies{user, system},
		CPUs:    make(map[int64]Jiffies),
	}
	for id := range n {
		s.CPUs[id] = Jiffies{user, system}
	}
	return s
}

func TestRates(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, last        *Sample
		user, system, idle string
		processors         int
	}{
		"idle":              {at(0, 5, 5, 2), at(15*time.Second, 5, 5, 2), "0.00", "0.00", "100.00", 2},
		"half":              {at(0, 0, 0, 4), at(10*time.Second, 250, 250, 4), "25.00", "25.00", "50.00", 4},
		"rounding":          {at(0, 0, 0, 1), at(15*time.Second, 1, 2, 1), "0.07", "0.13", "99.80", 1},
		"ticks and timer":   {at(0, 0, 0, 1), at(time.Second, 101, 1, 1), "101.00", "1.00", "0.00", 1},
		"many processors":   {at(0, 0, 0, 1024), at(10*time.Second, 500, 0, 1024), "50.00", "0.00", "50.00", 1024},
		"counter wrapped":   {at(0, wrap-50, 0, 1), at(time.Second, 0, 0, 1), "50.00", "0.00", "50.00", 1},
		"counter set back":  {at(0, 5000, 0, 1), at(time.Second, 10, 0, 1), "", "", "", 0},
		"no time has gone":  {at(0, 5, 5, 1), at(0, 9, 9, 1), "", "", "", 0},
		"time went back":    {at(time.Second, 5, 5, 1), at(0, 9, 9, 1), "", "", "", 0},
		"nothing was known": {&Sample{}, at(0, 5, 5, 1), "", "", "", 0},
	} {
		s := Stats(c.first, c.last)
		if s.CPUUser != c.user || s.CPUSys != c.system || s.CPUIdle != c.idle || len(s.CPUStatistics) != c.processors {
			t.Errorf("%s: user %q, system %q, idle %q, %d processors", name, s.CPUUser, s.CPUSys, s.CPUIdle, len(s.CPUStatistics))
		}
	}
}

func TestProcessNamesDoNotShiftFields(t *testing.T) {
	t.Parallel()
	root := hosttest.Root(t, "-- proc/self/stat --\n1 (a) b ) (c) S 1 1 1 0 -1 0 0 0 0 0 7 9 0 0 20\n-- proc/5/stat --\n5 (x\n-- proc/6/stat --\n6 (x) S 1 1 1 0 -1 0 0 0 0 0 a b 1\n")
	r := NewReader(hostfs.At(root), nil, nil)
	if got := r.process("self"); got == nil || *got != (Jiffies{7, 9}) {
		t.Errorf("%+v", got)
	}
	for _, pid := range []string{"5", "6", "7"} {
		if got := r.process(pid); got != nil {
			t.Errorf("process %s: %+v", pid, got)
		}
	}
}

func TestHostOfManyProcessors(t *testing.T) {
	t.Parallel()
	var archive strings.Builder
	archive.WriteString("-- proc/stat --\ncpu  1 2 3 4\n")
	for i := range 1024 {
		fmt.Fprintf(&archive, "cpu%d %d 0 0 0 0 0 0 0 0 0\n", i, i)
	}
	for node := range 8 {
		fmt.Fprintf(&archive, "-- sys/devices/system/node/node%d/meminfo --\nNode %d MemTotal: 0 kB\nNode %d MemFree: 0 kB\n", node, node, node)
		fmt.Fprintf(&archive, "-- sys/devices/system/node/node%d/cpulist --\n%d-%d\n", node, node*128, node*128+127)
	}
	s := NewReader(hostfs.At(hosttest.Root(t, archive.String())), nil, nil).Read()
	if len(s.CPUs) != 1024 || s.CPUs[1023].User != 1023 || s.NodeOfCPU[1023] != 7 || s.NodeOfCPU[128] != 1 {
		t.Errorf("%d processors, the last %+v on node %d", len(s.CPUs), s.CPUs[1023], s.NodeOfCPU[1023])
	}
	if n := s.Nodes["7"]; n.MemPercent != 100 || n.MemFree != "0" { // a node without memory counts as full
		t.Errorf("node 7: %+v", n)
	}
}

func TestReservedHugepages(t *testing.T) {
	t.Parallel()
	root := hosttest.Root(t, "-- sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages --\n5\n-- sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages --\n3\n")
	for reserved, want := range map[int64]int64{0: 5, 2: 3, 8: 0} {
		got := NewReader(hostfs.At(root), nil, map[uint64]int64{2048: reserved}).hugepages()
		if got[2048].FreeForVMs != want || got[2048].Free != 5 || got[1048576].FreeForVMs != 3 {
			t.Errorf("%d reserved: %+v", reserved, got)
		}
	}
}
