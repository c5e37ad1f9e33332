// SPDX-License-Identifier: GPL-2.0-or-later

package netinfo

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"govdsm/internal/hostfs"
	"govdsm/internal/network/netlink"
)

// bondOptions are the options of a bond's driver.
type bondOptions struct {
	mode    string            // its number
	changed map[string]string // mode, and what differs from the mode's defaults
}

// bonds remembers the options of bonds. The kernel's message about a bond has
// them all, in numbers that say nothing to managers; while it is the same, so
// are the thirty files.
type bonds struct {
	fs    hostfs.FS
	mu    sync.Mutex
	known map[int]toldBond // by index
}

type toldBond struct {
	name    string
	told    []byte
	options bondOptions
}

func (b *bonds) of(l *netlink.Link) bondOptions {
	b.mu.Lock()
	defer b.mu.Unlock()
	if k, ok := b.known[l.Index]; ok && k.name == l.Name && len(l.Bond.Told) > 0 && bytes.Equal(k.told, l.Bond.Told) {
		return k.options
	}
	if b.known == nil {
		b.known = make(map[int]toldBond)
	}
	k := toldBond{name: l.Name, told: l.Bond.Told, options: readBond(b.fs, l.Name, bondDefaults(b.fs))}
	b.known[l.Index] = k
	return k.options
}

// forget drops what is known of links that are gone.
func (b *bonds) forget(there map[int]*device) {
	b.mu.Lock()
	defer b.mu.Unlock()
	maps.DeleteFunc(b.known, func(index int, _ toldBond) bool { return there[index] == nil })
}

// isStatus knows the files in a bond's folder that are not options; the original's
// sysfs_options.py has the same list.
func isStatus(file string) bool {
	switch file {
	case "slaves", "active_slave", "mii_status", "queue_id", "ad_aggregator",
		"ad_num_ports", "ad_actor_key", "ad_partner_key", "ad_partner_mac", "ad_actor_system":
		return true
	}
	return false
}

// readBond reads the options of a bond. Each is one or two words, of which the
// last is a number or all there is; the targets of ARP are one value each.
// What this process may not read is left out.
func readBond(fs hostfs.FS, name string, defaults map[string]map[string][]string) bondOptions {
	folder := "/sys/class/net/" + name + "/bonding/"
	values := make(map[string][]string)
	for _, file := range fs.Names(folder) {
		if isStatus(file) {
			continue
		}
		text, err := fs.Text(folder + file)
		if words := strings.Fields(text); err == nil && len(words) > 0 {
			values[file] = words
		}
	}
	if targets := values["arp_ip_target"]; len(targets) > 1 {
		values["arp_ip_target"] = []string{strings.Join(targets, ",")}
	}
	o := bondOptions{changed: make(map[string]string)}
	if mode := values["mode"]; len(mode) > 0 {
		o.mode = mode[len(mode)-1]
	}
	for option, words := range values {
		if option == "mode" || !slices.Equal(words, defaults[o.mode][option]) {
			o.changed[option] = words[len(words)-1]
		}
	}
	return o
}

// defaultsFile is written at boot from a bond that is made for the purpose:
// by number of the mode, the words of each option.
const defaultsFile = "/run/vdsm/bonding-defaults.json"

// bondDefaults returns what the options of each mode are when nobody sets
// them: as the boot found them, or else as the driver of Linux 5.14 to 6.18
// has them.
func bondDefaults(fs hostfs.FS) map[string]map[string][]string {
	var found map[string]map[string][]string
	if text, err := fs.Bytes(defaultsFile); err == nil && json.Unmarshal(text, &found) == nil && len(found) > 0 {
		return found
	}
	found = make(map[string]map[string][]string)
	for _, mode := range []string{"0", "1", "2", "3", "4", "5", "6"} {
		options := make(map[string][]string)
		for _, line := range builtInDefaults() {
			words := strings.Fields(line)
			options[words[0]] = words[1:]
		}
		// drivers/net/bonding/bond_options.c: these modes need to see links.
		if mode >= "4" {
			options["miimon"] = []string{"100"}
		}
		found[mode] = options
	}
	return found
}

// builtInDefaults are lines of a file's name and its words.
func builtInDefaults() []string {
	return []string{
		"ad_actor_sys_prio 65535",
		"ad_select stable 0",
		"ad_user_port_key 0",
		"all_slaves_active 0",
		"arp_all_targets any 0",
		"arp_interval 0",
		"arp_missed_max 2",
		"arp_validate none 0",
		"coupled_control on 1",
		"downdelay 0",
		"fail_over_mac none 0",
		"lacp_active on 1",
		"lacp_rate slow 0",
		"lp_interval 1",
		"miimon 0",
		"min_links 0",
		"num_grat_arp 1",
		"num_unsol_na 1",
		"packets_per_slave 1",
		"peer_notif_delay 0",
		"primary_reselect always 0",
		"resend_igmp 1",
		"tlb_dynamic_lb 1",
		"updelay 0",
		"use_carrier 1",
		"xmit_hash_policy layer2 0",
	}
}
