// SPDX-License-Identifier: GPL-2.0-or-later

package netinfo

import (
	"sync"

	"govdsm/internal/hostfs"
	"govdsm/internal/network/netlink"
)

// speeds remembers what cards have agreed on with the other side. The driver
// has to be asked, which is slow; the answer holds until the carrier changes.
type speeds struct {
	fs    hostfs.FS
	mu    sync.Mutex
	known map[int]agreed // by index
}

type agreed struct {
	name     string
	carriers uint32
	speed    int64 // Mbit/s, 0 for unknown
	duplex   string
}

// of returns Mbit/s, 0 when the link is down or does not tell.
func (s *speeds) of(l *netlink.Link) int64 { return s.agreed(l).speed }

// duplex returns "full", "half" or "unknown".
func (s *speeds) duplex(l *netlink.Link) string { return s.agreed(l).duplex }

func (s *speeds) agreed(l *netlink.Link) agreed {
	if !l.OperUp() {
		return agreed{duplex: "unknown"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if a, ok := s.known[l.Index]; ok && a.carriers == l.Carriers && a.name == l.Name {
		return a
	}
	if s.known == nil {
		s.known = make(map[int]agreed)
	}
	a := agreed{name: l.Name, carriers: l.Carriers, speed: readSpeed(s.fs, l.Name), duplex: readDuplex(s.fs, l.Name)}
	s.known[l.Index] = a
	return a
}

// forget drops what is known of links that are gone.
func (s *speeds) forget(there map[int]*device) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for index := range s.known {
		if there[index] == nil {
			delete(s.known, index)
		}
	}
}

// readSpeed asks the driver. Drivers have several ways of not knowing.
func readSpeed(fs hostfs.FS, name string) int64 {
	n, err := fs.Int("/sys/class/net/" + name + "/speed")
	if err != nil || n <= 0 || n == 1<<16-1 || n == 1<<32-1 {
		return 0
	}
	return n
}

func readDuplex(fs hostfs.FS, name string) string {
	d, err := fs.Text("/sys/class/net/" + name + "/duplex")
	if err != nil || d != "full" && d != "half" {
		return "unknown"
	}
	return d
}

// bondSpeed adds up the speeds of a bond's ports, as its mode does.
func (r *Reader) bondSpeed(s *state, l *device) int64 {
	speedOf := func(name string) int64 { return r.speeds.of(s.byName[name].Link) }
	var sum, least int64
	for i, port := range l.ports {
		speed := speedOf(port)
		sum += speed
		if i == 0 || speed < least {
			least = speed
		}
	}
	switch l.bond.mode {
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
