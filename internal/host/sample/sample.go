// SPDX-License-Identifier: GPL-2.0-or-later

// Package sample measures a host at intervals and makes rates of the last two
// measurements. Taking a sample reads some dozens of small files; asking for
// the rates reads nothing.
package sample

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"govdsm/api"
	"govdsm/internal/host/hostfs"
)

// Sample is what a host was at one moment. What could not be read is nil,
// empty or absent.
type Sample struct {
	At        time.Time // with the monotonic clock
	Process   *Jiffies  // what our own process used
	Total     *Jiffies  // what all processors did
	CPUs      map[int64]Jiffies
	NodeOfCPU map[int64]uint64 // NUMA node of each processor
	Memory    map[string]int64 // /proc/meminfo, KiB
	Load      string           // run queue, average of 5 minutes
	BootTime  string           // s since the epoch
	THP       api.THPStates
	Hugepages api.HugepagesStatsMap
	Nodes     api.NumaNodeMemoryStatsMap
	Disks     api.PathStatsMap
	KSM       *KSM
}

// Jiffies count time of a processor in ticks of 1/100 s: the kernel reports
// to programs in that unit whatever its own tick is.
type Jiffies struct{ User, System uint64 }

const jiffiesPerSecond = 100

// KSM is the state of the kernel's same-page merging.
type KSM struct {
	Running          bool
	PagesToScan      int64
	PagesSharing     int64
	MergeAcrossNodes bool
	Daemon           *Jiffies // what ksmd used; nil where it is not to be seen
}

// Reader takes samples of one host.
type Reader struct {
	fs       hostfs.FS
	paths    []string         // whose free space is told
	reserved map[uint64]int64 // huge pages kept from VMs, by size in KiB
	ksmd     string           // its folder under /proc, "" until found
	searched bool             // for ksmd: a kernel thread lives as long as the kernel
}

// NewReader returns a reader for a host. The free space of each of the paths is
// told; reserved are huge pages kept from VMs, by size in KiB.
func NewReader(fs hostfs.FS, paths []string, reserved map[uint64]int64) *Reader {
	return &Reader{fs: fs, paths: paths, reserved: reserved}
}

// Read takes a sample. A file that is missing or malformed costs what it would
// have told and nothing else.
func (r *Reader) Read() *Sample {
	s := &Sample{At: time.Now()}
	s.Process = r.process("self")
	r.stat(s)
	if text, err := r.fs.Bytes("/proc/meminfo"); err == nil {
		s.Memory = hostfs.Meminfo(string(text))
	}
	if text, err := r.fs.Line("/proc/loadavg"); err == nil {
		if averages := strings.Fields(text); len(averages) >= 2 {
			s.Load = averages[1]
		}
	}
	s.THP = r.thp()
	s.Hugepages = r.hugepages()
	s.Nodes, s.NodeOfCPU = r.nodes(s.Memory)
	s.Disks = r.disks()
	s.KSM = r.ksm()
	return s
}

// process reads the times of a process, fields 14 and 15 of proc_pid_stat(5).
// The command in field 2 may hold blanks and brackets.
func (r *Reader) process(pid string) *Jiffies {
	text, err := r.fs.Line("/proc/" + pid + "/stat")
	if err != nil {
		return nil
	}
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) < 13 {
		return nil
	}
	user, err1 := strconv.ParseUint(fields[11], 10, 64)
	system, err2 := strconv.ParseUint(fields[12], 10, 64)
	if err1 != nil || err2 != nil {
		return nil
	}
	return &Jiffies{User: user, System: system}
}

// stat reads /proc/stat: "cpu  user nice system idle ..." for all processors,
// "cpu3 ..." for each that is on, "btime ..." for the start of the kernel.
func (r *Reader) stat(s *Sample) {
	text, err := r.fs.Bytes("/proc/stat")
	if err != nil {
		return
	}
	s.CPUs = make(map[int64]Jiffies)
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) >= 2 && fields[0] == "btime" {
			s.BootTime = fields[1]
		}
		if len(fields) < 5 || !strings.HasPrefix(fields[0], "cpu") {
			continue
		}
		j, err := parseJiffies(fields)
		if err != nil {
			continue
		}
		if fields[0] == "cpu" {
			s.Total = &j
		} else if id, err := strconv.ParseInt(fields[0][3:], 10, 64); err == nil {
			s.CPUs[id] = j
		}
	}
}

func parseJiffies(fields []string) (Jiffies, error) {
	var numbers [3]uint64 // user, nice, system
	for i := range numbers {
		n, err := strconv.ParseUint(fields[i+1], 10, 64)
		if err != nil {
			return Jiffies{}, fmt.Errorf("%s: %w", fields[0], err)
		}
		numbers[i] = n
	}
	return Jiffies{User: numbers[0] + numbers[1], System: numbers[2]}, nil
}

// thp reads the policy for huge pages, the word in brackets. A kernel without
// them never uses any.
func (r *Reader) thp() api.THPStates {
	text, err := r.fs.Text("/sys/kernel/mm/transparent_hugepage/enabled")
	if err != nil {
		return api.THPStatesNever
	}
	_, rest, _ := strings.Cut(text, "[")
	word, _, _ := strings.Cut(rest, "]")
	if state := api.THPStates(word); slices.Contains(state.Values(), word) {
		return state
	}
	return api.THPStatesNever
}

// disks tells the free space an ordinary user has, in MiB.
func (r *Reader) disks() api.PathStatsMap {
	free := make(api.PathStatsMap)
	for _, path := range r.paths {
		var fs unix.Statfs_t
		if err := unix.Statfs(r.fs.Path(path), &fs); err == nil {
			mib := fs.Bavail * uint64(fs.Bsize) >> 20
			free[path] = api.PathStats{Free: strconv.FormatUint(mib, 10)}
		}
	}
	return free
}

// ksm reads the kernel's own account; a kernel without merging has none.
func (r *Reader) ksm() *KSM {
	const folder = "/sys/kernel/mm/ksm/"
	run, err := r.fs.Int(folder + "run")
	if err != nil {
		return nil
	}
	k := &KSM{Running: run == 1}
	for file, into := range map[string]*int64{"pages_to_scan": &k.PagesToScan, "pages_sharing": &k.PagesSharing} {
		if *into, err = r.fs.Int(folder + file); err != nil {
			return nil
		}
	}
	if across, err := r.fs.Int(folder + "merge_across_nodes"); err == nil {
		k.MergeAcrossNodes = across == 1
	}
	if pid := r.findKSMD(); pid != "" {
		k.Daemon = r.process(pid)
	}
	return k
}

// findKSMD looks for the kernel thread once. In a container it is not there.
func (r *Reader) findKSMD() string {
	if r.searched {
		return r.ksmd
	}
	r.searched = true
	for _, pid := range r.fs.Names("/proc") {
		if strings.Trim(pid, "0123456789") != "" {
			continue
		}
		if name, err := r.fs.Line("/proc/" + pid + "/comm"); err == nil && name == "ksmd" {
			r.ksmd = pid
			break
		}
	}
	return r.ksmd
}

// pageKiB is the size of an ordinary page.
func pageKiB() uint64 { return uint64(os.Getpagesize()) / 1024 }
