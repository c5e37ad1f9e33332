// SPDX-License-Identifier: GPL-2.0-or-later

package netinfo_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/netinfo"
	"govdsm/internal/network/nettest"
)

// BenchmarkHost measures a host of 400 devices, 133 bridged networks and the
// pairs of devices that stand for their VLANs. "dump" is what the kernel takes
// to tell of it: links, addresses, routes and rules, which nobody looks into.
// "changed" is an answer after a change, "unchanged" one without.
func BenchmarkHost(b *testing.B) {
	ns := nettest.New(b)
	running := netinfo.Running{Networks: make(map[string]netinfo.Network)}
	var lines strings.Builder
	for i := range 133 {
		name := fmt.Sprintf("net%d", i)
		fmt.Fprintf(&lines, `link add %[1]s type bridge
			link add veth_%[2]d type veth peer name p%[2]d
			link set veth_%[2]d master %[1]s
			link set veth_%[2]d up
			link set p%[2]d up
			link set %[1]s up
			address add 10.%[2]d.0.1/24 dev %[1]s
			address add 2001:db8:%[2]d::1/64 dev %[1]s nodad
		`, name, i)
		running.Networks[name] = netinfo.Network{Switch: "legacy", Bridged: true, NIC: fmt.Sprintf("veth_%d", i)}
	}
	ns.IP(lines.String())
	withNetworks := func(o *netinfo.Options) { o.Configuration = configuration(running) }
	ask := func(b *testing.B, r *netinfo.Reader) {
		c, err := r.Capabilities(b.Context())
		if err != nil || len(c.Networks) != 133 || len(c.Bridges) != 133 {
			b.Fatalf("%d networks, %v", len(c.Networks), err)
		}
	}
	b.Run("dump", func(b *testing.B) {
		k := ns.Kernel()
		defer processor(b)()
		for b.Loop() {
			if err := k.Discard(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("changed", func(b *testing.B) { // nobody watches, so nothing is kept
		r := reader(b, ns, withNetworks)
		defer processor(b)()
		for b.Loop() {
			ask(b, r)
		}
	})
	b.Run("unchanged", func(b *testing.B) {
		r := reader(b, ns, withNetworks)
		run(b, r)
		ask(b, r)
		defer processor(b)()
		for b.Loop() {
			ask(b, r)
		}
	})
}

// processor reports the processor's time of this process, the kernel's for it
// included. It says more than the clock on a machine that others use, too.
func processor(b *testing.B) (stop func()) {
	spent := func() int64 {
		var u unix.Rusage
		if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return u.Utime.Nano() + u.Stime.Nano()
	}
	before := spent()
	return func() { b.ReportMetric(float64(spent()-before)/float64(b.N), "cpu-ns/op") }
}
