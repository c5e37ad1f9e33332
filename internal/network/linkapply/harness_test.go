// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"govdsm/internal/network/nmstate"
	"govdsm/internal/network/rtnl"
	"govdsm/internal/network/snapshot"
	"govdsm/internal/network/tc"
	"govdsm/lab"
)

// bench is an applier on the network that the test has for itself.
type bench struct {
	t *testing.T
	*Applier
	dir   string
	state func() string // the network in words, to compare
}

// inside runs the body in an empty network with two cards, eth0 and eth1,
// whose cables end in peer0 and peer1.
func inside(t *testing.T, body func(b *bench), features ...lab.Feature) {
	t.Helper()
	lab.Needs(t, append(features, lab.Bridge, lab.Veth)...).Run(func(t *testing.T) {
		b := newBench(t, t.TempDir())
		b.ip(`link add eth0 address 52:54:00:00:00:10 type veth peer name peer0
			link add eth1 address 52:54:00:00:00:11 type veth peer name peer1
			link set peer0 up
			link set peer1 up
			link set eth0 up
			link set eth1 up`)
		body(b)
	})
}

func newBench(t *testing.T, dir string) *bench {
	resolv := filepath.Join(dir, "resolv.conf")
	if _, err := os.Stat(resolv); err != nil {
		if err := os.WriteFile(resolv, []byte("search example.org\nnameserver 192.0.2.1\noptions edns0\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b := &bench{t: t, dir: dir, Applier: New(Options{
		Journal: filepath.Join(dir, "journal"), ResolvConf: resolv, Settle: 5 * time.Second,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})}
	b.state = b.text
	return b
}

// ip runs lines of ip(8).
func (b *bench) ip(lines string) {
	b.t.Helper()
	cmd := exec.CommandContext(b.t.Context(), "ip", "-batch", "-")
	cmd.Stdin = strings.NewReader(lines)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.t.Fatalf("ip: %v\n%s", err, out)
	}
}

// text describes the network as it is now.
func (b *bench) text() string {
	b.t.Helper()
	c, err := rtnl.Dial()
	if err != nil {
		b.t.Fatal(err)
	}
	defer c.Close()
	s, err := snapshot.Take(b.t.Context(), c)
	if err != nil {
		b.t.Fatal(err)
	}
	resolv, err := os.ReadFile(b.o.ResolvConf)
	if err != nil {
		b.t.Fatal(err)
	}
	var indexes []int32
	for _, l := range s.Sorted() {
		indexes = append(indexes, l.Index)
	}
	trees, err := tc.Read(b.t.Context(), c, indexes...)
	if err != nil {
		b.t.Fatal(err)
	}
	text := s.Text() + "\n" + string(resolv)
	for _, l := range s.Sorted() {
		text += fmt.Sprintf("%s: %x\n", l.Name, trees[l.Index])
	}
	return text
}

// document reads a desired state.
func document(t testing.TB, text string) Want {
	t.Helper()
	var s nmstate.State
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatal(err)
	}
	return Want{State: s, Shares: wishes(t, text)}
}

// apply makes a change and keeps it.
func (b *bench) apply(want Want) []string {
	b.t.Helper()
	c, err := b.Begin(b.t.Context(), want, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := c.Keep(); err != nil {
		b.t.Fatal(err)
	}
	return c.Steps()
}

// output runs a program and returns what it prints.
func (b *bench) output(args ...string) string {
	b.t.Helper()
	out, err := exec.CommandContext(b.t.Context(), args[0], args[1:]...).CombinedOutput()
	if err != nil {
		b.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

// shows fails the test unless a program prints all the texts.
func (b *bench) shows(command string, texts ...string) {
	b.t.Helper()
	out := b.output(strings.Fields(command)...)
	for _, text := range texts {
		if !strings.Contains(out, text) {
			b.t.Errorf("%s does not show %q:\n%s", command, text, out)
		}
	}
}
