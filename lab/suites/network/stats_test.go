// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// counters are an entry of Host.getNetworkStatistics.
type counters struct {
	Name, Rx, Tx, RxDropped, TxDropped, RxErrors, TxErrors, Speed, Duplex, State string
	SampleTime                                                                   float64
}

func (h *host) statistics() map[string]counters {
	h.Helper()
	raw, err := h.call("Host.getNetworkStatistics", attrs{})
	if err != nil {
		h.Fatal(err)
	}
	var answer struct{ Network map[string]counters }
	if err := json.Unmarshal(raw, &answer); err != nil {
		h.Fatal(err)
	}
	return answer.Network
}

func statistics(a *area) {
	a.add("counters of every link", func(h *host) {
		h.ip("link add veth_0a type veth peer name veth_0b")
		h.setup(networks{"red": {"nic": "veth_0a", "bridged": false, "ipaddr": addr1, "netmask": mask24}, "blue": {"nic": "veth_0b", "bridged": false}}, nil)
		before := h.statistics()
		h.sh("ping -c 3 -i 0.1 -w 1 192.0.2.77 >/dev/null || true") // asks who has it
		after := h.statistics()
		var sample float64
		for name := range takeInventory(h).Links {
			c, there := after[name]
			if !there {
				h.Errorf("no statistics of %s", name)
				continue
			}
			for _, value := range []string{c.Rx, c.Tx, c.RxDropped, c.TxDropped, c.RxErrors, c.TxErrors, c.Speed} {
				if _, err := strconv.ParseUint(value, 10, 64); err != nil {
					h.Errorf("%s: %+v", name, c)
				}
			}
			if sample != 0 && c.SampleTime != sample {
				h.Errorf("sample times differ: %v and %v", sample, c.SampleTime)
			}
			sample = c.SampleTime
		}
		sent := number(h, after["veth_0a"].Tx) - number(h, before["veth_0a"].Tx)
		got := number(h, after["veth_0b"].Rx) - number(h, before["veth_0b"].Rx)
		if sent <= 0 || got != sent {
			h.Errorf("sent %d and received %d", sent, got)
		}
		equal(h, "bytes", after["veth_0b"].Rx, fmt.Sprint(h.sysfs("veth_0b/statistics/rx_bytes")))
		equal(h, "state", after["veth_0a"].State, "up")
	})
	a.add("a link that comes again counts from nothing", func(h *host) {
		red := attrs{"nic": h.nic(0), "vlan": 5}
		link := h.carrier("red", red) // as the kernel calls it, which has no VLANs of Open vSwitch
		h.setup(networks{"red": red}, nil)
		if _, there := h.statistics()[link]; !there {
			h.Errorf("no statistics of %s", link)
		}
		h.setup(networks{"red": gone()}, nil)
		if c, there := h.statistics()[link]; there {
			h.Errorf("statistics of what is gone: %+v", c)
		}
	})
}

func number(h *host, s string) int64 {
	h.Helper()
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		h.Error(err)
	}
	return n
}
