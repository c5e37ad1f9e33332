// SPDX-License-Identifier: GPL-2.0-or-later

package bench

import (
	"net"
	"os/exec"
	"testing"
	"time"

	"govdsm/test/hosttest"
)

// BenchmarkClient measures vdsm-client as a process: its mere start, beside
// that of a program that does nothing, and a call over TLS.
func BenchmarkClient(b *testing.B) {
	runClient(b, hosttest.Start(b), number(b, "BENCH_CLIENTS", 101)).report(b)
}

func runClient(tb testing.TB, h *hosttest.Host, times int) figures {
	_, port, err := net.SplitHostPort(h.Address)
	if err != nil {
		tb.Fatal(err)
	}
	tool := func(args ...string) func() *exec.Cmd {
		return func() *exec.Cmd { return h.Program(tb.Context(), "vdsm-client", args...) }
	}
	f := figures{}
	for range times {
		f.add("start-ms", atMost(20), wall(tb, tool("--help")))
		f.add("nothing-ms", target{}, wall(tb, func() *exec.Cmd { return exec.CommandContext(tb.Context(), "true") }))
		f.add("ping-over-TLS-ms", target{}, wall(tb, tool("-a", "localhost", "-p", port,
			"--pki", h.ClientPKI(), "Host", "ping2")))
	}
	return f
}

// wall is how long a command runs.
func wall(tb testing.TB, command func() *exec.Cmd) float64 {
	tb.Helper()
	cmd := command()
	began := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(began)
	if err != nil {
		tb.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
	return ms(took)
}
