// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"govdsm/internal/network/nmstate"
	"govdsm/lab"
)

// figuresVariable turns the measurement on; its value is a list of sizes.
const figuresVariable = "GOVDSM_FIGURES"

// TestFigures compares changes of N networks with what ip -batch takes for the
// same objects, in one run. It only reports: see docs/performance.md.
//
//	GOVDSM_FIGURES=10,50,200 go test -run Figures -v ./internal/network/linkapply
//	GOVDSM_FIGURES=10,50,200 GOVDSM_LAB=1 … -run FiguresVLAN
func TestFigures(t *testing.T) { figures(t, pairs) }

// TestFiguresVLAN has the networks on VLANs of a bond.
func TestFiguresVLAN(t *testing.T) { figures(t, tagged, lab.Bonding, lab.VLAN) }

// sample is N networks: what there is before, how ip makes and removes them,
// and the documents that do.
type sample struct {
	before, add, remove string
	want, wantNot       nmstate.State
}

// bridged returns a bridge and its port in a document.
func bridged(name, port string, i nmstate.Interface) []nmstate.Interface {
	off := &nmstate.IP{}
	i.Name, i.State, i.MTU, i.IPv4, i.IPv6 = port, nmstate.Up, 1500, off, off
	return []nmstate.Interface{i, {
		Name: name, Type: nmstate.TypeLinuxBridge, State: nmstate.Up, MTU: 1500, IPv4: off, IPv6: off,
		Bridge: &nmstate.Bridge{Port: []nmstate.BridgePort{{Name: port}}},
	}}
}

func pairs(n int) sample {
	var s sample
	for k := range n {
		port, bridge := fmt.Sprintf("c%d", k), fmt.Sprintf("net%d", k)
		s.before += fmt.Sprintf("link add %s type veth peer name p%d\n", port, k)
		s.add += fmt.Sprintf("link add %s mtu 1500 type bridge stp_state 0\nlink set %s master %s\nlink set %s up\nlink set %s up\n", bridge, port, bridge, port, bridge)
		s.remove += fmt.Sprintf("link del %s\n", bridge)
		s.want.Interfaces = append(s.want.Interfaces, bridged(bridge, port, nmstate.Interface{})...)
		s.wantNot.Interfaces = append(s.wantNot.Interfaces, nmstate.Interface{Name: bridge, State: nmstate.Absent})
	}
	return s
}

func tagged(n int) sample {
	s := sample{before: "link add bond0 type bond mode active-backup miimon 100\nlink set eth1 down\nlink set eth1 master bond0\nlink set bond0 up\n"}
	for k := range n {
		port, bridge := fmt.Sprintf("bond0.%d", k+2), fmt.Sprintf("net%d", k)
		s.add += fmt.Sprintf("link add link bond0 name %s mtu 1500 type vlan id %d\nlink add %s mtu 1500 type bridge stp_state 0\nlink set %s master %s\nlink set %s up\nlink set %s up\n",
			port, k+2, bridge, port, bridge, port, bridge)
		s.remove += fmt.Sprintf("link del %s\nlink del %s\n", bridge, port)
		vlan := nmstate.Interface{Type: nmstate.TypeVLAN, VLAN: &nmstate.VLAN{ID: k + 2, BaseIface: "bond0"}}
		s.want.Interfaces = append(s.want.Interfaces, bridged(bridge, port, vlan)...)
		s.wantNot.Interfaces = append(s.wantNot.Interfaces,
			nmstate.Interface{Name: bridge, State: nmstate.Absent}, nmstate.Interface{Name: port, State: nmstate.Absent})
	}
	return s
}

func figures(t *testing.T, make func(int) sample, features ...lab.Feature) {
	t.Helper()
	sizes := os.Getenv(figuresVariable)
	if sizes == "" && !lab.Inside() {
		t.Skip("set GOVDSM_FIGURES")
	}
	if sizes == "" {
		sizes = "10,50,200"
	}
	for size := range strings.SplitSeq(sizes, ",") {
		t.Run(size, func(t *testing.T) {
			n, err := strconv.Atoi(size)
			if err != nil {
				t.Fatal(err)
			}
			inside(t, func(b *bench) { b.measure(n, make(n)) }, features...)
		})
	}
}

func (b *bench) measure(n int, s sample) {
	b.t.Helper()
	b.ip(s.before)
	var words []string
	timed := func(what string, f func()) time.Duration {
		began := time.Now()
		f()
		took := time.Since(began)
		words = append(words, fmt.Sprintf("%s %.1f ms", what, took.Seconds()*1e3))
		return took
	}
	want, wantNot := Want{State: s.want}, Want{State: s.wantNot}
	batchAdd := timed("ip adds", func() { b.ip(s.add) })
	batchRemove := timed("ip removes", func() { b.ip(s.remove) })
	add := timed("add", func() { b.apply(want) })
	same := timed("again", func() { b.apply(want) })
	remove := timed("remove", func() { b.apply(wantNot) })
	c, err := b.Begin(b.t.Context(), want, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	undo := timed("undo", func() {
		if err := c.Undo(b.t.Context(), nil); err != nil {
			b.t.Fatal(err)
		}
	})
	b.t.Logf("FIGURES N=%d: %s; add %.2f and remove %.2f of ip, again %.0f %% and undo %.0f %% of add", n, strings.Join(words, ", "),
		add.Seconds()/batchAdd.Seconds(), remove.Seconds()/batchRemove.Seconds(),
		100*same.Seconds()/add.Seconds(), 100*undo.Seconds()/add.Seconds())
}
