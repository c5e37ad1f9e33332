// SPDX-License-Identifier: GPL-2.0-or-later

package restore

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"govdsm/internal/network/nmstatectl"
	"govdsm/lab"
	"govdsm/lab/fixture"
)

// TestNetworkManager runs the distribution's NetworkManager in a host. It owns
// eth1, was told to leave eth0 and eth3 alone, and sees what others have done
// to eth2 and br9.
func TestNetworkManager(t *testing.T) {
	if !lab.Enabled() {
		lab.Start(t) // which says why this is skipped
	}
	tool := filepath.Join(fixture.Binaries(t, "vdsm-tool"), "vdsm-tool")
	h := lab.Start(t, lab.Spec{Name: "host", NICs: []string{"lan", "wire", "wire", "side"}}).Host("host")
	h.Requires(t, "dbus-daemon", "NetworkManager", "nmcli")
	h.Sh(t, `modprobe bridge; mkdir -p /run/dbus /run/vdsm /etc/vdsm /etc/NetworkManager; touch /etc/vdsm/vdsm.conf
		printf '[main]\nplugins=keyfile\nno-auto-default=*\ndns=none\nrc-manager=unmanaged\n[keyfile]\nunmanaged-devices=interface-name:eth0;interface-name:eth3\n' >/etc/NetworkManager/NetworkManager.conf
		rm -rf /etc/NetworkManager/conf.d /usr/lib/NetworkManager/conf.d
		ip link add br9 type bridge; ip addr add 10.9.0.1/24 dev br9; ip link set br9 up
		ip addr add 10.10.0.1/24 dev eth2; ip link set eth2 up`)
	// It waits for udev, which shall not rename cards here.
	h.Sh(t, "mkdir -p /etc/udev/rules.d /etc/systemd/network; ln -sf /dev/null /etc/udev/rules.d/80-net-setup-link.rules; ln -sf /dev/null /etc/systemd/network/99-default.link")
	fixture.Udev(t, h)
	h.Sh(t, "udevadm trigger --action=add --subsystem-match=net; udevadm settle -t 30; test -e /sys/class/net/eth3")
	h.Start(t, "dbus", "dbus-daemon", "--system", "--nofork", "--nopidfile")
	h.Until(t, time.Minute, "test -S /run/dbus/system_bus_socket")
	h.Start(t, "NetworkManager", "NetworkManager", "--no-daemon")
	h.Until(t, 2*time.Minute, "nmcli --terse general status")
	h.Sh(t, `nmcli con add type ethernet ifname eth1 con-name one ipv4.method manual ipv4.addresses 10.1.0.1/24 ipv6.method disabled
		nmcli --wait 60 con up one`)
	h.Until(t, time.Minute, "nmcli -t -f DEVICE,STATE dev | grep -x 'eth2:connected (externally)'")
	t.Log(h.Run(t, "nmcli", "dev"))
	h.GoTest(t, "TestAsksNetworkManager")

	// The built-in applier works on a card that was left alone, and goes on to
	// work on what it has made there.
	plan := func(request string) lab.Result {
		h.Put(t, "/tmp/request", request)
		return h.Try(t, lab.Command{Args: []string{tool, "network", "plan", "/tmp/request"}})
	}
	const side = `{"networks": {"side": {"nic": "eth3", "bridged": true, "switch": "legacy", "mtu": MTU}}}`
	h.Sh(t, `d=/var/lib/vdsm/persistence/netconf/nets; mkdir -p $d
		echo '{"nic": "eth3", "bridged": true, "stp": false, "mtu": 1500, "defaultRoute": false, "bootproto": "none", "dhcpv6": false, "ipv6autoconf": false, "switch": "legacy", "nameservers": []}' >$d/side
		`+tool+` restore-nets`)
	h.Until(t, time.Minute, "nmcli -t -f DEVICE dev | grep -x side")
	h.Sh(t, "test -e /sys/class/net/side/brif/eth3; "+tool+" network status")
	if r := plan(strings.Replace(side, "MTU", "1400", 1)); r.Code != 0 || !strings.Contains(r.Stdout, "mtu of") {
		t.Errorf("plan on what we made: exit code %d, %s%s", r.Code, r.Stdout, r.Stderr)
	}
	// Where NetworkManager is the owner, nmstatectl is needed.
	r := plan(`{"networks": {"blue": {"nic": "eth1", "bridged": true, "switch": "legacy"}}}`)
	if h.Try(t, lab.Command{Args: []string{"sh", "-c", "command -v nmstatectl"}}).Code != 0 &&
		(r.Code != 1 || !strings.Contains(r.Stderr, "NetworkManager owns eth1")) {
		t.Errorf("plan on its card: exit code %d, %s%s", r.Code, r.Stdout, r.Stderr)
	}
}

func TestAsksNetworkManager(t *testing.T) {
	if !lab.Inside() {
		t.Skip("helps TestNetworkManager")
	}
	m := nmstatectl.NetworkManager{}
	owned, err := m.Owns(t.Context(), []string{"eth0", "eth1", "eth2", "eth3", "br9", "nope"})
	if err != nil || !slices.Equal(owned, []string{"eth1"}) {
		t.Errorf("owned: %v, %v", owned, err)
	}
	checkpoint := func(want bool) {
		t.Helper()
		if open, err := m.HasCheckpoint(t.Context()); err != nil || open != want {
			t.Errorf("checkpoint: %v, %v", open, err)
		}
	}
	checkpoint(false)
	bus, err := dbus.ConnectSystemBus()
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()
	manager := bus.Object("org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager")
	var path dbus.ObjectPath
	if err := manager.Call("org.freedesktop.NetworkManager.CheckpointCreate", 0, []dbus.ObjectPath{}, uint32(600), uint32(0)).Store(&path); err != nil {
		t.Fatal(err)
	}
	checkpoint(true)
	if err := manager.Call("org.freedesktop.NetworkManager.CheckpointDestroy", 0, path).Err; err != nil {
		t.Fatal(err)
	}
	checkpoint(false)
}
