// SPDX-License-Identifier: GPL-2.0-or-later

package canonicalize

import "strings"

// Nameservers returns the name servers that the text of a resolv.conf names,
// in order (resolv.conf(5)).
func Nameservers(resolvConf string) []string {
	var servers []string
	for line := range strings.Lines(resolvConf) {
		words := strings.Fields(line)
		if len(words) > 1 && words[0] == "nameserver" {
			servers = append(servers, words[1])
		}
	}
	return servers
}
