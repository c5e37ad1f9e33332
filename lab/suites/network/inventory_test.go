// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// inventory is the kernel's networking, as ip(8) tells it: a reader that has
// nothing in common with ours.
type inventory struct {
	Links  map[string]link
	Routes []string // without those that the kernel makes by itself
	Rules  []string
}

type link struct {
	Name, Kind, Base, Master, MAC string
	MTU, VLAN                     int
	Up                            bool
	Addrs                         []string // without link-local ones
}

// ipLink is what ip -d -j address shows of a link.
type ipLink struct {
	Name     string   `json:"ifname"`
	Base     string   `json:"link"`
	Master   string   `json:"master"`
	MTU      int      `json:"mtu"`
	Flags    []string `json:"flags"`
	MAC      string   `json:"address"`
	LinkInfo struct {
		Kind string `json:"info_kind"`
		Data struct {
			ID int `json:"id"`
		} `json:"info_data"`
	} `json:"linkinfo"`
	Addrs []struct {
		Family string `json:"family"`
		Local  string `json:"local"`
		Bits   int    `json:"prefixlen"`
		Scope  string `json:"scope"`
	} `json:"addr_info"`
}

// ipRoute is what ip -j route and rule show; all of it is compared.
type ipRoute map[string]any

func takeInventory(h *host) inventory {
	h.Helper()
	return h.inventory(h.T)
}

func (m *machine) inventory(t *testing.T) inventory {
	t.Helper()
	i := inventory{Links: map[string]link{}}
	for _, l := range ask[[]ipLink](t, m.shell, "address show") {
		if l.Name != "" {
			i.Links[l.Name] = l.link()
		}
	}
	for _, s := range []*ipShell{m.four, m.six} {
		for _, r := range ask[[]ipRoute](t, s, "route show table all") {
			if r["protocol"] != "kernel" && r["type"] != "multicast" {
				i.Routes = append(i.Routes, r.text())
			}
		}
	}
	for _, r := range ask[[]ipRoute](t, m.four, "rule show") {
		i.Rules = append(i.Rules, r.text())
	}
	slices.Sort(i.Routes)
	slices.Sort(i.Rules)
	return i
}

// ask asks ip until it answers whole: what others change meanwhile interrupts a
// dump, which ip only mentions. Each answer is a new value: what is decoded into
// a list that was used before keeps fields of it.
func ask[T any](t *testing.T, s *ipShell, question string) T {
	t.Helper()
	for end := time.Now().Add(patience); ; {
		var answer T
		err := s.ask(question, &answer)
		if err == nil {
			return answer
		}
		if !strings.Contains(err.Error(), "Dump was interrupted") || time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

func (l ipLink) link() link {
	n := link{Name: l.Name, Kind: l.LinkInfo.Kind, Master: l.Master, MAC: l.MAC, MTU: l.MTU, Up: slices.Contains(l.Flags, "UP")}
	if n.Kind == "vlan" {
		n.Base, n.VLAN = l.Base, l.LinkInfo.Data.ID
	}
	for _, a := range l.Addrs {
		if a.Scope != "link" {
			n.Addrs = append(n.Addrs, fmt.Sprintf("%s/%d", a.Local, a.Bits))
		}
	}
	return n
}

// text tells what was configured of a route or rule: not whether its link has
// carrier, nor when it expires.
func (r ipRoute) text() string {
	var parts []string
	for _, key := range []string{"dst", "dstlen", "gateway", "dev", "table", "metric", "priority", "src", "srclen", "type", "fwmark"} {
		if v, given := r[key]; given {
			parts = append(parts, fmt.Sprintf("%s %v", key, v))
		}
	}
	return strings.Join(parts, " ")
}

func (i inventory) lines() []string {
	var all []string
	for _, l := range i.Links {
		all = append(all, fmt.Sprintf("link %+v", l))
	}
	for _, r := range i.Routes {
		all = append(all, "route "+r)
	}
	for _, r := range i.Rules {
		all = append(all, "rule "+r)
	}
	slices.Sort(all)
	return all
}

// diff tells what is not the same later, "" if all is.
func (i inventory) diff(later inventory) string {
	before, after := i.lines(), later.lines()
	var all []string
	for _, l := range before {
		if !slices.Contains(after, l) {
			all = append(all, "- "+l)
		}
	}
	for _, l := range after {
		if !slices.Contains(before, l) {
			all = append(all, "+ "+l)
		}
	}
	return strings.Join(all, "\n")
}

// ports returns the links below a bridge or bond, sorted.
func (i inventory) ports(master string) []string {
	ports := []string{}
	for _, l := range i.Links {
		if l.Master == master {
			ports = append(ports, l.Name)
		}
	}
	slices.Sort(ports)
	return ports
}
