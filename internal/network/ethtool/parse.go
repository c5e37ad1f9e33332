// SPDX-License-Identifier: GPL-2.0-or-later

// Package ethtool carries out the custom property ethtool_opts of networks:
// settings of the cards below them, in the words of ethtool(8).
//
// The property is text such as
//
//	--coalesce em1 rx-usecs 14 --offload * rx on lro off
//
// where * stands for every card of the network. In the original a hook runs the
// program for each (vdsm_hooks/ethtool_options); here the settings go to the
// kernel's generic netlink family "ethtool", so no program is needed, and
// nothing else of what the program can do is possible: no firmware is flashed,
// no register is read.
package ethtool

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"govdsm/internal/network/rtnl"
)

// EveryCard is the device that stands for all cards of a network.
const EveryCard = "*"

// ErrSyntax says that a property is not understood.
var ErrSyntax = errors.New("ethtool_opts")

// Setting is one of a property's settings: a message for the kernel.
type Setting struct {
	Device string // or EveryCard
	Text   string // as it was given

	command uint8
	attrs   []byte
}

// group is what one flag of ethtool(8) sets.
type group struct {
	flags   []string
	command uint8
	words   map[string]word
}

// word is a setting by its name: an attribute, and how its value is written.
type word struct {
	attr  uint16
	write func(value string) ([]byte, error)
}

// Parse reads a property. What it cannot read refuses all of it.
func Parse(property string) ([]Setting, error) {
	var all []Setting
	var current []string
	flush := func() error {
		if current == nil {
			return nil
		}
		s, err := parseOne(current)
		all = append(all, s)
		return err
	}
	for token := range strings.FieldsSeq(property) {
		if strings.HasPrefix(token, "-") && current != nil {
			if err := flush(); err != nil {
				return nil, err
			}
			current = nil
		}
		current = append(current, token)
	}
	if err := flush(); err != nil {
		return nil, err
	}
	return all, nil
}

func parseOne(tokens []string) (Setting, error) {
	s := Setting{Text: strings.Join(tokens, " ")}
	if len(tokens) < 4 || len(tokens)%2 != 0 {
		return s, fmt.Errorf("%w: %q is not a flag, a device, and names with values", ErrSyntax, s.Text)
	}
	s.Device = tokens[1]
	pairs := slices.Collect(slices.Chunk(tokens[2:], 2))
	if slices.Contains([]string{"-K", "--features", "--offload"}, tokens[0]) {
		return features(s, pairs)
	}
	for _, g := range groups() {
		if !slices.Contains(g.flags, tokens[0]) {
			continue
		}
		s.command = g.command
		for _, p := range pairs {
			w, known := g.words[p[0]]
			if !known {
				return s, fmt.Errorf("%w: %s does not know %q", ErrSyntax, tokens[0], p[0])
			}
			v, err := w.write(p[1])
			if err != nil {
				return s, fmt.Errorf("%w: %s: %w", ErrSyntax, p[0], err)
			}
			s.attrs = rtnl.Put(s.attrs, w.attr, v)
		}
		return s, nil
	}
	return s, fmt.Errorf("%w: %q is none of the settings that are supported", ErrSyntax, tokens[0])
}

func number(value string) ([]byte, error) {
	n, err := strconv.ParseUint(value, 0, 32)
	return rtnl.PutU32(nil, 0, uint32(n))[4:], err
}

func choice(values map[string]byte) func(string) ([]byte, error) {
	return func(value string) ([]byte, error) {
		b, known := values[value]
		if !known {
			return nil, fmt.Errorf("%q is no value of it", value)
		}
		return []byte{b}, nil
	}
}

// numbers gives names the attributes from first on; "" leaves one out.
func numbers(first uint16, names ...string) map[string]word {
	words := make(map[string]word)
	for i, name := range names {
		if name != "" {
			words[name] = word{first + uint16(i), number}
		}
	}
	return words
}

