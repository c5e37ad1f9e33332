// SPDX-License-Identifier: GPL-2.0-or-later

package link

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"govdsm/api"
	"govdsm/internal/host/hostfs"
)

// NICs describes the interfaces of network cards: those with a device behind
// them that is not a bridge, bond or VLAN. Whether addresses came by DHCP is
// not known here and left out, as are gateways.
func NICs(fs hostfs.FS) (api.NetInfoNicMap, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("network interfaces: %w", err)
	}
	nics := make(api.NetInfoNicMap)
	for _, i := range interfaces {
		folder := class + i.Name + "/"
		if !fs.Exists(folder + "device") {
			continue
		}
		addresses, err := i.Addrs()
		if err != nil { // gone meanwhile
			continue
		}
		nics[i.Name] = nic(fs, i, addresses)
	}
	return nics, nil
}

func nic(fs hostfs.FS, i net.Interface, addresses []net.Addr) api.NetInfoNic {
	n := api.NetInfoNic{
		Hwaddr:    i.HardwareAddr.String(),
		MTU:       strconv.Itoa(i.MTU),
		Speed:     speed(fs, class+i.Name+"/", 0),
		Ipv4addrs: []string{},
		Ipv6addrs: []string{},
	}
	if mode, err := fs.Int("/proc/sys/net/ipv6/conf/" + i.Name + "/autoconf"); err == nil {
		n.Ipv6autoconf = new(mode != 0)
	}
	for _, a := range addresses {
		network, ok := a.(*net.IPNet)
		switch {
		case !ok:
		case network.IP.To4() != nil:
			n.Ipv4addrs = append(n.Ipv4addrs, network.String())
			if n.Addr == "" {
				n.Addr, n.Netmask = network.IP.String(), net.IP(network.Mask).String()
			}
		case !network.IP.IsLinkLocalUnicast():
			n.Ipv6addrs = append(n.Ipv6addrs, network.String())
		}
	}
	return n
}

// Owner returns the name of the interface that has an address, "" when none
// has it. An IPv4 address in the form of IPv6 counts as the former.
func Owner(address netip.Addr) (string, error) {
	address = address.Unmap()
	if !address.IsValid() {
		return "", nil
	}
	if zone := address.Zone(); zone != "" { // link-local: the zone is the interface
		return zone, nil
	}
	interfaces, err := net.Interfaces()
	if err != nil {
		return "", fmt.Errorf("network interfaces: %w", err)
	}
	loopback := ""
	for _, i := range interfaces {
		if i.Flags&net.FlagLoopback != 0 {
			loopback = i.Name
		}
		addresses, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addresses {
			prefix, err := netip.ParsePrefix(a.String())
			if err == nil && prefix.Addr() == address {
				return i.Name, nil
			}
		}
	}
	if address.IsLoopback() { // all of 127.0.0.0/8 is there without being listed
		return loopback, nil
	}
	return "", nil
}

// IPv6 reports whether the kernel has IPv6.
func IPv6(fs hostfs.FS) bool { return fs.Exists("/proc/net/if_inet6") }
