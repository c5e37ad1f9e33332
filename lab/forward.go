// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
)

// relay connects its standard input and output with a port, until either side
// ends.
const relay = `exec 3<>/dev/tcp/127.0.0.1/$0 4<&0
cat <&4 >&3 & cat <&3 & wait -n; kill $(jobs -p) 2>/dev/null || :`

// Forward lets the test's own process reach a TCP port of the place: it returns
// an address, host:port, where connections go to that port. It goes on working
// when the host was off in between, and ends with the test. It has the delay of
// a serial line: what is to be measured is better measured in the host.
func (p *Place) Forward(t testing.TB, port int) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed below
			}
			all.Go(func() { p.relay(ctx, conn, port) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		cancel()
		all.Wait()
	})
	return listener.Addr().String()
}

// relay carries one connection. That it broke is seen by who uses it.
func (p *Place) relay(ctx context.Context, conn net.Conn, port int) {
	defer conn.Close()
	proc, err := p.begin(Command{Args: []string{"bash", "-c", relay, fmt.Sprint(port)}, Stdin: conn, Stdout: conn})
	if err != nil {
		return
	}
	_, _ = proc.agent.end(ctx, proc.call)
	proc.Kill()
}
