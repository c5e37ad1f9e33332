// SPDX-License-Identifier: GPL-2.0-or-later

// Package virtcaps reads the two documents in which libvirt says what a host
// can run: host capabilities and domain capabilities. Formats:
// https://libvirt.org/formatcaps.html and formatdomaincaps.html. Members that
// a host does not have stay empty; only XML that is none is an error.
package virtcaps

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
)

// Host is what virConnectGetCapabilities says.
type Host struct {
	Arch     string // of the processor, "x86_64"
	Topology Topology
	TSC      *TSC // nil when libvirt knows no time stamp counter
	Cells    []Cell
	Guests   []Guest
}

// Topology counts the host's processors as the cpu element does.
type Topology struct{ Sockets, Dies, Cores, Threads int64 }

// TSC is the processor's time stamp counter.
type TSC struct {
	Frequency string // Hz
	Scaling   bool   // a guest may see another frequency
}

// Cell is a NUMA node.
type Cell struct {
	ID        int64
	MemoryKiB uint64
	Pages     []Pages
	Distances []uint64 // to each cell, in the order of the document
	CPUs      []CPU
}

// Pages is a pool of memory pages of one size.
type Pages struct {
	SizeKiB uint64
	Count   string
}

// CPU is a logical processor. Of one that is offline only the ID is known.
type CPU struct {
	ID                int64
	Online            bool
	Socket, Die, Core int64
	Siblings          string // the threads of its core, as text that names the core
}

// Guest is a kind of guest the host can run.
type Guest struct {
	Arch     string
	Machines []Machine            // what the emulator knows
	Domains  map[string][]Machine // by domain type, "kvm", "qemu"; may be empty
}

// Machine is a machine type. Canonical is what an alias such as "q35" stands
// for, or "".
type Machine struct{ Name, Canonical string }

type machineXML struct {
	Canonical string `xml:"canonical,attr"`
	Name      string `xml:",chardata"`
}

type capabilitiesXML struct {
	XMLName xml.Name `xml:"capabilities"`
	Host    struct {
		CPU struct {
			Arch     string `xml:"arch"`
			Topology struct {
				Sockets int64 `xml:"sockets,attr"`
				Dies    int64 `xml:"dies,attr"`
				Cores   int64 `xml:"cores,attr"`
				Threads int64 `xml:"threads,attr"`
			} `xml:"topology"`
			Counters []struct {
				Name      string `xml:"name,attr"`
				Frequency string `xml:"frequency,attr"`
				Scaling   string `xml:"scaling,attr"`
			} `xml:"counter"`
		} `xml:"cpu"`
		Cells []cellXML `xml:"topology>cells>cell"`
	} `xml:"host"`
	Guests []struct {
		Arch struct {
			Name     string       `xml:"name,attr"`
			Machines []machineXML `xml:"machine"`
			Domains  []struct {
				Type     string       `xml:"type,attr"`
				Machines []machineXML `xml:"machine"`
			} `xml:"domain"`
		} `xml:"arch"`
	} `xml:"guest"`
}

type cellXML struct {
	ID     int64 `xml:"id,attr"`
	Memory struct {
		Unit  string `xml:"unit,attr"`
		Value uint64 `xml:",chardata"`
	} `xml:"memory"`
	Pages []struct {
		Size  uint64 `xml:"size,attr"`
		Count string `xml:",chardata"`
	} `xml:"pages"`
	Distances []struct {
		Value uint64 `xml:"value,attr"`
	} `xml:"distances>sibling"`
	CPUs []struct {
		ID       int64  `xml:"id,attr"`
		Socket   string `xml:"socket_id,attr"`
		Die      string `xml:"die_id,attr"`
		Core     string `xml:"core_id,attr"`
		Siblings string `xml:"siblings,attr"`
	} `xml:"cpus>cpu"`
}

// ParseHost reads a capabilities document.
func ParseHost(document string) (*Host, error) {
	var doc capabilitiesXML
	if err := xml.Unmarshal([]byte(document), &doc); err != nil {
		return nil, fmt.Errorf("libvirt's host capabilities: %w", err)
	}
	cpu := doc.Host.CPU
	h := &Host{Arch: cpu.Arch, Topology: Topology(cpu.Topology)}
	for _, c := range cpu.Counters {
		if c.Name == "tsc" {
			h.TSC = &TSC{Frequency: c.Frequency, Scaling: c.Scaling == "yes"}
			break
		}
	}
	for _, c := range doc.Host.Cells {
		h.Cells = append(h.Cells, c.cell())
	}
	for _, g := range doc.Guests {
		guest := Guest{Arch: g.Arch.Name, Machines: machines(g.Arch.Machines), Domains: make(map[string][]Machine)}
		for _, d := range g.Arch.Domains {
			guest.Domains[d.Type] = machines(d.Machines)
		}
		h.Guests = append(h.Guests, guest)
	}
	return h, nil
}

func (x cellXML) cell() Cell {
	c := Cell{ID: x.ID, MemoryKiB: x.Memory.Value}
	for _, p := range x.Pages {
		c.Pages = append(c.Pages, Pages{SizeKiB: p.Size, Count: p.Count})
	}
	for _, d := range x.Distances {
		c.Distances = append(c.Distances, d.Value)
	}
	for _, p := range x.CPUs {
		cpu := CPU{ID: p.ID, Siblings: p.Siblings}
		socket, err1 := strconv.ParseInt(p.Socket, 10, 64)
		core, err2 := strconv.ParseInt(p.Core, 10, 64)
		if p.Siblings != "" && err1 == nil && err2 == nil {
			cpu.Online, cpu.Socket, cpu.Core = true, socket, core
			cpu.Die, _ = strconv.ParseInt(p.Die, 10, 64) // older libvirt knows no dies: 0
		}
		c.CPUs = append(c.CPUs, cpu)
	}
	return c
}

func machines(all []machineXML) []Machine {
	list := make([]Machine, len(all))
	for i, m := range all {
		list[i] = Machine{Name: m.Name, Canonical: m.Canonical}
	}
	return list
}

// EmulatedMachines returns the machine types for guests of an architecture
// under KVM, aliases and what they stand for alike, sorted. Where libvirt
// lists none for KVM, those of the architecture count.
func (h *Host) EmulatedMachines(arch string) []string {
	names := []string{}
	for _, g := range h.Guests {
		if g.Arch != arch {
			continue
		}
		list := g.Domains["kvm"]
		if len(list) == 0 {
			list = g.Machines
		}
		for _, m := range list {
			names = append(names, m.Name)
			if m.Canonical != "" {
				names = append(names, m.Canonical)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
