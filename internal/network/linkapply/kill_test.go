// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"govdsm/internal/network/rtnl"
	"govdsm/lab"
)

// The variables that make this test binary the process that dies.
const (
	victimDir  = "GOVDSM_VICTIM_DIR"
	victimTick = "GOVDSM_VICTIM_TICK" // before which it dies

	victimSwitch   = "GOVDSM_VICTIM_SWITCH" // socket of Open vSwitch
	victimDatapath = "GOVDSM_VICTIM_DATAPATH"
)

// stepwise gives the kernel one request at a time, and ticks before each.
type stepwise struct {
	conn
	tick func()
}

func (s stepwise) Do(ctx context.Context, requests []rtnl.Message) ([]rtnl.Result, error) {
	var all []rtnl.Result
	for _, m := range requests {
		s.tick()
		r, err := s.conn.Do(ctx, []rtnl.Message{m})
		if all = append(all, r...); err != nil {
			return all, err
		}
	}
	return all, nil
}

// TestVictim is the process that dies in a change. It is no test of its own.
func TestVictim(t *testing.T) {
	dir := os.Getenv(victimDir)
	if dir == "" {
		t.Skip("is started by TestKilled")
	}
	last, err := strconv.Atoi(os.Getenv(victimTick))
	if err != nil {
		t.Fatal(err)
	}
	ticks := 0
	tick := func() {
		if ticks++; ticks == last {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // the signal is on its way
		}
	}
	b := newBench(t, dir)
	b.o.Switch, b.o.Datapath = os.Getenv(victimSwitch), os.Getenv(victimDatapath)
	b.o.tick = tick
	b.o.dial = func() (conn, error) {
		c, err := rtnl.Dial()
		return stepwise{c, tick}, err
	}
	text, err := os.ReadFile(filepath.Join(dir, "want"))
	if err != nil {
		t.Fatal(err)
	}
	first, second, two := strings.Cut(string(text), "---")
	c, err := b.Begin(t.Context(), document(t, first), json.RawMessage(`{"who":"victim"}`))
	if err != nil {
		t.Fatal(err)
	}
	if two {
		if err := c.Extend(t.Context(), document(t, second)); err != nil {
			t.Fatal(err)
		}
	}
	tick() // done, and not kept
	if err := c.Keep(); err != nil {
		t.Fatal(err)
	}
}

// dies runs a victim until the tick, or to its end. It tells whether it died.
func (b *bench) dies(want string, tick int) bool {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, "want"), []byte(want), 0o600); err != nil {
		b.t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		b.t.Fatal(err)
	}
	cmd := exec.CommandContext(b.t.Context(), self, "-test.run=^TestVictim$", "-test.v")
	cmd.Env = append(os.Environ(), victimDir+"="+b.dir, victimTick+"="+strconv.Itoa(tick),
		victimSwitch+"="+b.o.Switch, victimDatapath+"="+b.o.Datapath)
	out, err := cmd.CombinedOutput()
	if err == nil {
		return false
	}
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		b.t.Fatalf("the victim failed: %v\n%s", err, out)
	}
	return true
}

// TestKilled kills a process in a change of more than 30 steps, before every
// one of them, and then lets another one recover: the network is as before, or,
// once the change was kept, as wanted. Both ways, making and removing.
func TestKilled(t *testing.T) {
	inside(t, func(b *bench) {
		b.ip(`link add eth2 type veth peer name peer2
			link set peer2 up
			link set eth2 up
			addr add 192.0.2.10/24 dev eth0
			addr add 192.0.2.11/24 dev eth0
			addr add 2001:db8::5/64 dev eth0 nodad
			route add default via 192.0.2.1 dev eth0 metric 100
			route add 198.51.100.0/24 via 192.0.2.7 dev eth0
			addr add 10.1.0.1/16 dev eth1
			link add old type bridge
			link set eth2 master old
			link set old up
			addr add 10.2.0.1/16 dev old`)
		add := strings.NewReplacer(
			`"interfaces": [`, `"interfaces": [{"name": "old", "state": "absent"},
				{"name": "eth1", "state": "up", "mtu": 9000, "ipv4": {"enabled": false}, "ipv6": {"enabled": false}},
				{"name": "jumbo", "type": "linux-bridge", "state": "up", "mtu": 9000, "bridge": {"options": {"stp": {"enabled": true}}, "port": [{"name": "eth1"}]},
				 "ipv4": {"enabled": true, "address": [{"ip": "10.1.0.1", "prefix-length": 16}]},
				 "ipv6": {"enabled": true, "dhcp": false, "autoconf": false, "address": [{"ip": "2001:db8:1::1", "prefix-length": 64}]}},
				{"name": "lonely", "type": "linux-bridge", "state": "up", "mtu": 1500, "bridge": {"port": []}, "ipv4": {"enabled": false}, "ipv6": {"enabled": false}},`,
		).Replace(management)
		b.everywhere(add, 30)
		b.apply(document(b.t, add))
		b.everywhere(strings.NewReplacer(
			`"interfaces": [`, `"interfaces": [{"name": "jumbo", "state": "absent"}, {"name": "lonely", "state": "absent"},
				{"name": "eth1", "state": "up", "mtu": 1500, "ipv4": {"enabled": false}, "ipv6": {"enabled": false}},`,
		).Replace(noManagement), 12)
	})
}

// everywhere kills a change before every step. At least so many there must be.
func (b *bench) everywhere(want string, least int) {
	b.t.Helper()
	before := b.state()
	deaths := 0
	for ; b.dies(want, deaths+1); deaths++ {
		var note string
		err := b.Recover(b.t.Context(), func(r Recovered) error { note = string(r.Note); return nil })
		if err != nil {
			b.t.Fatalf("died before step %d: %v", deaths+1, err)
		}
		if note != `{"who":"victim"}` {
			b.t.Errorf("note is %q", note)
		}
		if after := b.state(); after != before {
			b.t.Fatalf("died before step %d, and then it was\n%s\nbefore\n%s", deaths+1, after, before)
		}
	}
	if deaths < least {
		b.t.Errorf("%d steps are fewer than thought", deaths)
	}
	if _, second, two := strings.Cut(want, "---"); two {
		want = second
	}
	if steps, err := b.Plan(b.t.Context(), document(b.t, want)); err != nil || len(steps) > 0 {
		b.t.Errorf("the survivor left to do: %v, %v", steps, err)
	}
	if err := b.Recover(b.t.Context(), func(Recovered) error { b.t.Error("a kept change was undone"); return nil }); err != nil {
		b.t.Error(err)
	}
}

// TestKilledBond is TestKilled for a bond with VLANs, made, changed in mode and
// taken apart.
func TestKilledBond(t *testing.T) {
	inside(t, func(b *bench) {
		b.ip(`addr add 192.0.2.10/24 dev eth0
			route add 198.51.100.0/24 via 192.0.2.7 dev eth0`)
		b.everywhere(jumbo, 25)
		b.apply(document(b.t, jumbo))
		b.everywhere(bondIs("802.3ad", `"lacp_rate": "fast"`), 8)
		b.apply(document(b.t, bondIs("802.3ad", `"lacp_rate": "fast"`)))
		b.everywhere(noJumbo, 5)
	}, lab.Bonding, lab.VLAN)
}
