// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"govdsm/internal/network/ovstest"
	"govdsm/internal/network/vswitch"
	"govdsm/lab"
)

// onSwitch runs the body with an Open vSwitch beside two cards: over a
// datapath of its own, and, in the lab, over the kernel's.
func onSwitch(t *testing.T, body func(b *bench, s *ovstest.Switch)) {
	t.Run("netdev", func(t *testing.T) {
		inside(t, func(b *bench) {
			s := ovstest.Start(b.t)
			b.o.Switch, b.o.Datapath = s.Socket, "netdev"
			body(b, s)
		})
	})
	t.Run("kernel", func(t *testing.T) {
		inside(t, func(b *bench) {
			s := ovstest.Start(b.t)
			b.o.Switch = s.Socket
			b.t.Cleanup(func() { s.Vsctl("--if-exists", "del-br", "vdsmbr_AbCdEfGh") })
			body(b, s)
		}, lab.OpenVSwitch)
	})
}

// all is the network and the switch as they are now.
func (b *bench) all() string {
	b.t.Helper()
	vs, err := vswitch.Read(b.t.Context(), b.o.Switch)
	if err != nil {
		b.t.Fatal(err)
	}
	return strip(b.text()) + "\n" + vs.Text()
}

// switched is a network with a VLAN and an address, and one without a VLAN, on a
// card that had an address.
const switched = `{
"interfaces": [
 {"name": "eth0", "state": "up", "mtu": 1600, "ipv4": {"enabled": false}, "ipv6": {"enabled": false}},
 {"name": "net7", "type": "ovs-interface", "state": "up", "mtu": 1400, "mac-address": "52:54:00:00:00:10",
  "ipv4": {"enabled": true, "dhcp": false, "address": [{"ip": "198.51.100.5", "prefix-length": 24}]}, "ipv6": {"enabled": false}},
 {"name": "net8", "type": "ovs-interface", "state": "up", "mtu": 1600, "mac-address": "52:54:00:00:00:10",
  "ipv4": {"enabled": false}, "ipv6": {"enabled": true, "dhcp": false, "autoconf": false, "address": [{"ip": "2001:db8:1::1", "prefix-length": 64}]}},
 {"name": "vdsmbr_AbCdEfGh", "type": "ovs-bridge", "state": "up",
  "bridge": {"port": [{"name": "eth0"}, {"name": "net7", "vlan": {"mode": "access", "tag": 7}}, {"name": "net8"}]}}],
"routes": {"config": [
 {"destination": "0.0.0.0/0", "next-hop-address": "198.51.100.1", "next-hop-interface": "net7", "table-id": 0}]},
"ovs-db": {"external_ids": {"ovn-bridge-mappings": "net7:vdsmbr_AbCdEfGh,net8:vdsmbr_AbCdEfGh"}}}`

const unswitched = `{
"interfaces": [
 {"name": "eth0", "state": "up", "mtu": 1500},
 {"name": "net7", "state": "absent"}, {"name": "net8", "state": "absent"}, {"name": "vdsmbr_AbCdEfGh", "state": "absent"}],
"ovs-db": {"external_ids": {"ovn-bridge-mappings": ""}}}`

func TestSwitch(t *testing.T) {
	onSwitch(t, func(b *bench, s *ovstest.Switch) {
		b.ip("addr add 192.0.2.10/24 dev eth0\nroute add default via 192.0.2.1 dev eth0 metric 100")
		before := b.all()
		c, err := b.Begin(b.t.Context(), document(b.t, switched), nil)
		if err != nil {
			b.t.Fatal(err)
		}
		b.t.Log(strings.Join(c.Steps(), "\n"))
		b.shows("ip addr show dev net7", "mtu 1400", "52:54:00:00:00:10", "inet 198.51.100.5/24", ",UP")
		b.shows("ip addr show dev net8", "mtu 1600", "2001:db8:1::1/64", ",UP")
		b.shows("ip route", "default via 198.51.100.1 dev net7 proto static metric 800")
		if tag := s.Vsctl("get", "Port", "net7", "tag"); tag != "7\n" {
			b.t.Errorf("tag is %q", tag)
		}
		if ports := s.Vsctl("list-ports", "vdsmbr_AbCdEfGh"); ports != "eth0\nnet7\nnet8\n" {
			b.t.Errorf("ports are %q", ports)
		}
		if m := s.Vsctl("get", "Open_vSwitch", ".", "external_ids:ovn-bridge-mappings"); !strings.Contains(m, "net7:vdsmbr_AbCdEfGh,net8:vdsmbr_AbCdEfGh") {
			b.t.Errorf("mappings are %q", m)
		}
		if err := c.Undo(b.t.Context(), nil); err != nil {
			b.t.Fatal(err)
		}
		if after := b.all(); after != before {
			b.t.Errorf("undone:\n%s\nbefore:\n%s", after, before)
		}
		b.apply(document(b.t, switched))
		if steps := b.apply(document(b.t, switched)); len(steps) > 0 {
			b.t.Errorf("the same again does: %v", steps)
		}
		b.changes(s)

		// The way back, undone: everything comes again, with what others set.
		s.Vsctl("set", "Port", "net7", "external_ids:theirs=1", "--", "set", "Interface", "net8", "other_config:theirs=1")
		b.ip("addr add 203.0.113.5/32 dev net7\nlink set net8 down")
		there := b.all()
		c, err = b.Begin(b.t.Context(), document(b.t, unswitched), nil)
		if err != nil {
			b.t.Fatal(err)
		}
		if left := s.Vsctl("list-br"); left != "" {
			b.t.Errorf("bridges are left: %s", left)
		}
		if err := c.Undo(b.t.Context(), nil); err != nil {
			b.t.Fatal(err)
		}
		if after := b.all(); after != there {
			b.t.Errorf("undone:\n%s\nbefore:\n%s", after, there)
		}
		b.apply(document(b.t, unswitched))
		if out := b.output("ip", "-br", "link"); strings.Contains(out, "net7") || strings.Contains(out, "net8") {
			b.t.Errorf("links are left:\n%s", out)
		}
	})
}

