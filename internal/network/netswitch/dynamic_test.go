// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/network/netinfo"
	"govdsm/internal/network/netlink"
	"govdsm/internal/supervdsm"
)

// until waits for a condition.
func (h *host) until(what string, ok func() bool) {
	h.t.Helper()
	for end := time.Now().Add(60 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("waited for %s in vain:\n%s", what, h.links())
		}
	}
}

func (h *host) shows(texts ...string) {
	h.t.Helper()
	for _, text := range texts {
		h.until(text, func() bool { return strings.Contains(h.links(), text) })
	}
}

// server puts the other end of veth_0 into a room of its own, with a server
// for 198.51.100.0/24 in it.
func (h *host) server() {
	h.t.Helper()
	// Should the test binary be killed, or panic, what it started goes too:
	// when the thread that did so ends.
	runtime.LockOSThread()
	keeper := exec.CommandContext(h.t.Context(), "unshare", "--net", "sleep", "3600")
	keeper.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := keeper.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = keeper.Process.Kill(); _ = keeper.Wait() })
	pid := strconv.Itoa(keeper.Process.Pid)
	own, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		h.t.Fatal(err)
	}
	h.until("the room", func() bool {
		there, err := os.Readlink("/proc/" + pid + "/ns/net")
		return err == nil && there != own
	})
	h.ip("link set peer0 netns " + pid)
	script := `ip link set peer0 up && ip addr add 198.51.100.1/24 dev peer0 && \
		ip addr add 2001:db8:1::1/64 dev peer0 nodad && exec dnsmasq --keep-in-foreground \
		--conf-file=/dev/null --pid-file= --port=0 --user=root --group=root --interface=peer0 --bind-interfaces --no-ping \
		--dhcp-leasefile=` + filepath.Join(h.dir, "leases") + ` --dhcp-range=198.51.100.50,198.51.100.60,255.255.255.0,2m \
		--enable-ra --dhcp-range=2001:db8:1::50,2001:db8:1::60,slaac,64,2m \
		--dhcp-option=option6:dns-server,[2001:db8:1::53] --dhcp-option=option:router,198.51.100.1 --dhcp-option=option:dns-server,192.0.2.99`
	cmd := exec.CommandContext(h.t.Context(), "nsenter", "-t", pid, "-n", "sh", "-c", script)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
}

func (h *host) resolv() string {
	b, err := os.ReadFile(filepath.Join(h.dir, "root", "etc", "resolv.conf"))
	if err != nil {
		h.t.Fatal(err)
	}
	return string(b)
}

const unchecked = `, "bondings": {}, "options": {"connectivityCheck": "false"}}`

func request(network string) string { return `{"networks": {"red": ` + network + `}` + unchecked }

const (
	dynamicNIC    = `{"nic": "veth_0", "bridged": "false", "bootproto": "dhcp", "defaultRoute": true}`
	dynamicBridge = `{"nic": "veth_0", "bridged": "true", "bootproto": "dhcp", "defaultRoute": true}`
	dynamicSide   = `{"nic": "veth_0", "bridged": "true", "bootproto": "dhcp"}`
)

func (h *host) do(params string) {
	h.t.Helper()
	if err := h.call("Host.setupNetworks", params); err != nil {
		h.t.Fatal(err)
	}
}

// lease returns the address of a device.
func (h *host) lease(device string) string {
	h.t.Helper()
	var address string
	h.until("an address of "+device, func() bool {
		for line := range strings.Lines(h.links()) {
			f := strings.Fields(line)
			if len(f) > 2 && (f[0] == device || strings.HasPrefix(f[0], device+"@")) && strings.HasPrefix(f[2], "198.51.100.") {
				address = f[2]
			}
		}
		return address != ""
	})
	return address
}

