// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// cable is a card of the host. Its other end is in another room (network
// namespace), where a server gives leases and advertises itself as a router:
// prefixes 10.9.0 and fd09 untagged, 10.10.0 and fd10 with the tag 10.
const cable = "veth_0a"

// room makes the cable and starts the server, unless it is to be silent.
func (h *host) room(serve bool) {
	h.Helper()
	h.sh(`[ -e /run/netns/room ] || { ip netns add room; ip netns exec room sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad'; }
ip -batch - <<'END'
link add ` + cable + ` type veth peer name veth_0b netns room
END
ip -n room -batch - <<'END'
link add link veth_0b name veth_0b.10 type vlan id 10
link set veth_0b up
link set veth_0b.10 up
address add 10.9.0.1/24 dev veth_0b
address add fd09::1/64 dev veth_0b nodad
address add 10.10.0.1/24 dev veth_0b.10
address add fd10::1/64 dev veth_0b.10 nodad
END`)
	if !serve {
		return
	}
	// Each VLAN has its own server, which knows nothing of the other's leases: to
	// one for both they are one client's, as their devices have the same address.
	// It goes on in the background as soon as it can be asked.
	dir := h.TempDir()
	h.sh(`serve() {
	ip netns exec room dnsmasq --conf-file=/dev/null --port=0 --user=root --log-facility=/dev/null --no-ping --dhcp-authoritative \
		--pid-file=` + dir + `/$1.pid --dhcp-leasefile=` + dir + `/$1.leases --interface=$1 --bind-dynamic --enable-ra --dhcp-option=6,10.9.0.53 \
		--dhcp-range=$2.100,$2.199,2m --dhcp-range=$3::100,$3::199,slaac,64,2m
}
serve veth_0b 10.9.0 fd09
serve veth_0b.10 10.10.0 fd10`)
	h.Cleanup(func() { // after the leases were given back
		for _, name := range []string{"veth_0b", "veth_0b.10"} {
			h.end(filepath.Join(dir, name+".pid"))
		}
	})
}

// end ends the process whose number is in a file.
func (h *host) end(file string) {
	h.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		h.Error(err)
		return
	}
	process, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err == nil {
		err = syscall.Kill(process, syscall.SIGKILL)
	}
	if err != nil {
		h.Error(err)
	}
}

// dynamics are the ways to addresses from others.
func dynamics() map[string]attrs {
	return map[string]attrs{
		"DHCPv4":   {"bootproto": "dhcp"},
		"DHCPv6":   {"dhcpv6": true},
		"both":     {"bootproto": "dhcp", "dhcpv6": true},
		"autoconf": {"ipv6autoconf": true},
	}
}

// leased waits until a network has the addresses it is to get, and looks at all
// of it then.
func (h *host) leased(name string, a attrs) {
	h.Helper()
	four, six := "10.9.0.", "fd09::"
	if a["vlan"] == 10 {
		four, six = "10.10.0.", "fd10::"
	}
	defer func() {
		if h.Failed() {
			h.Logf("%s: %+v", name, h.caps.Networks[name])
		}
	}()
	want4, want6, auto := a["bootproto"] == "dhcp", a["dhcpv6"] == true, a["ipv6autoconf"] == true
	h.until(name+" has its addresses", func() bool {
		h.refresh()
		n := h.caps.Networks[name]
		return (!want4 || strings.HasPrefix(n.Addr, four+"1") && n.Gateway == four+"1") &&
			(!want6 || slices.ContainsFunc(n.IPv6, func(s string) bool { return strings.HasPrefix(s, six) })) &&
			(!want6 && !auto || a["defaultRoute"] != true || n.Gateway6 != "::") &&
			(!auto || slices.ContainsFunc(n.IPv6, func(s string) bool { return strings.HasPrefix(s, six) }))
	})
	h.hasNetwork(name, a)
	h.agree()
	n := h.caps.Networks[name]
	equal(h, name+": dhcpv4", n.DHCPv4, want4)
	equal(h, name+": dhcpv6", n.DHCPv6, want6)
	equal(h, name+": ipv6autoconf", n.Autoconf, auto)
	if want4 {
		equal(h, name+": gateway", n.Gateway, four+"1")
		equal(h, name+": ipv4defaultroute", n.DefRoute, a["defaultRoute"] == true)
		ruled := slices.ContainsFunc(takeInventory(h).Rules, func(r string) bool { return strings.Contains(r, "src "+four) })
		equal(h, name+": has rules of its own", ruled, a["defaultRoute"] != true) // contract, section 12
	}
	if want6 && a["defaultRoute"] == true {
		equal(h, name+": has a router", strings.HasPrefix(n.Gateway6, "fe80::"), true)
	}
}