// changes gives a network another VLAN, MTU and address, and back.
func (b *bench) changes(s *ovstest.Switch) {
	b.t.Helper()
	there := b.all()
	c, err := b.Begin(b.t.Context(), document(b.t, `{"interfaces": [
		{"name": "net7", "type": "ovs-interface", "state": "up", "mtu": 1450, "mac-address": "52:54:00:00:00:10",
		 "ipv4": {"enabled": true, "dhcp": false, "address": [{"ip": "198.51.100.6", "prefix-length": 24}]}, "ipv6": {"enabled": false}},
		{"name": "vdsmbr_AbCdEfGh", "type": "ovs-bridge", "state": "up",
		 "bridge": {"port": [{"name": "eth0"}, {"name": "net7", "vlan": {"mode": "access", "tag": 9}}, {"name": "net8"}]}}]}`), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	b.shows("ip addr show dev net7", "mtu 1450", "198.51.100.6/24")
	if tag := s.Vsctl("get", "Port", "net7", "tag"); tag != "9\n" {
		b.t.Errorf("tag is %q", tag)
	}
	if err := c.Undo(b.t.Context(), nil); err != nil {
		b.t.Fatal(err)
	}
	if after := b.all(); after != there {
		b.t.Errorf("undone:\n%s\nbefore:\n%s", after, there)
	}
}

// TestSwitchKilled kills a process in a change with Open vSwitch, before every
// step, and then lets another one recover: the kernel and the database are as
// before. Both ways, making and removing.
func TestSwitchKilled(t *testing.T) {
	onSwitch(t, func(b *bench, s *ovstest.Switch) {
		b.ip("addr add 192.0.2.10/24 dev eth0\nroute add default via 192.0.2.1 dev eth0 metric 100")
		b.state = b.all
		b.everywhere(switched, 15)
		b.apply(document(b.t, switched))
		b.everywhere(unswitched, 8)
	})
}

// fails begins a change that cannot be made, and looks that nothing is left of
// it. It returns the error.
func (b *bench) fails(want string) error {
	b.t.Helper()
	before := b.text()
	c, err := b.Begin(b.t.Context(), document(b.t, want), nil)
	if err == nil {
		b.t.Errorf("it was made: %v", c.Steps())
		if err := c.Undo(b.t.Context(), nil); err != nil {
			b.t.Fatal(err)
		}
		return nil
	}
	if after := b.text(); strip(after) != strip(before) {
		b.t.Errorf("after:\n%s\nbefore:\n%s", after, before)
	}
	return err
}

// strip leaves out the datapath itself, which comes and goes with bridges.
func strip(text string) string {
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return strings.HasPrefix(line, "ovs-") })
	return strings.Join(lines, "\n")
}

// TestSwitchFaults breaks Open vSwitch in every way.
func TestSwitchFaults(t *testing.T) {
	inside(t, func(b *bench) {
		s := ovstest.Start(b.t)
		b.o.Switch, b.o.Datapath, b.o.Switching = s.Socket, "netdev", 2*time.Second
		b.ip("addr add 192.0.2.10/24 dev eth0")

		// Names that others have.
		b.ip("link add net8 type bridge")
		if err := b.fails(switched); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), "net8") {
			b.t.Errorf("a dummy has the name: %v", err)
		}
		b.ip("link del net8\nlink add vdsmbr_AbCdEfGh type bridge")
		if err := b.fails(switched); !errors.Is(err, ErrInUse) {
			b.t.Errorf("the bridge's name is taken: %v", err)
		}
		b.ip("link del vdsmbr_AbCdEfGh")

		// Somebody is quicker, between the plan and the transaction.
		once := func(meddle func()) func() {
			return sync.OnceFunc(meddle)
		}
		b.o.tick = once(func() {
			s.Vsctl("add-br", "vdsmbr_AbCdEfGh", "--", "set", "Bridge", "vdsmbr_AbCdEfGh", "datapath_type=netdev")
		})
		b.fails2(switched, "create Open vSwitch bridge", vswitch.ErrTaken)
		b.o.tick = nil
		if left := s.Vsctl("list-br"); left != "vdsmbr_AbCdEfGh\n" {
			b.t.Errorf("their bridge is gone: %q", left)
		}
		s.Vsctl("del-br", "vdsmbr_AbCdEfGh")

		// The card is pulled out before Open vSwitch gets it.
		b.o.tick = once(func() { b.ip("link del eth0") })
		b.fails2(switched, "eth0", ErrSwitch)
		b.o.tick = nil
		b.ip(`link add eth0 address 52:54:00:00:00:10 type veth peer name peer0
			link set peer0 up
			link set eth0 up
			addr add 192.0.2.10/24 dev eth0`)
		empty := b.all()

		// Nobody acts on the database.
		s.StopVswitchd()
		if err := b.fails(switched); !errors.Is(err, vswitch.ErrNotSettled) {
			b.t.Errorf("without ovs-vswitchd: %v", err)
		}
		s.StartVswitchd()
		if after := b.all(); after != empty {
			b.t.Errorf("after:\n%s\nbefore:\n%s", after, empty)
		}

		// There is no database.
		s.StopServer()
		if err := b.fails(switched); !errors.Is(err, ErrSwitch) {
			b.t.Errorf("without a database: %v", err)
		}
		b.apply(document(b.t, management)) // does not need it
		s.StartServerAgain()
	})
}

// fails2 is fails for a change that others disturb: only the error counts.
func (b *bench) fails2(want, text string, kind error) {
	b.t.Helper()
	_, err := b.Begin(b.t.Context(), document(b.t, want), nil)
	if !errors.Is(err, kind) || !strings.Contains(err.Error(), text) {
		b.t.Errorf("error is %v", err)
	}
	os.Remove(b.o.Journal + ".failed")
	for _, name := range []string{"net7", "net8"} {
		if out := b.output("ip", "-br", "link"); strings.Contains(out, name) {
			b.t.Errorf("left are\n%s", out)
		}
	}
}

// TestSwitchExtended goes from a Linux bridge to a port of Open vSwitch of the
// same name in one change, and kills it everywhere.
func TestSwitchExtended(t *testing.T) {
	inside(t, func(b *bench) {
		s := ovstest.Start(b.t)
		b.o.Switch, b.o.Datapath = s.Socket, "netdev"
		b.apply(document(b.t, management))
		b.state = b.all
		const away = noManagement
		again := strings.NewReplacer("net7", "ovirtmgmt", "net8", "other").Replace(switched)
		b.everywhere(away+"\n---\n"+again, 20)
		b.shows("ip addr show dev ovirtmgmt", "198.51.100.5/24")
		if tag := s.Vsctl("get", "Port", "ovirtmgmt", "tag"); tag != "7\n" {
			b.t.Errorf("tag is %q", tag)
		}
	})
}

// TestSwitchAfterBoot cuts the power in the middle of a change: the kernel has
// forgotten it, the database has not.
func TestSwitchAfterBoot(t *testing.T) {
	inside(t, func(b *bench) {
		s := ovstest.Start(b.t)
		b.o.Switch, b.o.Datapath = s.Socket, "netdev"
		s.Vsctl("set", "Open_vSwitch", ".", "external_ids:ovn-bridge-mappings=theirs:br")
		before := b.all()
		deaths := 0
		for b.dies(switched, deaths+1) {
			deaths++
			text, err := os.ReadFile(b.o.Journal)
			if err != nil {
				b.t.Fatal(err)
			}
			_, boot, _ := strings.Cut(string(text), `"boot":"`)
			boot, _, _ = strings.Cut(boot, `"`)
			// What was announced last may not have reached the disk either.
			lines := strings.Split(strings.Replace(string(text), boot, "another", 1), "\n")
			lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, `{"begun"`) })
			if err := os.WriteFile(b.o.Journal, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
				b.t.Fatal(err)
			}
			if err := b.Recover(b.t.Context(), nil); err != nil {
				b.t.Fatalf("step %d: %v", deaths, err)
			}
			vs, err := vswitch.Read(b.t.Context(), b.o.Switch)
			if err != nil {
				b.t.Fatal(err)
			}
			if after := vs.Text(); !strings.HasSuffix(before, after) || !strings.Contains(after, "theirs:br") || strings.Contains(after, "net7") {
				b.t.Fatalf("step %d: the database has\n%s", deaths, after)
			}
			// The rest of the kernel's part, as a boot would.
			b.output("sh", "-c", "ip addr flush dev eth0; ip link set eth0 mtu 1500; echo 0 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6")
		}
		if deaths < 10 {
			b.t.Errorf("%d steps are fewer than thought", deaths)
		}
	})
}
