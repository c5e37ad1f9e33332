// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// inventory is the kernel's networking, as ip(8) tells it: a reader that has
// nothing in common with ours.
type inventory struct {
	Links  map[string]link
	Routes []string // in ip's words, without those that the kernel makes by itself
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

func takeInventory(t testing.TB) inventory {
	t.Helper()
	var list []ipLink
	if err := json.Unmarshal(ipOutput(t, "-d", "-j", "address"), &list); err != nil {
		t.Fatal(err)
	}
	i := inventory{Links: map[string]link{}}
	for _, l := range list {
		if l.Name == "" {
			continue
		}
		n := link{Name: l.Name, Kind: l.LinkInfo.Kind, Master: l.Master, MAC: l.MAC, MTU: l.MTU, Up: slices.Contains(l.Flags, "UP")}
		if n.Kind == "vlan" {
			n.Base, n.VLAN = l.Base, l.LinkInfo.Data.ID
		}
		for _, a := range l.Addrs {
			if a.Scope != "link" {
				n.Addrs = append(n.Addrs, fmt.Sprintf("%s/%d", a.Local, a.Bits))
			}
		}
		i.Links[l.Name] = n
	}
	for line := range strings.Lines(string(ipOutput(t, "-4", "route", "show", "table", "all")) + string(ipOutput(t, "-6", "route", "show", "table", "all"))) {
		if line = strings.TrimSpace(line); !strings.Contains(line, "proto kernel") && !strings.HasPrefix(line, "multicast") {
			i.Routes = append(i.Routes, line)
		}
	}
	for line := range strings.Lines(string(ipOutput(t, "rule"))) {
		i.Rules = append(i.Rules, strings.TrimSpace(line))
	}
	slices.Sort(i.Routes)
	return i
}

func ipOutput(t testing.TB, args ...string) []byte {
	t.Helper()
	out, err := exec.Command("ip", args...).Output()
	if err != nil {
		t.Fatalf("ip %v: %v", args, err)
	}
	return out
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