// A network by DHCP: the address comes after the call, capabilities tell of it;
// its bridge keeps the lease; so does a network that is the default route no
// more; a static address in its place lasts; and then nothing is left.
func TestDynamic(t *testing.T) {
	onHost(t, func(h *host) {
		h.server()
		h.do(request(dynamicNIC))
		address := h.lease("veth_0")
		h.shows("default via 198.51.100.1 dev veth_0 proto dhcp")
		h.until("name servers", func() bool { return strings.Contains(h.resolv(), "nameserver 192.0.2.99") })
		if strings.Contains(h.resolv(), "192.0.2.53") {
			t.Errorf("resolv.conf: %s", h.resolv())
		}
		h.do(request(dynamicNIC)) // nothing changes
		if !strings.Contains(h.links(), address) || !strings.Contains(h.resolv(), "nameserver 192.0.2.99") {
			t.Errorf("a call without a change took something away:\n%s%s", h.links(), h.resolv())
		}

		h.do(request(dynamicBridge))
		if got := h.lease("red"); got != address {
			t.Errorf("the bridge got %s, the card had %s", got, address)
		}
		h.shows("default via 198.51.100.1 dev red proto dhcp")
		h.told("red", address, true)

		h.do(request(dynamicSide))
		h.shows("from 198.51.100.0/24 lookup", "from all to 198.51.100.0/24 lookup", "default via 198.51.100.1 dev red table")
		if got := h.lease("red"); got != address {
			t.Errorf("got %s, had %s", got, address)
		}
		h.told("red", address, false)

		ip, _, _ := strings.Cut(address, "/")
		h.do(request(`{"nic": "veth_0", "ipaddr": "` + ip + `", "netmask": "255.255.255.0", "gateway": "198.51.100.1"}`))
		h.shows("from 198.51.100.0/24 lookup", "default via 198.51.100.1 dev red table")
		out, err := exec.CommandContext(t.Context(), "ip", "-4", "addr", "show", "dev", "red").CombinedOutput()
		if err != nil || !strings.Contains(string(out), address) || !strings.Contains(string(out), "valid_lft forever") {
			t.Errorf("%v: the static address ends:\n%s", err, out)
		}
		h.do(request(`{"remove": true}`))
		if links := h.links(); strings.Contains(links, "198.51.100") || strings.Contains(links, "3200:") {
			t.Errorf("left:\n%s", links)
		}
	})
}

// told compares what a manager is told of a network.
func (h *host) told(network, address string, isDefault bool) {
	h.t.Helper()
	kernel, err := netlink.Open("")
	if err != nil {
		h.t.Fatal(err)
	}
	defer kernel.Close()
	r := netinfo.New(netinfo.Options{Kernel: kernel, FakeNICs: []string{"veth_*"}, Configuration: running{
		network: {Bridged: true, NIC: "veth_0", Addressing: netinfo.Addressing{DHCPv4: true}},
	}})
	h.until("capabilities", func() bool {
		c, err := r.Capabilities(h.t.Context())
		if err != nil {
			h.t.Fatal(err)
		}
		n, ok := c.Networks[network].Value.(api.NetInfoBridgedNetwork)
		return ok && n.Dhcpv4 && !n.Dhcpv6 && len(n.Ipv4addrs) == 1 && n.Ipv4addrs[0] == address &&
			n.Gateway == "198.51.100.1" && n.Ipv4defaultroute == isDefault && c.Bridges[network].Dhcpv4
	})
}

type running map[string]netinfo.Network

func (r running) Running() (netinfo.Running, error) { return netinfo.Running{Networks: r}, nil }

// A manager that does not confirm gets back what was: the lease on the card,
// its routes and name servers, or the static address that was there before.
func TestDynamicUndone(t *testing.T) {
	onHost(t, func(h *host) {
		h.server()
		unheard := func(network string) {
			h.t.Helper()
			err := h.call("Host.setupNetworks", `{"networks": {"red": `+network+`}, "bondings": {}, "options": {"connectivityTimeout": 1}}`)
			if !errors.Is(err, api.ErrNetLostConnection) {
				h.t.Fatalf("error is %v", err)
			}
		}
		before := h.links() + h.resolv()
		unheard(dynamicNIC)
		if after := h.links() + h.resolv(); after != before {
			t.Errorf("after\n%s\nbefore\n%s", after, before)
		}
		h.do(request(`{"nic": "veth_0", "bridged": "false", "ipaddr": "198.51.100.7", "netmask": "255.255.255.0",
			"gateway": "198.51.100.1", "defaultRoute": true, "nameservers": ["192.0.2.77"]}`))
		before = h.links() + h.resolv()
		unheard(dynamicNIC)
		if after := h.links() + h.resolv(); after != before {
			t.Errorf("after\n%s\nbefore\n%s", after, before)
		}
		h.do(request(dynamicNIC))
		h.lease("veth_0")
		h.until("name servers", func() bool { return strings.Contains(h.resolv(), "nameserver 192.0.2.99") })
		before = h.links() + h.resolv()
		for _, network := range []string{dynamicBridge, `{"remove": true}`} {
			unheard(network)
			h.until("the former state", func() bool { return h.links()+h.resolv() == before })
		}
	})
}

