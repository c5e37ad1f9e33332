// SPDX-License-Identifier: GPL-2.0-or-later

package restore

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"govdsm/lab"
	"govdsm/lab/fixture"
)

// report is what restore-nets prints.
type report struct {
	Already, Same          any
	Done, Removed, Renamed []string
	Failed                 []struct{ What, Why string }
}

func (r report) failed() (all []string) {
	for _, f := range r.Failed {
		all = append(all, f.What)
	}
	return all
}

// machine is a host with four cards. What its daemons store is on a disk.
type machine struct {
	*lab.Host

	tool string
}

// networks of the saved configuration: a management network alone on a bond
// with a VLAN each for guests and for the host, and one on a card.
const saved = `
d=/var/lib/vdsm/persistence/netconf; mkdir -p $d/nets $d/bonds
net() { printf '{%s, "mtu": %s, "bridged": %s, "defaultRoute": false, "bootproto": "none", "dhcpv6": false, "ipv6autoconf": false, "switch": "legacy", "nameservers": []%s}' "$2" "$3" "$4" "$5" >$d/nets/$1; }
echo '{"nics": ["eth1", "eth2"], "options": "mode=active-backup miimon=100", "switch": "legacy"}' >$d/bonds/bond1
net mgmt '"bonding": "bond1"' 9000 true ', "stp": false, "ipaddr": "10.1.0.5", "netmask": "255.255.255.0", "gateway": "10.1.0.1"'
net guests '"bonding": "bond1", "vlan": 7' 1500 true ', "stp": false'
net storage '"bonding": "bond1", "vlan": 8' 9000 false ', "ipaddr": "10.8.0.5", "netmask": "255.255.255.0"'
net side '"nic": "eth3"' 1500 true ', "stp": false, "ipaddr": "10.3.0.5", "netmask": "255.255.255.0"'
`

