// SPDX-License-Identifier: GPL-2.0-or-later

package lldp

import (
	"slices"
	"sync"
	"time"
)

// mostNeighbours bounds what is remembered of one link: a link has one
// neighbour, or a few behind a hub. More is a flood.
const mostNeighbours = 16

// neighbours are those of one link.
type neighbours struct {
	mu    sync.Mutex
	known []neighbour // the one known longest first
}

type neighbour struct {
	*Announcement
	until time.Time
}

// hear takes an announcement, which replaces the former of the same port.
func (n *neighbours) hear(a *Announcement, now time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.expire(now)
	i := slices.IndexFunc(n.known, func(k neighbour) bool { return k.Chassis == a.Chassis && k.Port == a.Port })
	fresh := neighbour{Announcement: a, until: now.Add(a.TTL)}
	switch {
	case a.TTL == 0: // it says good-bye
		if i >= 0 {
			n.known = slices.Delete(n.known, i, i+1)
		}
	case i >= 0:
		n.known[i] = fresh
	case len(n.known) < mostNeighbours:
		n.known = append(n.known, fresh)
	}
}

// tlvs returns what the neighbour known longest says, so that two behind a hub
// do not take turns.
func (n *neighbours) tlvs(now time.Time) []TLV {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.expire(now)
	if len(n.known) == 0 {
		return nil
	}
	return slices.Clone(n.known[0].TLVs)
}

func (n *neighbours) expire(now time.Time) {
	n.known = slices.DeleteFunc(n.known, func(k neighbour) bool { return !now.Before(k.until) })
}