// IPv6 by advertisements and by DHCPv6, and both undone: addresses, and the
// settings of the link.
func TestDynamicIPv6(t *testing.T) {
	onHost(t, func(h *host) {
		h.server()
		settings := func() string {
			out, err := exec.CommandContext(t.Context(), "sh", "-c", "cd /proc/sys/net/ipv6/conf/veth_0 && head disable_ipv6 autoconf accept_ra accept_ra_defrtr").CombinedOutput()
			if err != nil {
				t.Fatal(err)
			}
			return string(out)
		}
		six := func() string {
			out, err := exec.CommandContext(t.Context(), "sh", "-c", "ip -6 addr show dev veth_0 scope global; ip -6 route show dev veth_0").CombinedOutput()
			if err != nil {
				t.Fatal(err)
			}
			return string(out)
		}
		h.ip("link set veth_0 up")
		before := settings()
		network := func(members string) string {
			return `{"networks": {"red": {"nic": "veth_0", "bridged": "false", "defaultRoute": true, "nameservers": [], ` + members + `}}, "bondings": {}, "options": `
		}
		err := h.call("Host.setupNetworks", network(`"ipv6autoconf": true, "dhcpv6": true`)+`{"connectivityTimeout": 1}}`)
		if !errors.Is(err, api.ErrNetLostConnection) {
			t.Fatal(err)
		}
		if after := settings(); after != before {
			t.Errorf("after\n%s\nbefore\n%s", after, before)
		}
		h.do(network(`"ipv6autoconf": true, "dhcpv6": true`) + `{"connectivityCheck": false}}`)
		h.until("both kinds of addresses and a route", func() bool {
			now := six()
			return strings.Contains(now, "mngtmpaddr") && strings.Contains(now, "/128 scope global") && strings.Contains(now, "default via fe80:")
		})
		if now := settings(); !strings.Contains(now, "autoconf <==\n1") || !strings.Contains(now, "accept_ra <==\n2") {
			t.Errorf("settings:\n%s", now)
		}
		h.until("name servers", func() bool { return strings.Contains(h.resolv(), "nameserver 2001:db8:1::53") })
		h.do(network(`"dhcpv6": true`) + `{"connectivityCheck": false}}`)
		h.until("the lease alone", func() bool {
			now := six()
			return !strings.Contains(now, "mngtmpaddr") && strings.Contains(now, "/128 scope global")
		})
		h.do(request(`{"remove": true}`))
		if now := six(); strings.Contains(now, "2001:db8") {
			t.Errorf("left:\n%s", now)
		}
		if strings.Contains(h.resolv(), "2001:") {
			t.Errorf("left:\n%s", h.resolv())
		}
	})
}

// supervdsmd dies without a word, while a network has a lease and in the middle
// of a change: the next one finds the lease good, or undoes what came of the
// change.
func TestDynamicKilled(t *testing.T) {
	onHost(t, func(h *host) {
		h.server()
		h.stop()
		child := h.child()
		h.do(request(dynamicNIC))
		h.lease("veth_0")
		h.until("name servers", func() bool { return strings.Contains(h.resolv(), "nameserver 192.0.2.99") })
		before := h.links() + h.resolv()
		kill(child)
		if after := h.links() + h.resolv(); after != before {
			t.Errorf("it took something along:\n%s", after)
		}
		child = h.child()

		ended := make(chan error, 1)
		go func() {
			ended <- h.call("Host.setupNetworks", `{"networks": {"red": `+dynamicSide+`}, "bondings": {}, "options": {"connectivityTimeout": 300}}`)
		}()
		h.lease("red")
		h.shows("from 198.51.100.0/24 lookup")
		kill(child)
		if err := <-ended; err == nil {
			t.Error("the call succeeded")
		}
		kill(h.child()) // undoes, and does not live long either
		h.child()
		h.until("the former state", func() bool { return h.links()+h.resolv() == before })
	})
}

// kill kills a process, and waits for its end.
func kill(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

const childDir = "GOVDSM_SUPERVDSM_DIR"

// child starts supervdsmd as a process of its own.
func (h *host) child() *exec.Cmd {
	h.t.Helper()
	self, err := os.Executable()
	if err != nil {
		h.t.Fatal(err)
	}
	cmd := exec.CommandContext(h.t.Context(), self, "-test.run=^TestSupervdsmd$", "-test.v")
	cmd.Env = append(os.Environ(), childDir+"="+h.dir)
	runtime.LockOSThread() // as the server does
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { kill(cmd) })
	h.ready()
	return cmd
}

// TestSupervdsmd is the process that dies. It is no test of its own.
func TestSupervdsmd(t *testing.T) {
	dir := os.Getenv(childDir)
	if dir == "" {
		t.Skip("is started by TestDynamicKilled")
	}
	if err := supervdsm.Run(t.Context(), options(dir, "")); err != nil {
		t.Fatal(err)
	}
}