// boot gets the host up to where systemd would start vdsm-network.service.
func (m machine) boot(t *testing.T, again bool) {
	t.Helper()
	if again {
		m.PowerOff()
		if err := m.Boot(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	m.Sh(t, `modprobe -a ext4 bonding 8021q bridge
		mkdir -p /var/lib/vdsm /run/vdsm /etc/vdsm; touch /etc/vdsm/vdsm.conf
		blkid `+m.Disk("state")+` || mkfs.ext4 -qF `+m.Disk("state")+`
		mount `+m.Disk("state")+` /var/lib/vdsm
		rm -rf /run/vdsm/nets_restored`)
}

func (m machine) restore(t *testing.T, args ...string) report {
	t.Helper()
	return parse(t, m.Run(t, append([]string{m.tool, "restore-nets", "--output", "json"}, args...)...))
}

func parse(t *testing.T, text string) report {
	t.Helper()
	var r report
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return r
}

// has checks that the networks are there, with ports of the bond.
func (m machine) has(t *testing.T, ports string, side string) {
	t.Helper()
	for script, want := range map[string]string{
		"cat /sys/class/net/bond1/bonding/slaves /sys/class/net/bond1/bonding/mode":              ports + "\nactive-backup 1",
		"cat /sys/class/net/bond1/mtu /sys/class/net/guests/mtu":                                 "9000\n1500",
		"ls /sys/class/net/mgmt/brif /sys/class/net/guests/brif":                                 "/sys/class/net/guests/brif:\nbond1.7\n\n/sys/class/net/mgmt/brif:\nbond1",
		"ip -br -4 addr show dev mgmt | awk '{print $3}'":                                        "10.1.0.5/24",
		"ip -br -4 addr show dev bond1.8 | awk '{print $3}'":                                     "10.8.0.5/24",
		"ip route show table all | grep -c 'default via 10.1.0.1 dev mgmt'":                      "1",
		"for i in bond1 bond1.7 bond1.8 mgmt guests; do ip -o link show dev $i up; done | wc -l": "5",
	} {
		if got := strings.TrimSpace(m.Sh(t, script)); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", script, got, want)
		}
	}
	if side != "" {
		if got := strings.TrimSpace(m.Sh(t, "ls /sys/class/net/side/brif; ip -br -4 addr show dev side | awk '{print $3}'")); got != side+"\n10.3.0.5/24" {
			t.Errorf("side: %s", got)
		}
	}
}

// pull takes a card out of its slot, as the kernel sees it.
func (m machine) pull(t *testing.T, card string) {
	t.Helper()
	m.Sh(t, "echo 1 >$(readlink -f /sys/class/net/"+card+"/device/..)/remove; ! test -e /sys/class/net/"+card)
}

func TestRestore(t *testing.T) {
	if !lab.Enabled() {
		lab.Start(t) // which says why this is skipped
	}
	bin := fixture.Binaries(t, "vdsm-tool", "supervdsmd")
	l := lab.Start(t, lab.Spec{
		Name: "host", NICs: []string{"lan", "wire", "wire", "side"}, Disks: []lab.Disk{{Name: "state", Size: 64 << 20}},
	})
	m := machine{l.Host("host"), filepath.Join(bin, "vdsm-tool")}
	all := []string{"bond bond1", "network guests", "network mgmt", "network side", "network storage"}

	m.boot(t, false)
	m.Sh(t, saved)
	if r := m.restore(t); !slices.Equal(r.Done, all) || len(r.Failed) > 0 {
		t.Fatalf("first: %+v", r)
	}
	m.has(t, "eth1 eth2", "eth3")
	// Saving again writes the burnt-in addresses down.
	m.Run(t, m.tool, "clear-nets", "--exclude-net", "guests", "mgmt", "side", "storage")
	if got := m.Get(t, "/var/lib/vdsm/persistence/netconf/devices/eth3"); !strings.Contains(got, m.MAC(3)) {
		t.Errorf("device: %s", got)
	}
	m.Run(t, m.tool, "network", "status")

	t.Run("power cut and boot", func(t *testing.T) {
		m.boot(t, true)
		began := time.Now()
		if r := m.restore(t); !slices.Equal(r.Done, all) || len(r.Failed) > 0 {
			t.Errorf("report: %+v", r)
		}
		t.Log("took", time.Since(began))
		m.has(t, "eth1 eth2", "eth3")
		m.Run(t, m.tool, "network", "status")
		if r := m.restore(t, "--force"); len(r.Done) > 0 {
			t.Errorf("by force, with nothing to do: %+v", r)
		}
	})
	t.Run("a card is renamed, one is gone", func(t *testing.T) {
		m.boot(t, true)
		m.Sh(t, "ip link set eth3 name ens9")
		m.pull(t, "eth2")
		r := m.restore(t, "--wait", "500ms")
		if !slices.Equal(r.Done, all) || !slices.Equal(r.Renamed, []string{"eth3 is ens9 now"}) || !slices.Equal(r.failed(), []string{"bond bond1"}) {
			t.Errorf("report: %+v", r)
		}
		m.has(t, "eth1", "ens9")
	})
	t.Run("cards are gone, and come back", func(t *testing.T) {
		m.boot(t, true)
		m.pull(t, "eth2")
		m.pull(t, "eth3")
		r := m.restore(t, "--wait", "500ms")
		if !slices.Equal(r.failed(), []string{"bond bond1", "network side"}) || len(r.Done) != 4 {
			t.Errorf("report: %+v", r)
		}
		m.has(t, "eth1", "")
		if code := m.Try(t, lab.Command{Args: []string{m.tool, "network", "status"}}).Code; code != 1 {
			t.Errorf("status: exit code %d", code)
		}
		task := m.Begin(t, lab.Command{Args: []string{m.tool, "restore-nets", "--force", "--wait", "5m", "--output", "json"}})
		m.Sh(t, "echo 1 >/sys/bus/pci/rescan")
		result := task.Wait(t)
		r = parse(t, result.Stdout)
		if result.Code != 0 || len(r.Failed) > 0 || !slices.Equal(r.Done, []string{"bond bond1", "network side"}) {
			t.Errorf("exit code %d, report: %+v", result.Code, r)
		}
		m.has(t, "eth1 eth2", "eth3")
	})
	t.Run("killed in the middle, then done through supervdsmd", func(t *testing.T) {
		m.boot(t, true)
		m.Try(t, lab.Command{Args: []string{"timeout", "-s", "KILL", "0.15", m.tool, "restore-nets"}}) // wherever it is then
		m.Sh(t, `getent group kvm || groupadd -r -g 36 kvm
			getent passwd vdsm || useradd -r -u 36 -g kvm -d / -s /usr/sbin/nologin vdsm
			mkdir -p /var/log/vdsm`)
		m.Start(t, "supervdsmd", filepath.Join(bin, "supervdsmd"))
		m.Until(t, time.Minute, "test -S /run/vdsm/svdsm.sock")
		if r := m.restore(t); len(r.Failed) > 0 {
			t.Errorf("report: %+v", r)
		}
		m.has(t, "eth1 eth2", "eth3")
		m.Sh(t, "grep -c op=network_apply /var/log/vdsm/supervdsm.log")
		m.Run(t, m.tool, "network", "status")
	})
}
