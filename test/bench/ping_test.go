// SPDX-License-Identifier: GPL-2.0-or-later

package bench

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"govdsm/internal/pki"
	"govdsm/internal/rpc/pingtest"
	"govdsm/internal/sandbox"
	"govdsm/internal/storage/outofprocess"
	"govdsm/test/hosttest"
)

// echoRole, when set, makes the test binary the echo server; its value is the
// folder of the identity to speak TLS with, or "plain".
const echoRole = "GOVDSM_BENCH_ECHO"

func TestMain(m *testing.M) {
	outofprocess.ServeIfHelper() // of storage
	if identity := os.Getenv(echoRole); identity != "" {
		if err := serveEcho(identity); err != nil {
			fmt.Fprintln(os.Stderr, "echo server:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// serveEcho is a bare server in a process of its own, like vdsmd. It ends when
// its standard input does.
func serveEcho(identity string) error {
	var config *tls.Config
	if identity != "plain" {
		source, err := pki.Open(pki.At(identity), slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		config = source.Server()
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	go pingtest.Echo(l, config)
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// startEcho starts the echo server.
func startEcho(tb testing.TB, identity string) echo {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), echoRole+"="+identity)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		tb.Fatal(err)
	}
	return echo{strings.TrimSpace(line), cmd.Process.Pid}
}

// echo is the process to compare with.
type echo struct {
	address string
	pid     int
}

// BenchmarkPing compares Host.ping with a bare echo of the same bytes. Client,
// agent and echo are three processes.
func BenchmarkPing(b *testing.B) {
	for name, options := range map[string][]hosttest.Option{"plain": {hosttest.Plain()}, "tls": nil} {
		b.Run(name, func(b *testing.B) {
			h := hosttest.Start(b, options...)
			echo := echoBeside(b, h)
			for _, clients := range []int{1, 10, 100} {
				b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
					calls := number(b, "BENCH_PINGS", 100_000) / map[int]int{1: 4, 10: 1, 100: 1}[clients]
					pings(b, h, echo, clients, calls, 20).report(b)
				})
			}
		})
	}
}

func echoBeside(tb testing.TB, h *hosttest.Host) echo {
	identity := "plain"
	if h.TLS(tb) != nil {
		identity = sandbox.Layout{Dir: h.Dir}.PKI()
	}
	return startEcho(tb, identity)
}

func pings(tb testing.TB, h *hosttest.Host, echo echo, clients, calls, turns int) figures {
	o := pingtest.Options{Host: h.Address, Echo: echo.address, Clients: clients, Calls: calls, Turns: turns}
	if config := h.TLS(tb); config != nil {
		config = config.Clone()
		config.ServerName = "localhost"
		o.Wrap = func(c net.Conn) net.Conn { return tls.Client(c, config) }
	}
	agent, bare := processor(tb, h.PID()), processor(tb, echo.pid)
	r := pingtest.Compare(tb, o)
	agent, bare = processor(tb, h.PID())-agent, processor(tb, echo.pid)-bare
	f := figures{}
	// These two hardly depend on what else the machine does.
	f.add("CPU-µs/call", target{}, float64(agent.Microseconds())/float64(len(r.Calls)))
	f.add("CPU-µs/echo", target{}, float64(bare.Microseconds())/float64(len(r.Calls)))
	for _, t := range r.Turns {
		f.add("calls/s", target{}, t.Calls)
		f.add("echo/s", target{}, t.Echoes)
	}
	ratio, p99 := target{}, target{}
	switch clients {
	case 100:
		ratio = atLeast(40)
	case 10:
		p99 = atMost(2)
	}
	f.add("%-of-echo", ratio, r.Ratios()...)
	f.add("p50-ms", target{}, ms(r.Quantile(0.50)))
	f.add("p99-ms", p99, ms(r.Quantile(0.99)))
	return f
}
