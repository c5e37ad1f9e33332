// SPDX-License-Identifier: GPL-2.0-or-later

// Package dhcp keeps the leases of a host's networks: one client per device and
// address family, of DHCPv4 (RFC 2131) and of DHCPv6 (RFC 8415, addresses only).
//
// A lease is on disk before it is in the kernel, so whoever comes after a killed
// process knows what that one had put there, asks the server for the same
// address again, and takes nothing away meanwhile. Stopping keeps everything:
// addresses, routes, rules, name servers and the files. Addresses carry the
// lease's lifetimes, so that the kernel ends them when nobody renews them.
//
// Clients present themselves as nmstate makes NetworkManager do it: client
// identifier and DUID-LL from the device's MAC address. So a bridge that takes
// the address of its card over gets the card's lease.
//
// A change of clients is a transaction: see Change.
package dhcp

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"govdsm/internal/network/nmstate"
)

// Family is a family of addresses.
type Family int

// The families.
const (
	IPv4 Family = 4
	IPv6 Family = 6
)

// Key names a client.
type Key struct {
	Device string `json:"device"`
	Family Family `json:"family"`
}

// String is the key as people read it: "blue (IPv4)".
func (k Key) String() string { return fmt.Sprintf("%s (IPv%d)", k.Device, k.Family) }

// Spec is what a client does. The members that decide what is taken of a lease
// are those of nmstate's documents.
type Spec struct {
	Key
	AutoDNS     bool   `json:"autoDNS,omitzero"`     // auto-dns
	AutoGateway bool   `json:"autoGateway,omitzero"` // auto-gateway
	AutoRoutes  bool   `json:"autoRoutes,omitzero"`  // auto-routes
	Table       uint32 `json:"table"`                // auto-route-table-id

	// Base and Tag are the link below the device and the VLAN tag on it, 0 for
	// none. A lease is given back through them when the device is gone.
	Base string `json:"base,omitzero"`
	Tag  int    `json:"tag,omitzero"`
}

// Specs returns the clients that one interface of a document takes.
func Specs(i nmstate.Interface, base string, tag int) []Spec {
	var specs []Spec
	for _, f := range []struct {
		family Family
		ip     *nmstate.IP
	}{{IPv4, i.IPv4}, {IPv6, i.IPv6}} {
		if f.ip == nil || !f.ip.Enabled || !is(f.ip.DHCP) {
			continue
		}
		s := Spec{
			Key: Key{i.Name, f.family}, Base: cmp.Or(base, i.Name), Tag: tag, Table: nmstate.TableMain,
			AutoDNS: is(f.ip.AutoDNS), AutoGateway: is(f.ip.AutoGateway), AutoRoutes: is(f.ip.AutoRoutes),
		}
		if f.ip.AutoRouteTableID != nil && *f.ip.AutoRouteTableID != nmstate.TableDefault {
			s.Table = *f.ip.AutoRouteTableID
		}
		specs = append(specs, s)
	}
	return specs
}

func is(b *bool) bool { return b != nil && *b }

// Options configure Clients. Dir is needed.
type Options struct {
	Dir        string       // of the leases' files
	ResolvConf string       // file of the name servers; "" leaves them alone
	Log        *slog.Logger // nil for silence

	// Foreign tells whether somebody else looks after a device, and asks for
	// its leases, such as NetworkManager; nil: nobody does.
	Foreign func(ctx context.Context, device string) (bool, error)

	pace pace // of tests
}

// pace is how patient clients are. The defaults are those of RFC 2131, 4.1.
type pace struct {
	first, most time.Duration // between two sendings: doubles from first to most
	answers     time.Duration // how long a chosen server may take to answer
	confirm     time.Duration // how long a known lease is asked about before it is used unasked
	refused     time.Duration // pause after a failed try
	least       time.Duration // between two tries to renew
}

func (p pace) orDefaults() pace {
	p.first = cmp.Or(p.first, 4*time.Second)
	p.most = cmp.Or(p.most, 64*time.Second)
	p.answers = cmp.Or(p.answers, 12*time.Second)
	p.confirm = cmp.Or(p.confirm, 10*time.Second)
	p.refused = cmp.Or(p.refused, 10*time.Second)
	p.least = cmp.Or(p.least, 60*time.Second)
	return p
}

// wait is the pause after a sending, counted from 0. It varies, so that the
// hosts of a room that gets its power back do not ask in step.
func (p pace) wait(try int) time.Duration {
	d := min(p.first<<min(try, 16), p.most)
	return jitter(d)
}

// jitter returns a duration within a quarter of d.
func jitter(d time.Duration) time.Duration {
	if d < 4 {
		return d
	}
	return d - d/4 + rand.N(d/2)
}
