// SPDX-License-Identifier: GPL-2.0-or-later

// Package netinfo tells what networking a host has: cards, bonds, VLANs,
// bridges and the networks that were set up on them, with the addresses,
// routes and options of each, in the words of Host.getNetworkCapabilities.
//
// What the kernel knows comes from one netlink dump. It is kept until the
// kernel tells of a change that matters here, and an answer is never older than
// the last change that was made before the question. A few facts that netlink
// does not have are read from sysfs: the speed of cards and the options of
// bonds. Links that go away while they are read are left out.
//
// Run publishes the event that makes managers ask again, when something
// changed that they would want to know of. VMs that come and go are not that.
package netinfo

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"

	"govdsm/api"
	"govdsm/internal/hostfs"
	"govdsm/internal/network/netlink"
)

// Running is the configuration that runs, as it was set up.
type Running struct {
	Networks map[string]Network
	OVSBonds []string // bonds that belong to Open vSwitch
}

// Network is one network of the running configuration.
type Network struct {
	Switch  string // "legacy" or "ovs"
	Bridged bool
	NIC     string // the card that carries it, or
	Bond    string // the bond that does; both "" for a bridge alone
	VLAN    *int
	Addressing
}

// device is the name of the link that has the network's addresses.
func (n Network) device(name string) string {
	if n.Bridged || n.Switch == "ovs" {
		return name
	}
	base := n.NIC
	if n.Bond != "" {
		base = n.Bond
	}
	if n.VLAN != nil {
		return vlanName(base, *n.VLAN)
	}
	return base
}

// Configuration knows the running configuration, or why it cannot be known:
// managers who are told that a host has no networks take it out of service.
type Configuration interface{ Running() (Running, error) }

// Addressing is how a link gets addresses by itself.
type Addressing struct{ DHCPv4, DHCPv6, Autoconf bool }

// QoS reads the shares of the networks on a card or a bond, by VLAN tag, -1 for
// the network without. It is asked again after traffic control changed.
type QoS interface {
	Shares(ctx context.Context, device string) (map[int]api.HostBandwidthParams, error)
}

// Switch knows the ports of Open vSwitch's bridges, by name.
type Switch interface {
	Ports(ctx context.Context) (map[string]SwitchPort, error)
}

// SwitchPort is a port of a bridge of Open vSwitch.
type SwitchPort struct {
	Bridge string
	Tag    *int // nil when it has none
}

// Options configure a Reader. Kernel and Log are enough.
type Options struct {
	Kernel *netlink.Kernel
	Root   string // of the host's file system, "" for the real one

	Configuration Configuration
	QoS           QoS
	Switch        Switch // nil: networks of Open vSwitch are not reported

	// Patterns of names, as of a shell: hidden_nics, hidden_bonds,
	// hidden_vlans and fake_nics of the configuration.
	HiddenNICs, HiddenBonds, HiddenVLANs, FakeNICs []string

	// Changed is called when a manager should ask again.
	Changed func(ctx context.Context)
	// UnderWay tells whether networks are being changed at a manager's request:
	// news waits for the end of that. nil: never.
	UnderWay func() bool

	Log *slog.Logger
}

// Reader tells about one host. Its methods may be called at once.
type Reader struct {
	options Options
	fs      hostfs.FS
	ipv6    func() bool
	speeds  speeds
	bonds   bonds
	cache   cache
}

// New returns a Reader. It reads nothing yet.
func New(o Options) *Reader {
	r := &Reader{
		options: o,
		fs:      hostfs.At(o.Root),
		ipv6:    sync.OnceValue(supportsIPv6),
	}
	r.speeds.fs, r.bonds.fs = r.fs, r.fs
	r.cache = cache{read: r.read, wake: make(chan struct{}, 1), reading: make(chan struct{}, 1)}
	return r
}

// Capabilities describes the host's networking. The maps are the caller's, what
// is in them is to be read only. NetConfigDirty is not set.
func (r *Reader) Capabilities(ctx context.Context) (api.VdsmNetworkCapabilities, error) {
	s, err := r.cache.get(ctx)
	if err != nil {
		return api.VdsmNetworkCapabilities{}, err
	}
	var running Running
	if r.options.Configuration != nil {
		if running, err = r.options.Configuration.Running(); err != nil {
			return api.VdsmNetworkCapabilities{}, fmt.Errorf("the running networks: %w", err)
		}
	}
	c := s.capabilities(running.addressing())
	c.SupportsIPv6 = r.ipv6()
	c.Nameservers = nameservers(r.fs)
	for _, bond := range running.OVSBonds {
		if b, ok := c.Bondings[bond]; ok {
			b.Switch = "ovs"
			c.Bondings[bond] = b
		}
	}
	r.networks(ctx, s, running.Networks, &c)
	r.switched(ctx, s, running.Networks, &c)
	return c, nil
}

// Links returns the kernel's view behind the answers: it is the same dump.
// It is to be read only.
func (r *Reader) Links(ctx context.Context) ([]netlink.Link, error) {
	s, err := r.cache.get(ctx)
	if err != nil {
		return nil, err
	}
	return s.links, nil
}

// Owner returns the name of the link that has an address, "" when none has. An
// IPv4 address in the form of IPv6 counts as the former.
func (r *Reader) Owner(ctx context.Context, address netip.Addr) (string, error) {
	address = address.Unmap()
	if !address.IsValid() {
		return "", nil
	}
	if zone := address.Zone(); zone != "" { // link-local: the zone is the interface
		return zone, nil
	}
	s, err := r.cache.get(ctx)
	if err != nil {
		return "", err
	}
	return s.owner(address), nil
}

// addressing tells how links get addresses. Of links that others set up, what
// the kernel tells about their addresses is taken: a host that is to be managed
// for the first time has such.
func (r Running) addressing() func(device string, kernel Addressing) Addressing {
	known := make(map[string]Addressing, len(r.Networks))
	for name, n := range r.Networks {
		known[n.device(name)] = n.Addressing
	}
	return func(device string, kernel Addressing) Addressing {
		if a, ok := known[device]; ok {
			return a
		}
		return kernel
	}
}

// supportsIPv6 reports whether a socket of the family can be made, which is
// what the original tries.
func supportsIPv6() bool {
	l, err := net.ListenPacket("udp6", "[::]:0")
	if err != nil {
		return false
	}
	l.Close()
	return true
}
