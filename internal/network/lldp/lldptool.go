// SPDX-License-Identifier: GPL-2.0-or-later

package lldp

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// Lldpad asks lldpad(8) through lldptool(8), as the original does.
type Lldpad struct{ Program string } // "" for lldptool on the path

func (p Lldpad) run(ctx context.Context, args ...string) (string, error) {
	program := p.Program
	if program == "" {
		program = "lldptool"
	}
	out, err := exec.CommandContext(ctx, program, args...).Output()
	if err != nil {
		return "", fmt.Errorf("lldptool %s: %w", strings.Join(args, " "), err)
	}
	return string(out), nil
}

// Active reports whether lldpad answers.
func (p Lldpad) Active(ctx context.Context) bool {
	_, err := p.run(ctx, "-ping")
	return err == nil
}

// Enable makes lldpad receive on a link, unless it was told already what to do
// there.
func (p Lldpad) Enable(ctx context.Context, device string) error {
	if p.enabled(ctx, device) {
		return nil
	}
	_, err := p.run(ctx, "set-lldp", "-i", device, "adminStatus=rx")
	return err
}

func (p Lldpad) enabled(ctx context.Context, device string) bool {
	out, err := p.run(ctx, "get-lldp", "-i", device, "adminStatus")
	status, ok := strings.CutPrefix(strings.TrimSpace(out), "adminStatus=")
	return err == nil && ok && status != "disabled"
}

// Hear asks for the neighbour of a link.
func (p Lldpad) Hear(ctx context.Context, device string) (Heard, error) {
	if !p.enabled(ctx, device) {
		return Heard{}, nil
	}
	out, err := p.run(ctx, "get-tlv", "-n", "-i", device)
	if err != nil {
		return Heard{}, err
	}
	return Heard{Enabled: true, TLVs: parseLldptool(out)}, nil
}

// parseLldptool reads a title per TLV, each followed by lines with a tabulator
// in front.
func parseLldptool(out string) []TLV {
	var all []TLV
	var title string
	var lines []string
	flush := func() {
		if t, ok := ofLldptool(title, lines); ok {
			all = append(all, t)
		}
	}
	for line := range strings.SplitSeq(out, "\n") {
		if text, ok := strings.CutPrefix(line, "\t"); ok {
			lines = append(lines, strings.TrimSpace(text))
			continue
		}
		flush()
		title, lines = strings.TrimSpace(line), nil
	}
	flush()
	return all
}

// titled are the TLVs by the titles that lldptool gives them. Both TLVs for
// link aggregation have the same title; the original takes it for IEEE 802.1's.
func titled(title string) (TLV, bool) {
	for _, t := range []TLV{
		{Type: typeChassisID}, {Type: typePortID}, {Type: typeTTL}, {Type: typePortDescription},
		{Type: typeSystemName}, {Type: typeSystemDescription}, {Type: typeCapabilities}, {Type: typeManagementAddress},
		{Type: typeOrganization, OUI: oui8021, Subtype: 1}, {Type: typeOrganization, OUI: oui8021, Subtype: 3},
		{Type: typeOrganization, OUI: oui8021, Subtype: 7}, {Type: typeOrganization, OUI: oui8023, Subtype: 4},
	} {
		t.Name = name(t.Type, t.OUI, t.Subtype)
		if title == t.Name+" TLV" || t.Name == "MTU" && title == "Maximum Frame Size TLV" {
			return t, true
		}
	}
	return TLV{}, false
}

func ofLldptool(title string, lines []string) (TLV, bool) {
	t, ok := titled(title)
	if !ok || len(lines) == 0 {
		return TLV{}, false
	}
	before, after, _ := strings.Cut(lines[0], ":")
	before, after = strings.TrimSpace(before), strings.TrimSpace(after)
	switch t.Name {
	case "Chassis ID":
		t.Properties = map[string]string{"chassis ID": after, "chassis ID subtype": before}
	case "Port ID":
		t.Properties = map[string]string{"port ID": after, "port ID subtype": before}
	case "System Capabilities":
		t.Properties = make(map[string]string)
		for _, line := range lines {
			label, value, _ := strings.Cut(line, ":")
			t.Properties[strings.ToLower(strings.TrimSpace(label))] = strings.TrimSpace(value)
		}
	case "Management Address":
		t.Properties = managementOf(lines)
	case "Port VLAN ID":
		t.Properties = one("Port VLAN ID", last(lines[0]))
	case "VLAN Name":
		_, tag, _ := strings.Cut(before, " ")
		t.Properties = map[string]string{"VLAN ID": strings.TrimSpace(tag), "VLAN Name": after}
	case "Link Aggregation":
		if len(lines) < 3 {
			return TLV{}, false
		}
		t.Properties = map[string]string{
			"Aggregation capable":  truth(!strings.Contains(lines[0], "not ")),
			"Currently aggregated": truth(!strings.Contains(lines[1], "not ")),
			"Aggregated Port ID":   last(lines[2]),
		}
	default:
		t.Properties = one(strings.ToLower(t.Name), lines[0])
	}
	return t, true
}

func managementOf(lines []string) map[string]string {
	p := make(map[string]string)
	for i, key := range []string{"management address", "interface numbering"} {
		if i < len(lines) {
			kind, value, _ := strings.Cut(lines[i], ":")
			p[key], p[key+" subtype"] = strings.TrimSpace(value), strings.TrimSpace(kind)
		}
	}
	if len(lines) > 2 {
		p["object identifier"] = last(lines[2])
	}
	return p
}

// last is what follows a colon, or all where there is none.
func last(line string) string {
	before, after, ok := strings.Cut(line, ":")
	if !ok {
		after = before
	}
	return strings.TrimSpace(after)
}
