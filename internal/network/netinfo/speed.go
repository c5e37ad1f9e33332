// SPDX-License-Identifier: GPL-2.0-or-later

package netinfo

import (
	"strings"
	"sync"

	"govdsm/internal/host/hostfs"
	"govdsm/internal/network/netlink"
)

// speeds remembers the speeds of cards. The driver is asked for it, which is
// slow, and agrees on one with the other side when the carrier comes; so it
// holds until the carrier changes.
type speeds struct {
	fs    hostfs.FS
	mu    sync.Mutex
	known map[int]knownSpeed // by index
}

type knownSpeed struct {
	name     string
	carriers uint32
	speed    int64
}

// of returns Mbit/s, 0 when the link is down or does not tell.
func (s *speeds) of(l *netlink.Link) int64 {
	if !l.OperUp() {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if k, ok := s.known[l.Index]; ok && k.carriers == l.Carriers && k.name == l.Name {
		return k.speed
	}
	if s.known == nil {
		s.known = make(map[int]knownSpeed)
	}
	speed := ReadSpeed(s.fs, l.Name)
	s.known[l.Index] = knownSpeed{name: l.Name, carriers: l.Carriers, speed: speed}
	return speed
}

// ReadSpeed asks the driver of a card: Mbit/s, 0 for unknown. Drivers have
// several ways of not knowing.
func ReadSpeed(fs hostfs.FS, name string) int64 {
	n, err := fs.Int("/sys/class/net/" + name + "/speed")
	if err != nil || n <= 0 || n == 1<<16-1 || n == 1<<32-1 {
		return 0
	}
	return n
}

// bondSpeed adds up the speeds of a bond's ports, as its mode does.
func (r *Reader) bondSpeed(s *state, l *netlink.Link) int64 {
	speedOf := func(name string) int64 { return r.speeds.of(s.byName[name]) }
	var sum, least int64
	for i, port := range s.ports[l.Index] {
		speed := speedOf(port)
		sum += speed
		if i == 0 || speed < least {
			least = speed
		}
	}
	switch strings.TrimSpace(s.bonds[l.Name].mode) {
	case "1": // active-backup
		if l.Bond != nil && s.byIndex[l.Bond.Active] != nil {
			return speedOf(s.nameOf(l.Bond.Active))
		}
		return 0
	case "3": // broadcast
		return least
	default:
		return sum
	}
}
