// SPDX-License-Identifier: GPL-2.0-or-later

package netinfo

import (
	"context"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"govdsm/api"
	"govdsm/internal/network/netlink"
)

// assumedSpeed is what managers are told of a link that has no speed or does
// not say it; they compute its load from it.
const assumedSpeed = 1000

// Statistics reads the counters of every link, hidden ones and those of VMs
// included. They count since the link was made, and managers make rates of
// them. All are of one dump: what is told of a name is told of one link, also
// while the link is deleted and made again.
//
// The sums are swapped, as the original has them (netstats.py): rxDropped is
// what was dropped when sending.
func (r *Reader) Statistics(ctx context.Context) (api.HostNetworkStatistics, error) {
	s, err := r.cache.get(ctx) // for speeds
	if err != nil {
		return api.HostNetworkStatistics{}, err
	}
	links, err := r.options.Kernel.Links(ctx)
	if err != nil {
		return api.HostNetworkStatistics{}, err
	}
	at := api.Float(float64(time.Now().UnixMicro()) / 1e6)
	all := api.HostNetworkStatistics{Network: make(api.HostNetworkInterfaceStatsMap, len(links))}
	for i := range links {
		l := &links[i]
		c := l.Counters
		all.TxDropped += int64(c.RxDropped)
		all.RxDropped += int64(c.TxDropped)
		entry := api.HostNetworkInterfaceStats{
			Name: l.Name, SampleTime: at,
			State:  api.NetworkInterfaceStateDown,
			Speed:  strconv.FormatInt(r.statisticsSpeed(s, l), 10),
			Duplex: r.speeds.duplex(l),
			Rx:     number(c.RxBytes), RxErrors: number(c.RxErrors), RxDropped: number(c.RxDropped),
			Tx: number(c.TxBytes), TxErrors: number(c.TxErrors), TxDropped: number(c.TxDropped),
		}
		if l.OperUp() {
			entry.State = api.NetworkInterfaceStateUp
		}
		all.Network[l.Name] = entry
	}
	return all, nil
}

// statisticsSpeed also knows VLANs, which have their base's.
func (r *Reader) statisticsSpeed(s *state, l *netlink.Link) int64 {
	if l.Kind == "vlan" && !l.Foreign {
		if base := s.byIndex[l.Parent]; base != nil {
			l = base.Link
		}
	}
	var speed int64
	if d := s.byName[l.Name]; d != nil {
		speed = d.speed
	}
	if l.Kind == "" && l.Flags&unix.IFF_LOOPBACK == 0 {
		speed = r.speeds.of(l)
	}
	if speed == 0 {
		return assumedSpeed
	}
	return speed
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }
