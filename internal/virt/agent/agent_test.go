// SPDX-License-Identifier: GPL-2.0-or-later

package agent_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"govdsm/api"
	"govdsm/internal/virt/agent"
)

var periods = agent.Periods{
	Capabilities: 300 * time.Second, System: 120 * time.Second, Users: 10 * time.Second,
	CPUs: 60 * time.Second, FileSystems: 300 * time.Second, Eager: 120 * time.Second, Rest: 60 * time.Second,
}

// guest is an agent that answers what it is told to.
type guest struct {
	replies map[string]string
	err     error
	asked   []string
}

func (g *guest) call(_ context.Context, command string) (string, error) {
	g.asked = append(g.asked, command)
	if g.err != nil {
		return "", g.err
	}
	reply, ok := g.replies[command]
	if !ok {
		return "", agent.ErrRefused
	}
	return reply, nil
}

// offering returns a guest whose agent offers the commands it has replies for.
func offering(replies map[string]string) *guest {
	type command struct {
		Name    string `json:"name"`
		Enabled bool   `json:"enabled"`
	}
	var list []command
	for name := range replies {
		list = append(list, command{name, true})
	}
	raw, err := json.Marshal(list)
	if err != nil {
		panic(err)
	}
	g := &guest{replies: map[string]string{"guest-info": `{"return": {"version": "7.2", "supported_commands": ` + string(raw) + `}}`}}
	for name, reply := range replies {
		g.replies[name] = reply
	}
	return g
}

func told(t *testing.T, replies map[string]string) agent.Facts {
	t.Helper()
	a := agent.New(periods)
	if err := a.Poll(t.Context(), offering(replies).call, time.Now(), 0); err != nil {
		t.Fatal(err)
	}
	return a.Facts()
}

func TestFacts(t *testing.T) {
	t.Parallel()
	got := told(t, map[string]string{
		"guest-get-host-name": `{"return": {"host-name": "web1.example.org"}}`,
		"guest-get-osinfo": `{"return": {"id": "fedora", "name": "Fedora", "pretty-name": "Fedora 27", "version-id": "27",
			"kernel-release": "4.13.9", "kernel-version": "#1 SMP", "machine": "i686", "variant": "Cloud Edition"}}`,
		"guest-get-timezone": `{"return": {"zone": "NST", "offset": -12601}}`,
		"guest-network-get-interfaces": `{"return": [{"name": "lo"}, {"name": "eth0", "hardware-address": "52:54:00:00:00:01",
			"ip-addresses": [{"ip-address-type": "ipv4", "ip-address": "192.0.2.7", "prefix": 24}, {"ip-address": "2001:db8::7"}]}]}`,
		"guest-get-users":  `{"return": [{"user": "ann"}, {"user": "bob", "domain": "EXAMPLE", "login-time": 1.5}]}`,
		"guest-get-vcpus":  `{"return": [{"online": true, "logical-id": 0}, {"online": false}, {"online": true}]}`,
		"guest-get-fsinfo": `{"return": [{"mountpoint": "/", "type": "xfs", "used-bytes": 1, "total-bytes": 18446744073709551615}, {"mountpoint": "System Reserved", "type": "NTFS"}]}`,
		"guest-get-devices": `{"return": [{"driver-name": "viostor", "driver-version": "1.2", "driver-date": 1614816000000000000, "id": {"type": "pci", "vendor-id": 6900, "device-id": 4097}},
			{"driver-name": "viostor", "driver-version": "1.2", "driver-date": 1614816000000000000, "id": {"type": "pci", "vendor-id": 6900, "device-id": 4097}},
			{"driver-name": "old", "driver-date": "2019-01-02", "address": {"type": "pci", "data": {"vendor-id": 1, "device-id": 2}}}, {"driver-name": "none"}]}`,
	})
	want := agent.Facts{
		Version: "7.2", HostName: new("web1.example.org"), System: new("4.13.9"),
		OS: &api.VMGuestOsInfo{
			Type: "linux", Arch: "x86", Kernel: "4.13.9", Distribution: "Fedora", Version: "27", Codename: "Cloud Edition",
		},
		Timezone: &api.VMGuestTimezone{Offset: -211, Zone: "NST"}, Users: new("ann, bob@EXAMPLE"), CPUs: 2,
		NICs: []api.GuestNetworkDeviceInfo{
			{Name: "lo", Inet: []string{}, Inet6: []string{}},
			{Name: "eth0", Hw: "52:54:00:00:00:01", Inet: []string{"192.0.2.7"}, Inet6: []string{"2001:db8::7"}},
		},
		Mounts: []api.GuestMountInfo{{Path: "/", Fs: "xfs", Used: "1", Total: "18446744073709551615"}},
		Devices: []api.GuestPCIDevice{
			{DriverName: "viostor", DriverVersion: new("1.2"), DriverDate: new("2021-03-04"), VendorID: 6900, DeviceID: 4097},
			{DriverName: "old", DriverDate: new("2019-01-02"), VendorID: 1, DeviceID: 2},
		},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(agent.Facts{})); diff != "" {
		t.Error(diff)
	}
	if apps := got.Applications(); !slices.Equal(apps, []string{"kernel-4.13.9", "qemu-guest-agent-7.2"}) {
		t.Errorf("applications %v", apps)
	}
}

