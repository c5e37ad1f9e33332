// SPDX-License-Identifier: GPL-2.0-or-later

package netinfo

import (
	"bytes"
	"path"
	"path/filepath"

	"golang.org/x/sys/unix"

	"govdsm/internal/hostfs"
	"govdsm/internal/network/netlink"
)

// kind is how a manager sees a link.
type kind int

const (
	none kind = iota // not at all
	nic
	bond
	vlan
	bridge
)

// dummyBridge is a bridge that VDSM makes for itself.
const dummyBridge = ";vdsmdummy;"

func (r *Reader) kind(l *netlink.Link) kind {
	switch l.Kind {
	case "bridge":
		return bridge
	case "bond":
		return bond
	case "vlan":
		return vlan
	case "ipoib":
		return nic
	case "dummy", "veth", "macvlan":
		if matches(r.options.FakeNICs, l.Name) {
			return nic
		}
	case "": // hardware, or what pretends to be
		if l.Flags&unix.IFF_LOOPBACK == 0 && (l.Type == unix.ARPHRD_ETHER || l.Type == unix.ARPHRD_INFINIBAND) {
			return nic
		}
	}
	return none
}

func (r *Reader) hidden(s *state, l *netlink.Link, k kind) bool {
	switch k {
	case vlan:
		return matches(r.options.HiddenVLANs, l.Name)
	case bond:
		return matches(r.options.HiddenBonds, l.Name)
	case bridge:
		return l.Name == dummyBridge
	}
	if matches(r.options.HiddenNICs, l.Name) {
		return true
	}
	if m := s.byIndex[l.Master]; m != nil && m.Kind == "bond" && matches(r.options.HiddenBonds, m.Name) {
		return true
	}
	return l.Kind == "" && r.isVF(l) && r.givenAway(s, l)
}

// isVF reports whether a card is a virtual function of another.
func (r *Reader) isVF(l *netlink.Link) bool {
	return r.fs.Exists("/sys/class/net/" + l.Name + "/device/physfn")
}

// givenAway reports whether a virtual function is a VM's: a macvtap has its
// address, or it is one of Cisco's, which have none until they are assigned.
func (r *Reader) givenAway(s *state, l *netlink.Link) bool {
	if bytes.Count(l.Address, []byte{0}) == len(l.Address) && driver(r.fs, l.Name) == "enic" {
		return true
	}
	for _, other := range s.links {
		if (other.Kind == "macvlan" || other.Kind == "macvtap") && bytes.Equal(other.Address, l.Address) {
			return true
		}
	}
	return false
}

func driver(fs hostfs.FS, name string) string {
	target, err := fs.Link("/sys/class/net/" + name + "/device/driver")
	if err != nil {
		return ""
	}
	return filepath.Base(target)
}

// matches reports whether a pattern matches. One that is malformed matches
// nothing.
func matches(patterns []string, name string) bool {
	for _, p := range patterns {
		if ok, err := path.Match(p, name); ok && err == nil {
			return true
		}
	}
	return false
}
