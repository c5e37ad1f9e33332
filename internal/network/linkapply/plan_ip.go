// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/nmstate"
	"govdsm/internal/network/rtnl"
	"govdsm/internal/network/snapshot"
)

// addresses plans addresses and the IPv6 settings of links.
func (p *planner) addresses() error {
	for _, name := range p.order(slices.Sorted(maps.Keys(p.now.Addrs))) {
		if _, named := p.ifaces[name]; p.gone[name] || (!named && (p.strips[name] || p.bounced[name])) {
			p.family(name, &nmstate.IP{}, false, p.gone[name] || p.strips[name])
			p.family(name, &nmstate.IP{}, true, p.gone[name] || p.strips[name])
		}
	}
	for _, name := range p.names {
		i := p.ifaces[name]
		if i.State == nmstate.Absent || (p.gone[name] && !p.made[name]) {
			continue
		}
		for _, f := range []struct {
			ip  *nmstate.IP
			six bool
		}{{i.IPv4, false}, {i.IPv6, true}} {
			switch {
			case p.strips[name]:
				p.family(name, &nmstate.IP{}, f.six, true)
			case f.ip != nil:
				if err := p.wanted(name, f.ip, f.six); err != nil {
					return err
				}
			case p.bounced[name]:
				p.family(name, &nmstate.IP{}, f.six, false)
			}
		}
		if i.IPv6 != nil {
			p.settings(name, i.IPv6)
		}
	}
	return nil
}

// wanted plans the addresses of one family as a document has them.
func (p *planner) wanted(name string, ip *nmstate.IP, six bool) error {
	if !ip.Enabled {
		p.family(name, ip, six, true)
		return nil
	}
	var list []snapshot.Addr
	for _, a := range ip.Address {
		address, err := netip.ParseAddr(a.IP)
		if err != nil {
			return fmt.Errorf("address of %s: %w", name, err)
		}
		prefix := netip.PrefixFrom(address, a.PrefixLength)
		if !prefix.IsValid() || address.Is4() == six {
			return fmt.Errorf("address of %s: %s/%d is none of this family", name, a.IP, a.PrefixLength)
		}
		list = append(list, snapshot.Addr{Dev: name, Prefix: prefix, Attrs: broadcast(prefix)})
	}
	p.family(name, ip, six, true, list...)
	return nil
}

// family plans the removal of present addresses and the addition of wanted
// ones. Unless exact, all present ones stay and are only put back where a link
// goes down, which takes its IPv6 addresses.
func (p *planner) family(name string, ip *nmstate.IP, six, exact bool, want ...snapshot.Addr) {
	var present, off, back []snapshot.Addr
	if !p.gone[name] || !p.made[name] {
		for _, a := range p.now.Addrs[name] {
			if a.Prefix.Addr().Is6() == six && !a.LinkLocal() && !comes(ip, a) {
				present = append(present, a)
			}
		}
	} else if exact { // made anew: everything goes with the old one
		for _, a := range p.now.Addrs[name] {
			if a.Prefix.Addr().Is6() == six && !a.LinkLocal() {
				off = append(off, a)
			}
		}
	}
	lostAnyway := p.bounced[name] && six
	for _, a := range present {
		listed := slices.ContainsFunc(want, func(w snapshot.Addr) bool { return lastingAs(w, a) })
		switch {
		case exact && !listed:
			off = append(off, a)
		case lostAnyway:
			off, back = append(off, a), append(back, a)
		}
	}
	for _, w := range want {
		if !slices.ContainsFunc(present, func(a snapshot.Addr) bool { return lastingAs(w, a) }) {
			back = append(back, w)
		}
	}
	// The kernel removes secondary addresses with their primary one.
	slices.Reverse(off)
	for _, a := range off {
		p.add(phaseAddrsOff, &address{Addr: a, Remove: true})
	}
	for _, a := range back {
		p.add(phaseAddrs, &address{Addr: a})
	}
	if len(off) > 0 || p.bounced[name] || p.gone[name] {
		p.routesLost(name, six, p.gone[name] || (exact && !ip.Enabled))
	}
}

// broadcast returns the attribute that ip(8) gives with "brd +".
func broadcast(p netip.Prefix) []byte {
	if !p.Addr().Is4() || p.Bits() > 30 {
		return nil
	}
	b := p.Addr().As4()
	for i := p.Bits(); i < 32; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	return rtnl.Put(nil, unix.IFA_BROADCAST, b[:])
}

// settings plans the files below /proc/sys/net/ipv6/conf of a link. The
// router advertisements of a network that is not the default route must not
// set one.
func (p *planner) settings(name string, ip *nmstate.IP) {
	want := snapshot.IPv6{Known: true, Disabled: !ip.Enabled}
	if yes(ip.Autoconf) {
		want.Autoconf = 1
	}
	if dynamic(ip) {
		want.AcceptRA = 2 // DHCPv6 has no routes: they are advertised
		if ip.AutoRouteTableID == nil || *ip.AutoRouteTableID == nmstate.TableMain {
			want.DefaultRouter = 1
		}
	}
	if mtu := p.wantedMTU(name); mtu < leastIPv6MTU {
		return // it will have no IPv6 at all
	}
	fresh := p.made[name] || p.now.Link(name).MTU < leastIPv6MTU
	var old snapshot.IPv6
	if fresh {
		old = p.ipv6Defaults()
	} else {
		old = p.now.Link(name).IPv6
	}
	if !old.Known {
		return // no IPv6 in this kernel
	}
	for _, t := range ipv6Settings(name, old, want) {
		if fresh {
			t.Old = ""
		}
		p.add(phaseTune, t)
	}
}

// leastIPv6MTU is the MTU below which the kernel takes IPv6 from a link, with
// its settings (IPV6_MIN_MTU, RFC 8200).
const leastIPv6MTU = 1280

// wantedMTU is the MTU that a link has in the end, as far as we know.
func (p *planner) wantedMTU(name string) uint32 {
	if mtu := p.ifaces[name].MTU; mtu != 0 {
		return uint32(mtu)
	}
	if l := p.now.Link(name); l != nil && !p.gone[name] {
		return l.MTU
	}
	return leastIPv6MTU
}

// keepIPv6 has undoing bring back the settings of a link that is about to lose
// them with its MTU.
func (p *planner) keepIPv6(l *snapshot.Link, mtu uint32) {
	if l.MTU < leastIPv6MTU || mtu >= leastIPv6MTU {
		return
	}
	for _, t := range ipv6Settings(l.Name, snapshot.IPv6{}, l.IPv6) {
		t.Old = t.New
		p.add(phaseAddrsOff, t) // before any step that takes them, so undone after all
	}
}

// ipv6Defaults returns the settings that new links get, read once per plan.
func (p *planner) ipv6Defaults() snapshot.IPv6 {
	if p.fresh == nil {
		p.fresh = new(p.readIPv6Defaults())
	}
	return *p.fresh
}

func (p *planner) readIPv6Defaults() snapshot.IPv6 {
	read := func(name string) (int32, bool) {
		b, err := os.ReadFile(filepath.Join(p.root, "/proc/sys/net/ipv6/conf/default", name))
		if err != nil {
			return 0, false
		}
		v, err := strconv.Atoi(strings.TrimSpace(string(b)))
		return int32(v), err == nil
	}
	disabled, ok := read("disable_ipv6")
	s := snapshot.IPv6{Known: ok, Disabled: disabled != 0}
	s.Autoconf, _ = read("autoconf")
	s.AcceptRA, _ = read("accept_ra")
	s.DefaultRouter, _ = read("accept_ra_defrtr")
	return s
}