func TestWindows(t *testing.T) {
	t.Parallel()
	got := told(t, map[string]string{"guest-get-osinfo": `{"return": {"id": "mswindows", "kernel-release": "10240",
		"kernel-version": "10.0", "machine": "riscv", "pretty-name": "Windows 10 Enterprise"}}`})
	want := &api.VMGuestOsInfo{Type: "windows", Arch: "unknown", Version: "10.0", Codename: "Windows 10 Enterprise"}
	if diff := cmp.Diff(want, got.OS); diff != "" || *got.System != "Windows 10 Enterprise" {
		t.Errorf("%q %s", *got.System, diff)
	}
	if apps := got.Applications(); !slices.Equal(apps, []string{"qemu-guest-agent-7.2"}) {
		t.Errorf("applications %v", apps)
	}
}

// Whatever a guest says, what is kept of it is small and fit for XML.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"bytes":   "a\xff\xfeb",
		"escapes": `\u0000\u001b[2J\u0007\ud800x`,
		"long":    strings.Repeat("é", 100_000),
		"markup":  `</ovirt-vm:vm><![CDATA[`,
		"none":    `￾￿`,
	}
	for name, text := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := told(t, map[string]string{
				"guest-get-host-name": `{"return": {"host-name": "` + text + `"}}`,
				"guest-get-users":     `{"return": [{"user": "` + text + `", "domain": "` + text + `"}]}`,
			})
			for _, s := range []string{*got.HostName, *got.Users} {
				if !utf8.ValidString(s) || utf8.RuneCountInString(s) > 600 || strings.ContainsAny(s, "\x00\x1b\x07\ufffe\uffff") {
					t.Errorf("kept %.80q", s)
				}
			}
		})
	}
}

// A reply that is not understood changes nothing and spoils no other.
func TestHostileReplies(t *testing.T) {
	t.Parallel()
	many := strings.TrimSuffix(strings.Repeat(`{"mountpoint":"/","type":"x","used-bytes":1,"total-bytes":1},`, 10_000), ",")
	cases := map[string]string{
		"empty":         ``,
		"no JSON":       `hello`,
		"no return":     `{"error": {}}`,
		"null":          `{"return": null}`,
		"wrong type":    `{"return": "text"}`,
		"wrong member":  `{"return": [{"mountpoint": 7}]}`,
		"negative":      `{"return": [{"mountpoint": "/", "used-bytes": -1, "total-bytes": 1}]}`,
		"overflow":      `{"return": [{"mountpoint": "/", "used-bytes": 1e99, "total-bytes": 1}]}`,
		"unfinished":    `{"return": [{"mountpoint": "/"`,
		"deep":          `{"return": ` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`,
		"deep unclosed": `{"return": ` + strings.Repeat(`{"a":`, 100_000),
		"huge":          `{"return": [{"mountpoint": "` + strings.Repeat("a", 2<<20) + `"}]}`,
		"many":          `{"return": [` + many + `]}`,
	}
	for name, reply := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := told(t, map[string]string{
				"guest-get-fsinfo":    reply,
				"guest-get-host-name": `{"return": {"host-name": "web1"}}`,
			})
			if got.HostName == nil || *got.HostName != "web1" {
				t.Errorf("the host name is lost: %v", got.HostName)
			}
			if name == "many" {
				if len(got.Mounts) != 256 {
					t.Errorf("%d file systems", len(got.Mounts))
				}
			} else if len(got.Mounts) > 0 {
				t.Errorf("believes %.80v", got.Mounts)
			}
		})
	}
	for _, reply := range []string{`{"return": {"offset": 999999999}}`, `{"return": {"offset": "x"}}`, `{"return": {"offset": -9223372036854775808}}`} {
		if got := told(t, map[string]string{"guest-get-timezone": reply}); got.Timezone != nil {
			t.Errorf("%s is believed: %v", reply, got.Timezone)
		}
	}
}

// Questions have their times, and an agent that fails is left alone.
func TestTimes(t *testing.T) {
	t.Parallel()
	g := offering(map[string]string{
		"guest-get-users":     `{"return": []}`,
		"guest-get-host-name": `{"return": {"host-name": "web1"}}`,
	})
	a, start := agent.New(periods), time.Now()
	silent := errors.New("silent")
	steps := []struct {
		at   time.Duration // since the start of the guest
		err  error
		want []string
	}{
		{0, silent, []string{"guest-info"}},
		{5 * time.Second, silent, []string{"guest-info"}}, // it boots: asked again at once
		{10 * time.Second, nil, []string{"guest-info", "guest-get-host-name", "guest-get-users"}},
		{15 * time.Second, nil, nil},
		{20 * time.Second, nil, []string{"guest-get-users"}},
		{30 * time.Second, silent, []string{"guest-get-users"}},
		{60 * time.Second, nil, nil},
		{90 * time.Second, nil, []string{"guest-get-users"}},
		{130 * time.Second, nil, []string{"guest-get-host-name", "guest-get-users"}},
		{310 * time.Second, nil, []string{"guest-info", "guest-get-host-name", "guest-get-users"}},
	}
	for _, s := range steps {
		g.err, g.asked = s.err, nil
		if err := a.Poll(t.Context(), g.call, start.Add(s.at), s.at); !errors.Is(err, s.err) {
			t.Errorf("at %v: %v", s.at, err)
		}
		if !slices.Equal(g.asked, s.want) {
			t.Errorf("at %v: asked %v, want %v", s.at, g.asked, s.want)
		}
	}
}
