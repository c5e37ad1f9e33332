// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// bondModes are the modes by number (drivers/net/bonding/bond_main.c).
func bondModes() []string {
	return []string{"balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"}
}

// bondMode returns the number of a mode given by name or number.
func bondMode(text string) (uint8, error) {
	for i, name := range bondModes() {
		if text == name || text == fmt.Sprint(i) {
			return uint8(i), nil
		}
	}
	return 0, fmt.Errorf("%w: %q is no mode of a bond", ErrBadBondOption, text)
}

// ErrBadBondOption says that the kernel has no such option, or not this value.
var ErrBadBondOption = errors.New("bond option")

// bondDefaults are the values that the kernel gives a new bond
// (drivers/net/bonding/bond_main.c, bond_check_params). What is not listed
// keeps its value when a request does not mention it.
func bondDefaults(mode uint8) map[string]string {
	d := map[string]string{
		"miimon": "0", "updelay": "0", "downdelay": "0", "peer_notif_delay": "0",
		"arp_interval": "0", "arp_ip_target": "", "arp_validate": "none", "arp_all_targets": "any",
		"primary": "", "primary_reselect": "always", "fail_over_mac": "none",
		"xmit_hash_policy": "layer2", "resend_igmp": "1", "num_grat_arp": "1",
		"all_slaves_active": "0", "min_links": "0", "lp_interval": "1", "packets_per_slave": "1",
		"lacp_rate": "slow", "ad_select": "stable", "ad_actor_sys_prio": "65535", "ad_user_port_key": "0",
		"tlb_dynamic_lb": "1",
	}
	if mode >= 4 { // LACP and the adaptive modes insist on monitoring
		d["miimon"] = "100"
	}
	return d
}

// bondDefaultMonitoring is what NetworkManager gives a bond that nothing else
// monitors, so that a pulled cable is noticed in every mode.
const bondDefaultMonitoring = "100"

// wantedBond returns all options of a bond: those given, and the defaults of
// the mode for others.
func wantedBond(mode uint8, given map[string]string) map[string]string {
	want := bondDefaults(mode)
	maps.Copy(want, given)
	delete(want, "mode")
	if v, alias := given["num_unsol_na"]; alias { // another name of the same number
		delete(want, "num_unsol_na")
		want["num_grat_arp"] = v
	}
	_, miimon := given["miimon"]
	_, arp := given["arp_interval"]
	_, targets := given["arp_ip_target"]
	switch {
	case arp && !miimon && given["arp_interval"] != "0":
		want["miimon"] = "0"
	case !miimon && !arp && !targets:
		want["miimon"] = bondDefaultMonitoring
	}
	return want
}

// optionName tells whether an option can be a file in a bond's folder. What is
// known of the driver is kept where root's helper is not alone, so it is no proof.
func optionName(name string) bool {
	return name != "" && name[0] != '.' && !strings.ContainsAny(name, "/\x00")
}

// readBond reads a bond's options from sysfs, findings left out.
func readBond(root, bond string) (map[string]string, error) {
	dir := filepath.Join(root, "/sys/class/net", bond, "bonding")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("options of bond %s: %w", bond, err)
	}
	options := make(map[string]string, len(entries))
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o200 == 0 || slices.Contains(bondFindings(), e.Name()) {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			continue // not readable in this mode
		}
		options[e.Name()] = strings.TrimSpace(string(b))
	}
	return options, nil
}

func bondFindings() []string {
	return []string{"slaves", "queue_id", "mii_status"}
}

// sameBondOption compares a value of sysfs, "layer2+3 2", with a given one,
// which may be the word, the number, or a list with commas.
func sameBondOption(name, kernel, given string) bool {
	if name == "arp_ip_target" || name == "ns_ip6_target" {
		a, b := strings.Fields(kernel), splitList(given)
		slices.Sort(a)
		slices.Sort(b)
		return slices.Equal(a, b)
	}
	if given == "none" && kernel == "" {
		return true
	}
	return kernel == given || slices.Contains(strings.Fields(kernel), given) || (given == "" && kernel == "")
}

func splitList(s string) []string {
	return strings.FieldsFunc(s, func(c rune) bool { return c == ',' || c == ' ' })
}

// needsRestart tells whether an option changes only while the bond is down and
// without ports (the flags in drivers/net/bonding/bond_options.c).
func needsRestart(option string) bool {
	switch option {
	case "mode", "lacp_rate", "lacp_active", "ad_select", "fail_over_mac", "ad_user_port_key",
		"tlb_dynamic_lb", "ad_actor_sys_prio", "ad_actor_system", "coupled_control":
		return true
	}
	return false
}

// bondOptions changes options of a bond. The sets may hold the mode, too.
type bondOptions struct {
	Bond string            `json:"bond"`
	Old  map[string]string `json:"old,omitzero"` // none for a new bond
	New  map[string]string `json:"new,omitzero"` // none for a bond that is about to go
	// Choice marks what was the bond's own choice: it may be another by now.
	Choice bool `json:"choice,omitzero"`
}

