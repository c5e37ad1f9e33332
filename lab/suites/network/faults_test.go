// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"govdsm/api"
)

// vlans are n networks on a base.
func vlans(key, base string, n int, more attrs) networks {
	all := networks{}
	for k := range n {
		all[fmt.Sprintf("net%d", k)] = more.with(key, base, "vlan", k+1)
	}
	return all
}

// begin makes a change in the background.
func (h *host) begin(n networks, b bonds, options attrs) <-chan error {
	done := make(chan error, 1)
	go func() { done <- h.request(n, b, options) }()
	return done
}

func faults(a *area) {
	a.legacy("a card vanishes in the middle", func(h *host) {
		dev := h.nics(2)[0]
		before := h.inventory(h.T)
		delete(before.Links, dev)
		delete(before.Links, h.nic(1))
		done := h.begin(vlans("nic", dev, 60, attrs{}), nil, nil)
		h.until("it has begun", func() bool { _, err := os.Stat("/sys/class/net/net1"); return err == nil })
		h.script(fmt.Sprintf("link del group %d", group))
		if err := <-done; err == nil {
			h.Log("it was too late")
			return
		}
		h.same(before, "the card has vanished")
		equal(h, "stored", h.stored(), "")
	})
	a.legacy("a name in use", func(h *host) {
		h.ip("link add tap_red type dummy\nlink add bond8 type bridge")
		h.nics(2)
		h.fails(networks{"tap_red": {"nic": h.nic(0)}}, nil)
		h.fails(nil, bonds{"bond8": {"nics": h.nics(2)}})
		h.ip("link del bond8")
		h.ip("link add dummy_0.5 type bridge")
		h.fails(networks{"red": {"nic": h.nic(0), "vlan": 5}}, nil)
		h.ip("link del dummy_0.5")
	})
	a.legacy("an address that another link has", func(h *host) {
		red := families()["a gateway"].with("nic", h.nic(0))
		h.setup(networks{"red": red}, nil)
		blue := red.with("nic", h.nic(1))
		err := h.request(networks{"blue": blue}, nil, nil) // as the kernel likes
		h.refresh()
		h.hasNetwork("red", red)
		if err == nil {
			h.hasNetwork("blue", blue)
		} else {
			h.hasNoNetwork("blue")
		}
	})
	a.legacy("two calls at once", func(h *host) {
		h.nics(2)
		done := h.begin(networks{"red": {"nic": h.nic(0)}}, nil, attrs{"connectivityTimeout": 50})
		h.until("the change is made", func() bool { return h.config().networks["red"] != nil })
		for verb, params := range map[string]any{
			"Host.setupNetworks":        attrs{"networks": attrs{"blue": attrs{"nic": h.nic(1)}}, "bondings": attrs{}, "options": attrs{}},
			"Host.setSafeNetworkConfig": attrs{},
		} {
			_, err := h.call(verb, params)
			if said, ok := errors.AsType[*api.Error](err); !ok || said.Number != 40 {
				h.Errorf("%s meanwhile: %v", verb, err)
			}
		}
		h.confirm(done)
		h.hasNetwork("red", attrs{"nic": h.nic(0)})
	})
	a.legacy("the disk is full", func(h *host) {
		red := attrs{"nic": h.nic(0)}
		h.setup(networks{"red": red}, nil)
		fill := func(spare int) {
			h.sh(fmt.Sprintf(`cd /var/lib/vdsm; [ %[1]d = 0 ] || fallocate -l %[1]d spare
				fallocate -l $(($(df --output=avail -B1 . | tail -1) - 65536)) filler
				dd if=/dev/zero of=filler2 bs=4k 2>/dev/null || true; rm -f spare`, spare))
		}
		h.Cleanup(func() { _ = errors.Join(os.Remove("/var/lib/vdsm/filler"), os.Remove("/var/lib/vdsm/filler2")) })
		for _, spare := range []int{0, 8 << 10, 16 << 10} {
			fill(spare)
			before := takeInventory(h)
			if err := h.request(networks{"red": red.with("mtu", 1400), "blue": red.with("vlan", 5)}, nil, nil); err != nil {
				h.same(before, "the disk was full")
			} else {
				h.refresh()
				h.agree()
			}
			h.sh("rm -f /var/lib/vdsm/filler*; ls /var/lib/vdsm/netapply")
			h.setup(networks{"red": red}, nil)
			if h.caps.Networks["blue"].Iface != "" {
				h.setup(networks{"blue": gone()}, nil)
			}
		}
	})
	a.legacy("a thousand networks", func(h *host) {
		n := vlans("nic", h.nic(0), 1000, attrs{"bridged": false})
		h.setup(n, nil)
		equal(h, "networks", len(h.caps.Networks), 1000)
		n2 := networks{}
		for name := range n {
			n2[name] = gone()
		}
		h.setup(n2, nil)
	})
	a.legacy("somebody else changes things meanwhile", func(h *host) { h.concurrently() })
	a.legacy("supervdsmd is killed", func(h *host) { h.killing() })
}

