// SPDX-License-Identifier: GPL-2.0-or-later

package kernelconfig

import (
	"maps"
	"slices"
	"strings"

	"govdsm/internal/network/netconf"
)

// BondOptions are what the kernel's bonding driver knows, by the number of the
// mode: scanned at boot from scratch bonds, as the options differ between
// kernels.
type BondOptions struct {
	// Defaults has the words that sysfs shows for each option, as in
	// [layer2 0]; none for an option that has no default.
	Defaults map[string]map[string][]string
	// Numbers has the numbers of values that have names.
	Numbers map[string]map[string]map[string]string
}

// modes are the bonding modes; the index is the number.
var modes = [...]string{
	"balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb",
}

// ModeNumber returns the number of a mode that may be given by its name.
func ModeNumber(mode string) (string, bool) {
	for i, name := range modes {
		if number := string(rune('0' + i)); mode == name || mode == number {
			return number, true
		}
	}
	return "", false
}

// Normalize returns a stored configuration in the spelling of From, so that
// the two can be compared: options of bonds as numbers, without defaults.
func Normalize(c netconf.Config, known BondOptions) netconf.Config {
	n := c.Clone()
	for name, b := range n.Bonds {
		b.Options = normalized(b.Options, known)
		n.Bonds[name] = b
	}
	for name, net := range n.Networks {
		if _, old := net.Extra["bondingOptions"]; old { // kept with networks before vdsm 4.16.20
			net.Extra = maps.Clone(net.Extra)
			delete(net.Extra, "bondingOptions")
			n.Networks[name] = net
		}
	}
	return n
}

func normalized(options string, known BondOptions) string {
	values := make(map[string]string)
	for pair := range strings.FieldsSeq(options) {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = value
	}
	mode, ok := ModeNumber(values["mode"])
	if !ok {
		mode = "0"
	}
	for name, value := range values {
		if number, named := known.Numbers[mode][name][value]; named {
			value = number
		}
		defaults := known.Defaults[mode][name]
		if len(defaults) > 0 && defaults[len(defaults)-1] == value || name == "custom" {
			delete(values, name)
		} else {
			values[name] = value
		}
	}
	values["mode"] = mode
	return joined(values)
}

// Drift tells what a set-up must change for the kernel to be as wanted: what
// differs or lacks, and networks that nobody wants. Bonds are never removed;
// nobody knows whose they are. Both configurations are normal ones.
func Drift(wanted, kernel netconf.Config) netconf.Request {
	r := wanted.Since(kernel)
	maps.DeleteFunc(r.Bondings, func(_ string, b netconf.Bond) bool { return b.Remove })
	maps.DeleteFunc(r.Networks, func(name string, n netconf.Network) bool {
		return !n.Remove && comparable(n).Equal(comparable(kernel.Networks[name]))
	})
	return r
}

// comparable leaves out what the kernel cannot show.
func comparable(n netconf.Network) netconf.Network {
	n.Custom, n.Extra = nil, nil
	if len(n.Nameservers) == 0 {
		n.Nameservers = []string{}
	}
	n.Nameservers = slices.Clone(n.Nameservers)
	return n
}