func (s *bondOptions) kind() string    { return "bond-options" }
func (s *bondOptions) subject() string { return s.Bond }
func (s *bondOptions) String() string {
	if len(s.New) == 0 {
		return "remember the options of " + s.Bond
	}
	text := "options of " + s.Bond + ":"
	for _, name := range slices.Sorted(maps.Keys(s.New)) {
		text += fmt.Sprintf(" %s=%s", name, s.New[name])
	}
	return text
}

func (s *bondOptions) do(ctx context.Context, r *run) error { return writeBond(ctx, r, s.Bond, s.New) }
func (s *bondOptions) undo(ctx context.Context, r *run) error {
	if !s.Choice {
		return writeBond(ctx, r, s.Bond, s.Old)
	}
	if err := r.finish(ctx); err != nil {
		return err
	}
	for _, name := range bondOrder(s.Old) {
		_ = writeOption(ctx, r, s.Bond, name, s.Old[name])
	}
	return nil
}

// writeBond brings options to their values, in an order that the driver takes.
func writeBond(ctx context.Context, r *run, bond string, want map[string]string) error {
	if len(want) == 0 {
		return nil
	}
	if err := r.finish(ctx); err != nil {
		return err
	}
	now, err := readBond(r.root, bond)
	if errors.Is(err, fs.ErrNotExist) {
		return r.missing(err)
	}
	if err != nil {
		return err
	}
	if mode, given := want["mode"]; given && !sameBondOption("mode", now["mode"], mode) {
		// Options of the old mode can be put back only while it lasts; those
		// of the new one are refused now, and get their turn below.
		for _, name := range bondOrder(want) {
			if name != "mode" {
				_ = writeOption(ctx, r, bond, name, want[name])
			}
		}
	}
	for _, name := range bondOrder(want) {
		err := writeOption(ctx, r, bond, name, want[name])
		if err != nil && r.undoing {
			r.errs = append(r.errs, fmt.Errorf("undo %s of %s: %w", name, bond, err))
		} else if err != nil {
			return fmt.Errorf("%w %s=%s of %s: %w", ErrBadBondOption, name, want[name], bond, err)
		}
	}
	return nil
}

// writeOption writes one option if it differs: others may have changed it.
func writeOption(ctx context.Context, r *run, bond, name, value string) error {
	if !optionName(name) {
		return ErrForeignFile
	}
	now, err := readBond(r.root, bond)
	if err != nil {
		return r.missing(err)
	}
	have, exists := now[name]
	if name == "primary" && (value == "" || value == "none") {
		// It may be hidden, by the mode or because the port has not joined.
		err := r.write(ctx, "sys/class/net/"+bond+"/bonding/primary", "\n")
		if errors.Is(err, fs.ErrPermission) {
			return nil // no mode with such a thing
		}
		return err
	}
	if exists && sameBondOption(name, have, value) || !exists && isDefault(name, value) {
		return nil
	}
	for _, text := range bondWrites(name, have, value) {
		if err := r.write(ctx, "sys/class/net/"+bond+"/bonding/"+name, text); err != nil {
			return err
		}
	}
	return nil
}

func isDefault(name, value string) bool {
	for mode := range bondModes() {
		if v, ok := bondDefaults(uint8(mode))[name]; ok && v == value {
			return true
		}
	}
	return false
}

// bondOrder sorts options: the mode; what monitoring needs switched off before
// it ends; monitoring; the rest, as delays need monitoring to be on.
func bondOrder(want map[string]string) []string {
	rank := func(name string) int {
		off := want[name] == "0"
		switch name {
		case "mode":
			return 0
		case "updelay", "downdelay", "peer_notif_delay":
			if off {
				return 1
			}
			return 5
		case "arp_validate":
			if want[name] == "none" {
				return 1
			}
			return 5
		case "miimon", "arp_interval":
			if off {
				return 2 // the other one ends it as well
			}
			return 3
		case "primary", "active_slave":
			return 6
		}
		return 4
	}
	return slices.SortedFunc(maps.Keys(want), func(a, b string) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
}

// bondWrites returns what to write. Lists are changed item by item, others
// take the first word: sysfs tells "layer2+3 2" but does not take it.
func bondWrites(name, have, want string) []string {
	if name != "arp_ip_target" && name != "ns_ip6_target" {
		if want == "" || (name == "primary" && want == "none") {
			return []string{"\n"}
		}
		return []string{strings.Fields(want)[0]}
	}
	var writes []string
	old, list := strings.Fields(have), splitList(want)
	for _, item := range list {
		if !slices.Contains(old, item) {
			writes = append(writes, "+"+item)
		}
	}
	for _, item := range old {
		if !slices.Contains(list, item) {
			writes = append(writes, "-"+item)
		}
	}
	return writes
}
