// SPDX-License-Identifier: GPL-2.0-or-later

package nmstate

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// off is what an address family is that an interface does not use.
const off = "off"

// text says where an interface's addresses come from, or which it has. It is
// "" where nothing is said.
func (ip *IP) text() string {
	switch {
	case ip == nil:
		return ""
	case !ip.Enabled:
		return off
	}
	var how []string
	if ip.DHCP != nil && *ip.DHCP {
		how = append(how, "dhcp")
	}
	if ip.Autoconf != nil && *ip.Autoconf {
		how = append(how, "autoconf")
	}
	if how != nil {
		if ip.AutoRouteTableID != nil {
			how = append(how, "table "+tableName(*ip.AutoRouteTableID))
		}
		return strings.Join(how, " ") // the addresses are the network's choice
	}
	for _, a := range ip.Address {
		if address, err := netip.ParseAddr(a.IP); err != nil || !address.IsLinkLocalUnicast() {
			how = append(how, fmt.Sprintf("%s/%d", a.IP, a.PrefixLength))
		}
	}
	slices.Sort(how)
	return cmp.Or(strings.Join(how, " "), "no address")
}

func (b *Bridge) ports() string {
	var names []string
	for _, p := range b.Port {
		name := p.Name
		if p.VLAN != nil && p.VLAN.Tag != nil {
			name += fmt.Sprintf(" (tag %d)", *p.VLAN.Tag)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return listed(names)
}

// routeKey is what makes two routes the same for us.
type routeKey struct {
	destination, via, dev string
	table                 uint32
}

func (r Route) key() routeKey {
	return routeKey{r.Destination, gateway(r.NextHopAddress), r.NextHopInterface, table(r.TableID)}
}

func (r Route) absent() bool { return r.State == Absent }

func (r Route) text() string {
	text := r.Destination
	if via := gateway(r.NextHopAddress); via != "" {
		text += " via " + via
	}
	return text + " dev " + r.NextHopInterface + " table " + tableName(r.TableID)
}

// ruleKey is what makes two rules the same for us.
type ruleKey struct {
	from, to string
	priority int
	table    uint32
}

func (r RouteRule) key() ruleKey { return ruleKey{r.IPFrom, r.IPTo, r.Priority, table(r.RouteTable)} }

func (r RouteRule) absent() bool { return r.State == Absent }

func (r RouteRule) text() string {
	var words []string
	if r.IPFrom != "" {
		words = append(words, "from "+r.IPFrom)
	}
	if r.IPTo != "" {
		words = append(words, "to "+r.IPTo)
	}
	return strings.Join(append(words, "table "+tableName(r.RouteTable), fmt.Sprint("priority ", r.Priority)), " ")
}

// gateway returns the address of a gateway; "" for a route without one, which
// is written in several ways.
func gateway(address string) string {
	if address == "0.0.0.0" || address == "::" {
		return ""
	}
	return address
}

func table(id uint32) uint32 {
	if id == TableDefault {
		return TableMain
	}
	return id
}

func tableName(id uint32) string {
	if table(id) == TableMain {
		return "main"
	}
	return fmt.Sprint(id)
}

func turns(what, from, to string) string { return strings.TrimSpace(what + " " + from + " -> " + to) }

func listed(names []string) string { return orNone(strings.Join(names, " ")) }

func orNone(s string) string { return cmp.Or(s, "none") }

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
