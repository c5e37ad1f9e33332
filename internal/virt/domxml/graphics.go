// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"slices"
	"strings"
	"time"
)

// networkPrefix starts the names of the libvirt networks that the daemon makes
// for displays (lib/vdsm/virt/libvirtnetwork.py).
const networkPrefix = "vdsm-"

// Graphics is one display.
type Graphics struct {
	Device         // Type is "vnc" or "spice"
	Port    string // as written: "-1" asks for any
	TLSPort string
	// HasListen says whether there is a listen element, without which a VM
	// does not start.
	HasListen     bool
	ListenType    string // "network" or "address"
	ListenAddress string
	ListenNetwork string
	Passwd        string
	PasswdValidTo string // "" means that no password is asked for
}

// Graphics returns the displays.
func (d *Domain) Graphics() []Graphics {
	var list []Graphics
	for _, dev := range d.DevicesOf("graphics") {
		e := dev.elem
		listen := child(e, "listen")
		list = append(list, Graphics{
			Device:        dev,
			Port:          attrOf(e, "port"),
			TLSPort:       attrOf(e, "tlsPort"),
			HasListen:     listen != nil,
			ListenType:    attrOf(listen, "type"),
			ListenAddress: attrOf(listen, "address"),
			ListenNetwork: attrOf(listen, "network"),
			Passwd:        attrOf(e, "passwd"),
			PasswdValidTo: attrOf(e, "passwdValidTo"),
		})
	}
	return list
}

// DisplayNetworks returns the oVirt networks for which a libvirt network
// vdsm-<name> must exist before the start, each once. A libvirt network under
// another name is somebody else's and not listed.
func (d *Domain) DisplayNetworks() []string {
	var names []string
	for _, g := range d.Graphics() {
		name, ours := strings.CutPrefix(g.ListenNetwork, networkPrefix)
		if g.ListenType == "network" && ours && name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// DisplayInfo is a display as statistics report it; values that are not there
// are empty text.
type DisplayInfo struct {
	Type      string
	Port      string
	TLSPort   string
	IPAddress string // "0" while libvirt has not told an address
}

// DisplayInfo returns the displays for statistics.
func (d *Domain) DisplayInfo() []DisplayInfo {
	list := []DisplayInfo{}
	for _, g := range d.Graphics() {
		info := DisplayInfo{Type: g.Type, Port: g.Port, TLSPort: g.TLSPort, IPAddress: g.ListenAddress}
		if info.IPAddress == "" {
			info.IPAddress = "0"
		}
		list = append(list, info)
	}
	return list
}

// ResetPasswords makes every display's password unknown and long expired, as
// must be done before a saved VM is restored.
func (d *Domain) ResetPasswords() {
	for _, g := range d.Graphics() {
		setAttr(g.elem, "passwd", "*****")
		setAttr(g.elem, "passwdValidTo", "1970-01-01T00:00:01")
	}
}

// SetTicket gives the display a password, good until the given time, or as long
// as before when that is zero. What becomes of who is connected (keep,
// disconnect, fail) only spice knows.
func (g Graphics) SetTicket(password string, validTo time.Time, connected string) {
	setAttr(g.elem, "passwd", password)
	if !validTo.IsZero() {
		setAttr(g.elem, "passwdValidTo", validTo.UTC().Format("2006-01-02T15:04:05"))
	}
	if connected != "" && g.Type == "spice" {
		setAttr(g.elem, "connected", connected)
	}
}
