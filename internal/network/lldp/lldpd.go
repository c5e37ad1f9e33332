// SPDX-License-Identifier: GPL-2.0-or-later

package lldp

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// Lldpd asks lldpd(8) through lldpctl(8). It listens on all links by itself.
type Lldpd struct {
	Program string // "" for lldpctl on the path
	Socket  string // "" for the usual one
}

func (p Lldpd) run(ctx context.Context, args ...string) ([]byte, error) {
	program := p.Program
	if program == "" {
		program = "lldpctl"
	}
	if p.Socket != "" {
		args = append([]string{"-u", p.Socket}, args...)
	}
	out, err := exec.CommandContext(ctx, program, args...).Output()
	if err != nil {
		return nil, fmt.Errorf("lldpctl: %w", err)
	}
	return out, nil
}

// Active reports whether lldpd answers.
func (p Lldpd) Active(ctx context.Context) bool {
	_, err := p.run(ctx, "-f", "json0")
	return err == nil
}

// Hear asks for the neighbour of a link.
func (p Lldpd) Hear(ctx context.Context, device string) (Heard, error) {
	out, err := p.run(ctx, "-f", "json0", device)
	if err != nil {
		return Heard{}, err
	}
	tlvs, err := parseLldpctl(out, device)
	return Heard{Enabled: true, TLVs: tlvs}, err
}

// lldpctl is the format json0, in which every member is a list.
type lldpctl struct {
	LLDP []struct {
		Interface []lldpctlLink `json:"interface"`
	} `json:"lldp"`
}

type lldpctlLink struct {
	Name    string `json:"name"`
	Via     string `json:"via"`
	Chassis []struct {
		ID         []typed  `json:"id"`
		Name       []valued `json:"name"`
		Descr      []valued `json:"descr"`
		Addresses  []valued `json:"mgmt-ip"`
		Interfaces []valued `json:"mgmt-iface"`
		Capability []struct {
			Type    string `json:"type"`
			Enabled bool   `json:"enabled"`
		} `json:"capability"`
	} `json:"chassis"`
	Port []struct {
		ID          []typed  `json:"id"`
		Descr       []valued `json:"descr"`
		TTL         []valued `json:"ttl"`
		MFS         []valued `json:"mfs"`
		Aggregation []valued `json:"aggregation"`
	} `json:"port"`
	VLAN []struct {
		ID   string `json:"vlan-id"`
		PVID bool   `json:"pvid"`
		Name string `json:"value"`
	} `json:"vlan"`
}

type valued struct {
	Value string `json:"value"`
}

type typed struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// parseLldpctl finds the first neighbour of a link that speaks LLDP; lldpd also
// hears other protocols.
func parseLldpctl(out []byte, device string) ([]TLV, error) {
	var all lldpctl
	if err := json.Unmarshal(out, &all); err != nil {
		return nil, fmt.Errorf("lldpctl: %w", err)
	}
	for _, l := range all.LLDP {
		for _, link := range l.Interface {
			if link.Name == device && link.Via == "LLDP" {
				return link.tlvs(), nil
			}
		}
	}
	return nil, nil
}

// tlvs puts the neighbour in lldptool's words, in the order of the types.
func (l *lldpctlLink) tlvs() []TLV {
	var all []TLV
	add := func(t TLV, p map[string]string) {
		t.Name, t.Properties = name(t.Type, t.OUI, t.Subtype), p
		all = append(all, t)
	}
	text := func(kind uint8, v []valued) {
		if len(v) > 0 {
			add(TLV{Type: kind}, one(strings.ToLower(name(kind, 0, 0)), v[0].Value))
		}
	}
	for _, c := range l.Chassis {
		if len(c.ID) > 0 {
			add(TLV{Type: typeChassisID}, map[string]string{"chassis ID": c.ID[0].Value, "chassis ID subtype": idSubtype(c.ID[0].Type)})
		}
	}
	for _, p := range l.Port {
		if len(p.ID) > 0 {
			add(TLV{Type: typePortID}, map[string]string{"port ID": p.ID[0].Value, "port ID subtype": idSubtype(p.ID[0].Type)})
		}
		text(typeTTL, p.TTL)
		text(typePortDescription, p.Descr)
	}
	for _, c := range l.Chassis {
		text(typeSystemName, c.Name)
		text(typeSystemDescription, c.Descr)
		if len(c.Capability) > 0 {
			var can, does []string
			for _, cap := range c.Capability {
				can = append(can, cap.Type)
				if cap.Enabled {
					does = append(does, cap.Type)
				}
			}
			add(TLV{Type: typeCapabilities}, map[string]string{
				"system capabilities": strings.Join(can, ", "), "enabled capabilities": strings.Join(does, ", "),
			})
		}
		for i, a := range c.Addresses {
			p := map[string]string{"management address": a.Value, "management address subtype": family(a.Value)}
			if i < len(c.Interfaces) {
				p["interface numbering"], p["interface numbering subtype"] = c.Interfaces[i].Value, "Ifindex"
			}
			add(TLV{Type: typeManagementAddress}, p)
		}
	}
	l.organizations(add)
	return all
}

func (l *lldpctlLink) organizations(add func(TLV, map[string]string)) {
	for _, v := range l.VLAN {
		if v.PVID {
			add(TLV{Type: typeOrganization, OUI: oui8021, Subtype: 1}, one("Port VLAN ID", v.ID))
		}
	}
	for _, v := range l.VLAN {
		if v.Name != "" {
			add(TLV{Type: typeOrganization, OUI: oui8021, Subtype: 3}, map[string]string{"VLAN ID": v.ID, "VLAN Name": "Name " + v.Name})
		}
	}
	for _, p := range l.Port {
		if len(p.Aggregation) > 0 { // told only when it is done
			port := p.Aggregation[0].Value
			add(TLV{Type: typeOrganization, OUI: oui8021, Subtype: 7}, map[string]string{
				"Aggregation capable": "True", "Aggregated Port ID": port,
				"Currently aggregated": truth(isPositive(port)),
			})
		}
		if len(p.MFS) > 0 {
			add(TLV{Type: typeOrganization, OUI: oui8023, Subtype: 4}, one("mtu", p.MFS[0].Value))
		}
	}
}

func isPositive(number string) bool {
	n, err := strconv.ParseUint(number, 10, 32)
	return err == nil && n > 0
}

// idSubtype translates lldpd's words for the kinds of identifiers.
func idSubtype(word string) string {
	switch word {
	case "mac":
		return "MAC"
	case "ip":
		return "IPv4"
	case "ifname":
		return "Ifname"
	case "ifalias":
		return "Interface Alias"
	case "local":
		return "Local"
	default:
		return "Unknown"
	}
}

func family(address string) string {
	if strings.Contains(address, ":") {
		return "IPv6"
	}
	return "IPv4"
}
