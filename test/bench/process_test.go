// SPDX-License-Identifier: GPL-2.0-or-later

package bench

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/procfs"

	"govdsm/test/hosttest"
)

// status reads one line of /proc/PID/status, in KiB, and returns MiB.
func status(tb testing.TB, pid int, name string) float64 {
	tb.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		tb.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^` + name + `:\s+(\d+) kB$`).FindSubmatch(text)
	if m == nil {
		tb.Fatalf("no %s in %s", name, text)
	}
	kib, err := strconv.Atoi(string(m[1]))
	if err != nil {
		tb.Fatal(err)
	}
	return float64(kib) / 1024
}

// memory adds what is resident: all of it, and the part that is not files that
// other processes share.
func (f figures) memory(tb testing.TB, pid int, t target) {
	tb.Helper()
	f.add("resident-MiB", t, status(tb, pid, "VmRSS"))
	f.add("of-it-anonymous-MiB", target{}, status(tb, pid, "RssAnon"))
}

// processor returns the processor time that a process has used.
func processor(tb testing.TB, pid int) time.Duration {
	tb.Helper()
	p, err := procfs.NewProc(pid)
	if err != nil {
		tb.Fatal(err)
	}
	// To the nanosecond, where stat(5) counts in hundredths of a second.
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil {
		tb.Fatal(err)
	}
	sum := time.Duration(0)
	for _, task := range tasks {
		var ran int64
		text, err := os.ReadFile(task)
		if err != nil {
			continue // the thread has ended
		}
		if _, err := fmt.Sscan(string(text), &ran); err != nil {
			tb.Fatal(err)
		}
		sum += time.Duration(ran)
	}
	if sum > 0 {
		return sum
	}
	stat, err := p.Stat()
	if err != nil {
		tb.Fatal(err)
	}
	return time.Duration(stat.CPUTime() * float64(time.Second))
}

// logLines counts what vdsmd has logged.
func logLines(tb testing.TB, h *hosttest.Host) int {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join(h.Dir, "log", "vdsm", "vdsm.log"))
	if err != nil {
		tb.Fatal(err)
	}
	return bytes.Count(text, []byte("\n"))
}

// goroutines asks the agent's metrics.
func goroutines(tb testing.TB, h *hosttest.Host) float64 {
	tb.Helper()
	scheme, transport := "http", &http.Transport{}
	if config := h.TLS(tb); config != nil {
		scheme, transport.TLSClientConfig = "https", config
	}
	defer transport.CloseIdleConnections()
	c := http.Client{Transport: transport, Timeout: hosttest.Patience}
	r, err := c.Get(scheme + "://" + h.Address + "/metrics")
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		tb.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^go_goroutines (\d+)$`).FindSubmatch(text)
	if m == nil {
		tb.Fatalf("no go_goroutines in %.200s", text)
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		tb.Fatal(err)
	}
	return float64(n)
}
