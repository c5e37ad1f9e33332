// SPDX-License-Identifier: GPL-2.0-or-later

package snapshot

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Differ says how a link differs between two snapshots, nil if it does not.
// What the kernel decides by itself does not count: indexes, link-local and
// dynamic addresses, its own routes, a carrier. Nor do the routes of leases: like
// the addresses, they come and go with their clients.
func Differ(a, b *State, name string) error {
	if x, y := a.describe(name), b.describe(name); x != y {
		return fmt.Errorf("%s: was %s, is %s", name, x, y)
	}
	return nil
}

// Text describes every link, one line each, and the rules. Two snapshots with
// the same text are the same network.
func (s *State) Text() string {
	var lines []string
	for _, l := range s.Sorted() {
		lines = append(lines, l.Name+": "+s.describe(l.Name))
	}
	var rules []string // the order of equal priorities means nothing
	for _, r := range s.Rules {
		rules = append(rules, fmt.Sprintf("rule %05d family %d from %v to %v table %d", r.Priority, r.Family, r.From, r.To, r.Table))
	}
	slices.Sort(rules)
	return strings.Join(append(lines, rules...), "\n")
}

func (s *State) describe(name string) string {
	l := s.Link(name)
	if l == nil {
		return "missing"
	}
	parts := []string{fmt.Sprintf("kind %q mtu %d mac %s up %v master %q base %q tag %d stp %v ipv6 %v/%d/%d",
		l.Kind, l.MTU, l.MAC, l.Up, l.Master, l.Base, l.VLANTag(), l.STP(), l.IPv6.Disabled, l.IPv6.Autoconf, l.IPv6.AcceptRA)}
	var objects []string
	for _, a := range s.Addrs[name] {
		if !a.LinkLocal() && !a.Dynamic() {
			objects = append(objects, a.Prefix.String())
		}
	}
	for _, r := range s.Routes[name] {
		if !r.Kernel() && r.Protocol != unix.RTPROT_DHCP {
			objects = append(objects, fmt.Sprintf("route %s via %v table %d metric %d", r.Dest, r.Gateway, r.Table, r.Metric))
		}
	}
	slices.Sort(objects)
	return strings.Join(append(parts, objects...), ", ")
}