// groups are the settings but for features. Names are those of ethtool(8),
// attributes those of linux/ethtool_netlink.h.
func groups() []group {
	onOff := choice(map[string]byte{"on": 1, "off": 0})
	coalesce := numbers(unix.ETHTOOL_A_COALESCE_RX_USECS,
		"rx-usecs", "rx-frames", "rx-usecs-irq", "rx-frames-irq", "tx-usecs", "tx-frames", "tx-usecs-irq", "tx-frames-irq",
		"stats-block-usecs", "", "", "pkt-rate-low", "rx-usecs-low", "rx-frames-low", "tx-usecs-low", "tx-frames-low",
		"pkt-rate-high", "rx-usecs-high", "rx-frames-high", "tx-usecs-high", "tx-frames-high", "sample-interval")
	coalesce["adaptive-rx"] = word{unix.ETHTOOL_A_COALESCE_USE_ADAPTIVE_RX, onOff}
	coalesce["adaptive-tx"] = word{unix.ETHTOOL_A_COALESCE_USE_ADAPTIVE_TX, onOff}
	return []group{
		{[]string{"-C", "--coalesce"}, unix.ETHTOOL_MSG_COALESCE_SET, coalesce},
		{[]string{"-G", "--set-ring"}, unix.ETHTOOL_MSG_RINGS_SET, numbers(unix.ETHTOOL_A_RINGS_RX, "rx", "rx-mini", "rx-jumbo", "tx")},
		{
			[]string{"-L", "--set-channels"}, unix.ETHTOOL_MSG_CHANNELS_SET,
			numbers(unix.ETHTOOL_A_CHANNELS_RX_COUNT, "rx", "tx", "other", "combined"),
		},
		{[]string{"-A", "--pause"}, unix.ETHTOOL_MSG_PAUSE_SET, map[string]word{
			"autoneg": {unix.ETHTOOL_A_PAUSE_AUTONEG, onOff}, "rx": {unix.ETHTOOL_A_PAUSE_RX, onOff}, "tx": {unix.ETHTOOL_A_PAUSE_TX, onOff},
		}},
		{[]string{"-s", "--change"}, unix.ETHTOOL_MSG_LINKMODES_SET, map[string]word{
			"autoneg": {unix.ETHTOOL_A_LINKMODES_AUTONEG, onOff}, "speed": {unix.ETHTOOL_A_LINKMODES_SPEED, number},
			"duplex": {unix.ETHTOOL_A_LINKMODES_DUPLEX, choice(map[string]byte{"half": 0, "full": 1})},
		}},
	}
}

// features writes a set of bits by name: those it names change, others stay.
func features(s Setting, pairs [][]string) (Setting, error) {
	var bits []byte
	for _, p := range pairs {
		if p[1] != "on" && p[1] != "off" {
			return s, fmt.Errorf("%w: feature %s: %q is neither on nor off", ErrSyntax, p[0], p[1])
		}
		for _, name := range kernelNames(p[0]) {
			bit := rtnl.PutString(nil, unix.ETHTOOL_A_BITSET_BIT_NAME, name)
			if p[1] == "on" {
				bit = rtnl.Put(bit, unix.ETHTOOL_A_BITSET_BIT_VALUE, nil)
			}
			bits = rtnl.PutNested(bits, unix.ETHTOOL_A_BITSET_BITS_BIT, bit)
		}
	}
	s.command = unix.ETHTOOL_MSG_FEATURES_SET
	s.attrs = rtnl.PutNested(nil, unix.ETHTOOL_A_FEATURES_WANTED, rtnl.PutNested(nil, unix.ETHTOOL_A_BITSET_BITS, bits))
	return s, nil
}

// kernelNames returns what kernels from 5.6 on call the features that ethtool(8) has a
// name for; other names are the kernel's.
func kernelNames(name string) []string {
	switch name {
	case "rx", "rx-checksumming":
		return []string{"rx-checksum"}
	case "tx", "tx-checksumming":
		return []string{"tx-checksum-ipv4", "tx-checksum-ip-generic", "tx-checksum-ipv6", "tx-checksum-fcoe-crc", "tx-checksum-sctp"}
	case "sg", "scatter-gather":
		return []string{"tx-scatter-gather", "tx-scatter-gather-fraglist"}
	case "tso", "tcp-segmentation-offload":
		return []string{"tx-tcp-segmentation", "tx-tcp-ecn-segmentation", "tx-tcp-mangleid-segmentation", "tx-tcp6-segmentation"}
	case "gso", "generic-segmentation-offload":
		return []string{"tx-generic-segmentation"}
	case "gro", "generic-receive-offload":
		return []string{"rx-gro"}
	case "lro", "large-receive-offload":
		return []string{"rx-lro"}
	case "rxvlan", "rx-vlan-offload":
		return []string{"rx-vlan-hw-parse"}
	case "txvlan", "tx-vlan-offload":
		return []string{"tx-vlan-hw-insert"}
	case "ntuple", "ntuple-filters":
		return []string{"rx-ntuple-filter"}
	case "rxhash", "receive-hashing":
		return []string{"rx-hashing"}
	}
	return []string{name}
}
