// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"os"
	"slices"
)

func dns(a *area) {
	red := attrs{"defaultRoute": true, "ipaddr": addr1, "netmask": mask24, "gateway": gateway1}
	servers := []string{"1.2.3.4", "2.3.4.5", "2001:db8::53"}
	told := func(h *host, want ...string) {
		h.Helper()
		if !slices.Equal(h.caps.Nameservers, want) {
			h.Errorf("name servers are %v, not %v", h.caps.Nameservers, want)
		}
	}
	a.add("name servers", func(h *host) {
		h.setup(networks{"red": red.with("nic", h.nic(0), "nameservers", servers)}, nil)
		told(h, servers...)
		h.setup(networks{"red": red.with("nic", h.nic(0), "nameservers", servers[1:])}, nil)
		told(h, servers[1:]...)
	})
	a.add("the host's are kept", func(h *host) {
		h.setup(networks{"red": red.with("nic", h.nic(0))}, nil)
		told(h, "192.0.2.53")
		equal(h, "stored", text(h.config().networks["red"]["nameservers"]), `["192.0.2.53"]`)
	})
	a.add("not without the default route", func(h *host) {
		h.refused(badParams, networks{"red": red.with("nic", h.nic(0), "nameservers", servers, "defaultRoute", false)}, nil)
	})
	for _, server := range []string{"1.2.3", "nonsense", "", "1.2.3.4 5.6.7.8", "::1::"} {
		a.add("name server "+server, func(h *host) {
			h.refused(badAddr, networks{"red": red.with("nic", h.nic(0), "nameservers", []string{server})}, nil)
		})
	}
	a.add("what else is in resolv.conf stays", func(h *host) {
		if err := os.WriteFile("/etc/resolv.conf", []byte("search example.org\noptions edns0\nnameserver 192.0.2.53\n"), 0o644); err != nil {
			h.Fatal(err)
		}
		h.setup(networks{"red": red.with("nic", h.nic(0), "nameservers", servers[:1])}, nil)
		equal(h, "resolv.conf", h.sh("grep -v ^# /etc/resolv.conf | sort"), "nameserver 1.2.3.4\noptions edns0\nsearch example.org")
	})
	a.add("undone with the change", func(h *host) {
		h.refusedWith(lost, networks{"red": red.with("nic", h.nic(0), "nameservers", servers)}, nil, unheard())
		told(h, "192.0.2.53")
		equal(h, "resolv.conf", h.sh("cat /etc/resolv.conf"), "nameserver 192.0.2.53")
	})
}