func dynamicIP(a *area) {
	for name, ip := range dynamics() {
		for _, route := range []bool{false, true} {
			a.bridged(fmt.Sprintf("%s on a card, default route %v", name, route), func(h *host, bridged bool) {
				h.room(true)
				red := ip.with("nic", cable, "bridged", bridged, "defaultRoute", route)
				h.must(networks{"red": red}, nil)
				h.leased("red", red)
			})
		}
		a.add(name+" on a VLAN of a bond", func(h *host) {
			h.room(true)
			red := ip.with("bonding", "bond1", "vlan", 10, "bridged", false)
			h.must(networks{"red": red}, bonds{"bond1": {"nics": []string{cable}}})
			h.leased("red", red)
		})
		for _, serve := range []bool{true, false} {
			a.bridged(fmt.Sprintf("%s and then static, served %v", name, serve), func(h *host, bridged bool) {
				h.room(serve)
				red := ip.with("nic", cable, "bridged", bridged)
				h.must(networks{"red": red}, nil)
				if serve {
					h.leased("red", red)
				}
				red = families()["both"].with("nic", cable, "bridged", bridged)
				h.setup(networks{"red": red}, nil)
				h.hasNetwork("red", red)
			})
		}
	}
	dynamicMoves(a)
}

// dynamicMoves are changes of networks with leases.
func dynamicMoves(a *area) {
	red := attrs{"nic": cable, "bootproto": "dhcp"}
	a.bridged("static and then DHCPv4", func(h *host, bridged bool) {
		h.room(true)
		red := red.with("bridged", bridged)
		static := red.with("bootproto", nil, "ipaddr", addr1, "netmask", mask24)
		h.setup(networks{"red": static}, nil)
		h.must(networks{"red": red}, nil)
		h.leased("red", red)
	})
	a.add("the address stays when a bridge comes and goes", func(h *host) {
		h.room(true)
		var was string
		for _, bridged := range []bool{false, true, false} {
			red := red.with("bridged", bridged)
			h.must(networks{"red": red}, nil)
			h.leased("red", red)
			if now := h.caps.Networks["red"].Addr; was == "" {
				was = now
			} else {
				equal(h, "address", now, was)
			}
		}
	})
	a.bridged("a tag on a card", func(h *host, bridged bool) {
		h.room(true)
		red := red.with("vlan", 10, "bridged", bridged)
		h.must(networks{"red": red}, nil)
		h.leased("red", red)
		static := red.with("bootproto", nil, "ipaddr", addr1, "netmask", mask24)
		h.setup(networks{"red": static}, nil)
		h.hasNetwork("red", static)
	})
	a.add("two networks with leases, one default route", func(h *host) {
		h.room(true)
		red, blue := red.with("defaultRoute", true), red.with("vlan", 10)
		h.must(networks{"red": red, "blue": blue}, nil)
		h.leased("red", red)
		h.leased("blue", blue)
		h.must(networks{"red": red.with("defaultRoute", false)}, nil)
		h.must(networks{"blue": blue.with("defaultRoute", true)}, nil)
		h.leased("red", red.with("defaultRoute", false))
		h.leased("blue", blue.with("defaultRoute", true))
	})
	a.bridged("name servers beside a lease", func(h *host, bridged bool) {
		h.room(true)
		red := red.with("bridged", bridged, "defaultRoute", true, "nameservers", []string{"1.2.3.4"})
		h.must(networks{"red": red}, nil)
		h.leased("red", red)
		equal(h, "first name server", h.caps.Nameservers[0], "1.2.3.4")
	})
	a.add("a change with a lease is not confirmed", func(h *host) {
		h.room(true)
		h.must(networks{"red": red}, nil)
		h.leased("red", red)
		if err := h.request(networks{"red": red.with("vlan", 10, "mtu", 1400)}, nil, unheard()); err == nil {
			h.Error("the change is kept")
		}
		h.leased("red", red)
	})
	a.add("the network goes, and all of the lease", func(h *host) {
		h.room(true)
		h.must(networks{"red": red}, nil)
		h.leased("red", red)
		h.setup(networks{"red": gone()}, nil)
		h.hasNoNetwork("red")
		equal(h, "rules", len(takeInventory(h).Rules), len(h.before.Rules))
	})
}

// must makes a change that must succeed, after which addresses come when they
// come.
func (h *host) must(n networks, b bonds) {
	h.Helper()
	if err := h.request(n, b, nil); err != nil {
		h.Fatalf("setupNetworks(%s, %s): %v", short(n), short(b), err)
	}
}