// confirm confirms until the change ends, which must succeed.
func (h *host) confirm(done <-chan error) {
	h.Helper()
	for {
		if _, err := h.call("Host.confirmConnectivity", attrs{}); err != nil {
			h.Error(err)
		}
		select {
		case err := <-done:
			if err != nil {
				h.Error(err)
			}
			h.refresh()
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// concurrently changes networks while ip adds and removes links and addresses
// of its own. What is ours comes out as asked for, what is theirs stays theirs.
func (h *host) concurrently() {
	h.Helper()
	n := h.nics(3)
	other := startIP(h.T)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			err := other.do(fmt.Sprintf("link add dummy_x%d group %d type dummy\naddress add 203.0.113.%d/32 dev dummy_2\nlink set dummy_2 up mtu %d",
				i, group, i%250+1, 1400+i%50))
			if err != nil && !strings.Contains(err.Error(), "File exists") && !strings.Contains(err.Error(), "already assigned") {
				h.Errorf("the other: %v", err)
				return
			}
		}
	}()
	defer func() {
		close(stop)
		<-stopped
	}()
	red, bond := families()["a gateway"].with("bonding", "bond1", "vlan", 7), bonds{"bond1": {"nics": n[:2]}}
	for i := range 6 {
		red["mtu"] = 1500 + i
		h.setup(networks{"red": red}, bond)
		h.hasNetwork("red", red)
	}
	if addrs := takeInventory(h).Links["dummy_2"].Addrs; len(addrs) == 0 {
		h.Error("what somebody else did is gone")
	}
}

// killing kills supervdsmd later and later in a change of bond, VLANs and
// bridges, and looks for the old networks or the new.
func (h *host) killing() {
	h.Helper()
	old := networks{"red": families()["a gateway"].with("bonding", "bond1", "vlan", 7, "mtu", 1600), "blue": {"nic": h.nics(4)[2]}}
	oldBonds := bonds{"bond1": {"nics": h.nics(4)[:2], "options": "mode=1 miimon=150"}}
	next := networks{
		"red": families()["both"].with("bonding", "bond1", "vlan", 8, "mtu", 1700, "bridged", false), "blue": gone(),
		"green": {"bonding": "bond1", "vlan": 9}, "white": {"nic": h.nic(2), "vlan": 10},
	}
	nextBonds := bonds{"bond1": {"nics": []string{h.nic(0), h.nic(3)}, "options": "mode=4"}}
	h.setup(old, oldBonds)
	undone := 0
	for i := range 12 {
		before, stored := takeInventory(h), h.stored()
		done := h.begin(next, nextBonds, attrs{"connectivityTimeout": 20})
		switch {
		case i < 10:
			time.Sleep(time.Duration(i) * 12 * time.Millisecond)
		default: // while it waits for the manager
			h.until("the change is made", func() bool { return h.config().networks["green"] != nil })
		}
		h.killSupervdsmd()
		if err := <-done; err == nil {
			h.Errorf("kill %d: the call succeeded", i)
		}
		h.until("supervdsmd is back", func() bool { return h.request(nil, nil, nil) == nil })
		if after := h.stored(); after != stored {
			h.Errorf("kill %d: stored\n%s\nbefore\n%s", i, after, stored)
		}
		h.same(before, fmt.Sprintf("kill %d", i))
		if _, err := os.Stat("/var/lib/vdsm/netapply/journal"); err == nil {
			h.Errorf("kill %d: the journal is there still", i)
		}
		undone++
	}
	h.Logf("%d changes were undone", undone)
	h.refresh()
	h.agree()
	h.hasNetwork("red", old["red"])
	done := h.begin(next, nextBonds, attrs{"connectivityTimeout": 50})
	h.confirm(done)
	h.agree()
	h.hasNetwork("red", next["red"])
}

// killSupervdsmd kills it as a power cut would.
func (h *host) killSupervdsmd() {
	h.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/comm")
	if err != nil {
		h.Fatal(err)
	}
	for _, file := range files {
		name, _ := os.ReadFile(file)
		if !bytes.Equal(bytes.TrimSpace(name), []byte("supervdsmd")) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil {
			err = syscall.Kill(pid, syscall.SIGKILL)
		}
		if err != nil {
			h.Fatal(err)
		}
		return
	}
	h.Fatal("there is no supervdsmd")
}
