// SPDX-License-Identifier: GPL-2.0-or-later

// Package link tells what a host's network interfaces are and what went
// through them, as far as the kernel's files say. It is the plain stand-in for
// a network pillar; bonds, VLANs, bridges and networks are not its business.
package link

import (
	"strconv"
	"time"

	"govdsm/api"
	"govdsm/internal/host/hostfs"
)

const class = "/sys/class/net/"

// iffUp is the flag of an interface that is switched on, netdevice(7).
const iffUp = 1

// unknownSpeed is what managers are told of an interface that has no speed or
// does not say it; they compute its load from it.
const unknownSpeed = 1000

// Counters holds the counters of all interfaces at one moment.
type Counters struct {
	Interfaces           api.HostNetworkInterfaceStatsMap
	RxDropped, TxDropped int64 // of all interfaces
}

// Read reads the counters of every interface. They count from the start of the
// interface; the manager makes rates of them. An interface that goes away
// meanwhile is left out.
func Read(fs hostfs.FS, now time.Time) Counters {
	c := Counters{Interfaces: make(api.HostNetworkInterfaceStatsMap)}
	at := api.Float(float64(now.UnixMicro()) / 1e6)
	for _, name := range fs.Names(class) {
		folder := class + name + "/"
		flags, err := fs.Text(folder + "flags")
		if err != nil { // gone, or a file such as bonding_masters
			continue
		}
		bits, err := strconv.ParseUint(flags, 0, 32)
		if err != nil {
			continue
		}
		s := api.HostNetworkInterfaceStats{
			Name:       name,
			State:      api.NetworkInterfaceStateDown,
			Speed:      strconv.FormatInt(speed(fs, folder, unknownSpeed), 10),
			Duplex:     duplex(fs, folder),
			SampleTime: at,
		}
		if bits&iffUp != 0 {
			s.State = api.NetworkInterfaceStateUp
		}
		count := func(file string) int64 {
			n, err := fs.Int(folder + "statistics/" + file)
			if err != nil {
				return 0
			}
			return n
		}
		rxDropped, txDropped := count("rx_dropped"), count("tx_dropped")
		c.RxDropped += rxDropped
		c.TxDropped += txDropped
		s.Rx, s.Tx = text(count("rx_bytes")), text(count("tx_bytes"))
		s.RxErrors, s.TxErrors = text(count("rx_errors")), text(count("tx_errors"))
		s.RxDropped, s.TxDropped = text(rxDropped), text(txDropped)
		c.Interfaces[name] = s
	}
	return c
}

func text(n int64) string { return strconv.FormatInt(n, 10) }

// speed returns Mb/s. The kernel answers -1 or an error for interfaces that
// are down or have none.
func speed(fs hostfs.FS, folder string, unknown int64) int64 {
	n, err := fs.Int(folder + "speed")
	if err != nil || n <= 0 || n == 1<<16-1 || n == 1<<32-1 {
		return unknown
	}
	return n
}

func duplex(fs hostfs.FS, folder string) string {
	switch d, err := fs.Text(folder + "duplex"); {
	case err == nil && (d == "full" || d == "half"):
		return d
	default:
		return "unknown"
	}
}
