// SPDX-License-Identifier: GPL-2.0-or-later

package netinfo

import (
	"net/netip"
	"strings"

	"govdsm/internal/host/hostfs"
)

// nameservers reads resolv.conf(5). Where that only names the resolver of
// systemd on this machine, the servers behind it are meant.
func nameservers(fs hostfs.FS) []string {
	servers := resolvConf(fs, "/etc/resolv.conf")
	if len(servers) == 1 && isStub(servers[0]) {
		if real := resolvConf(fs, "/run/systemd/resolve/resolv.conf"); len(real) > 0 {
			return real
		}
	}
	return servers
}

// isStub recognises the addresses at which systemd-resolved(8) listens.
func isStub(server string) bool {
	a, err := netip.ParseAddr(server)
	return err == nil && (a == netip.AddrFrom4([4]byte{127, 0, 0, 53}) || a == netip.AddrFrom4([4]byte{127, 0, 0, 54}))
}

func resolvConf(fs hostfs.FS, path string) []string {
	servers := []string{}
	text, err := fs.Bytes(path)
	if err != nil { // no file means no servers
		return servers
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) >= 2 && fields[0] == "nameserver" {
			servers = append(servers, fields[1])
		}
	}
	return servers
}
