// SPDX-License-Identifier: GPL-2.0-or-later

package restore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/network/canonicalize"
	"govdsm/internal/network/drift"
	"govdsm/internal/network/linkapply"
	"govdsm/internal/network/netconf"
	"govdsm/internal/network/netlink"
	"govdsm/internal/network/netswitch"
	"govdsm/internal/network/persistence"
	"govdsm/lab"
)

// host is an empty network with two cards and what restores its networks.
type host struct {
	t                   *testing.T
	dir                 string
	persistent, running *persistence.Store
	configurator        *netswitch.Configurator
	kernel              *netlink.Kernel
	vfs                 VirtualFunctions
	wait                time.Duration
}

func onHost(t *testing.T, body func(h *host)) {
	t.Helper()
	lab.Needs(t, lab.Bridge, lab.Veth).Run(func(t *testing.T) {
		h := &host{t: t, dir: t.TempDir()}
		h.ip(`link add veth_0 type veth peer name peer0
			link add veth_1 type veth peer name peer1
			link set peer0 up
			link set peer1 up`)
		h.persistent = persistence.At(filepath.Join(h.dir, "persistence", "netconf"))
		h.running = persistence.At(filepath.Join(h.dir, "staging", "netconf"))
		resolv := filepath.Join(h.dir, "resolv.conf")
		h.configurator = netswitch.New(netswitch.Options{
			Running: h.running, Persistent: h.persistent, Lock: filepath.Join(h.dir, "lock"),
			Applier: netswitch.BuiltIn(linkapply.New(linkapply.Options{
				Journal: filepath.Join(h.dir, "journal"), ResolvConf: resolv,
			})),
			ResolvConf: resolv, FakeNICs: []string{"veth_*"},
		})
		var err error
		if h.kernel, err = netlink.Open(""); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { h.kernel.Close() })
		body(h)
	})
}

func (h *host) ip(lines string) {
	h.t.Helper()
	cmd := exec.CommandContext(h.t.Context(), "ip", "-batch", "-")
	cmd.Stdin = strings.NewReader(lines)
	if out, err := cmd.CombinedOutput(); err != nil {
		h.t.Fatalf("ip: %v\n%s", err, out)
	}
}

func (h *host) restore(force bool) Report {
	h.t.Helper()
	r, err := h.restorer().Restore(h.t.Context(), force)
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

func (h *host) restorer() *Restorer {
	log := slog.New(slog.NewTextHandler(h.t.Output(), nil))
	return New(Options{
		Host: drift.New(drift.Options{
			Kernel: h.kernel, Persistent: h.persistent, Running: h.running, FakeNICs: []string{"veth_*"}, Log: log,
		}),
		Kernel: h.kernel, Networks: h.configurator, VFs: h.vfs, Wait: h.wait,
		Forget: func(ctx context.Context) error { _, err := h.configurator.Forget(ctx); return err },
		Mark:   filepath.Join(h.dir, "nets_restored"), Log: log,
	})
}

// boot takes away what does not outlive one.
func (h *host) boot() {
	h.t.Helper()
	out, err := exec.CommandContext(h.t.Context(), "sh", "-c",
		`for i in $(ls /sys/class/net); do [ -d /sys/class/net/$i/bridge ] && ip link del $i; done
		ip addr flush dev veth_0; ip addr flush dev veth_1; ip route flush table all; ip rule flush pref 3200; true`).CombinedOutput()
	if err != nil {
		h.t.Fatalf("%v: %s", err, out)
	}
	if err := os.Remove(filepath.Join(h.dir, "nets_restored")); err != nil && !errors.Is(err, os.ErrNotExist) {
		h.t.Fatal(err)
	}
}

func (h *host) save(c netconf.Config) {
	h.t.Helper()
	if err := h.persistent.Save(c); err != nil {
		h.t.Fatal(err)
	}
}

func (h *host) has(link string) bool {
	_, err := os.Stat("/sys/class/net/" + link)
	return err == nil
}

func (h *host) runningNames() []string {
	h.t.Helper()
	c, _, err := h.running.Load()
	if err != nil {
		h.t.Fatal(err)
	}
	var names []string
	for name := range c.Networks {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func network(nic, address string) netconf.Network {
	n := netconf.Network{NIC: nic, MTU: 1500, Bridged: true, Switch: "legacy", BootProto: "none", Nameservers: []string{}}
	if address != "" {
		n.IPAddr, n.Netmask = address, "255.255.255.0"
	}
	return n
}

func failed(r Report) []string {
	var all []string
	for _, f := range r.Failed {
		all = append(all, f.What)
	}
	return all
}

func TestRestore(t *testing.T) {
	onHost(t, func(h *host) {
		management := network("veth_0", "192.0.2.10")
		management.Gateway, management.DefaultRoute = "192.0.2.1", true
		here, err := os.ReadFile("/etc/resolv.conf") // which is what the host is taken to use
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		management.Nameservers = canonicalize.Nameservers(string(here))
		h.save(netconf.Config{Networks: map[string]netconf.Network{
			"mgmt": management, "blue": network("veth_1", "198.51.100.5"), "alone": network("", ""),
		}})
		// What ran before the boot: one network was not saved.
		if err := h.running.Save(netconf.Config{Networks: map[string]netconf.Network{
			"mgmt": management, "forgotten": network("veth_1", "203.0.113.5"),
		}}); err != nil {
			t.Fatal(err)
		}
		r := h.restore(false)
		if fmt.Sprint(r.Done) != "[network mgmt network alone network blue]" || len(r.Failed) > 0 || len(r.Removed) > 0 {
			t.Errorf("report: %+v", r)
		}
		out, err := exec.CommandContext(t.Context(), "sh", "-c", "ip -br -4 addr; ip -4 route; ip link").CombinedOutput()
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"192.0.2.10/24", "198.51.100.5/24", "default via 192.0.2.1 dev mgmt", "alone"} {
			if !strings.Contains(string(out), part) {
				t.Errorf("no %q in\n%s", part, out)
			}
		}
		if names := h.runningNames(); fmt.Sprint(names) != "[alone blue mgmt]" {
			t.Errorf("running: %v", names)
		}
		if r := h.restore(false); !r.Already {
			t.Errorf("a second time in a boot: %+v", r)
		}
		if r := h.restore(true); r.Already || r.Same != 3 || len(r.Done)+len(r.Removed)+len(r.Failed) > 0 {
			t.Errorf("by force, with nothing to do: %+v", r)
		}
	})
}

// By force on a running host: what was changed since is put right.
func TestForce(t *testing.T) {
	onHost(t, func(h *host) {
		h.save(netconf.Config{Networks: map[string]netconf.Network{
			"blue": network("veth_0", "192.0.2.10"), "red": network("veth_1", ""),
		}})
		// The mark is in a folder of vdsm's, who gets no file made with it.
		if err := os.Symlink(filepath.Join(h.dir, "nologin"), filepath.Join(h.dir, "nets_restored")); err != nil {
			t.Fatal(err)
		}
		if _, err := h.restorer().Restore(t.Context(), false); err == nil {
			t.Error("a link is taken for the mark")
		}
		if _, err := os.Stat(filepath.Join(h.dir, "nologin")); err == nil {
			t.Error("a link is followed")
		}
		if err := os.Remove(filepath.Join(h.dir, "nets_restored")); err != nil {
			t.Fatal(err)
		}
		h.restore(false)
		request := netconf.Request{Networks: map[string]netconf.Network{"extra": network("", ""), "red": {Remove: true}}}
		params := request.Params()
		params.Options.ConnectivityCheck = new(api.Tobool(false))
		if err := h.configurator.Setup(t.Context(), &params); err != nil {
			t.Fatal(err)
		}
		h.ip(`link set blue mtu 1400`)
		r := h.restore(true)
		if fmt.Sprint(r.Removed) != "[network extra]" || fmt.Sprint(r.Done) != "[network blue network red]" || len(r.Failed) > 0 {
			t.Errorf("report: %+v", r)
		}
		if h.has("extra") || !h.has("red") {
			t.Error("the kernel is not as it was saved")
		}
		if mtu, err := os.ReadFile("/sys/class/net/blue/mtu"); err != nil || string(mtu) != "1500\n" {
			t.Errorf("mtu: %q, %v", mtu, err)
		}
	})
}

// A file that cannot be understood takes no network away: neither what was
// saved by force, nor what is set up by the next change.
func TestDamagedFileLosesNothing(t *testing.T) {
	onHost(t, func(h *host) {
		h.save(netconf.Config{Networks: map[string]netconf.Network{"blue": network("veth_0", "192.0.2.10"), "red": network("veth_1", "")}})
		h.restore(false)
		damage := func(store string) {
			t.Helper()
			if err := os.WriteFile(filepath.Join(h.dir, store, "netconf", "nets", "blue"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		damage("staging")
		request := netconf.Request{Networks: map[string]netconf.Network{"extra": network("", "")}}
		params := request.Params()
		params.Options.ConnectivityCheck = new(api.Tobool(false))
		if err := h.configurator.Setup(t.Context(), &params); err != nil {
			t.Fatal(err)
		}
		if names := h.runningNames(); fmt.Sprint(names) != "[blue extra red]" {
			t.Errorf("running: %v", names)
		}
		damage("persistence")
		r := h.restore(true)
		if !h.has("blue") || fmt.Sprint(r.Removed) != "[network extra]" || len(r.Failed) != 1 {
			t.Errorf("report: %+v", r)
		}
	})
}

// A card that is gone, one that comes late, a network that cannot be set up
// and a file that is no configuration hold nothing else up.
func TestLateAndMissingCards(t *testing.T) {
	onHost(t, func(h *host) {
		h.wait = time.Minute
		bad := network("veth_1", "198.51.100.5")
		bad.Custom = map[string]any{"bridge_opts": "nonsense=1"}
		h.save(netconf.Config{Networks: map[string]netconf.Network{
			"blue": network("veth_0", "192.0.2.10"), "late": network("veth_2", "203.0.113.5"), "bad": bad,
		}})
		done := make(chan Report, 1)
		r := h.restorer()
		go func() {
			report, err := r.Restore(h.t.Context(), false)
			if err != nil {
				t.Error(err)
			}
			done <- report
		}()
		for end := time.Now().Add(time.Minute); !h.has("blue"); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("what could be restored waits for what cannot")
			}
		}
		h.ip(`link add other type veth peer name peer2`) // comes under another name, as from a driver
		h.ip(`link set other name veth_2`)
		report := <-done
		if fmt.Sprint(report.Done) != "[network blue network late]" || fmt.Sprint(failed(report)) != "[network bad]" {
			t.Errorf("report: %+v", report)
		}
		if !h.has("late") || h.has("bad") {
			t.Error("the kernel is not as expected")
		}

		h.boot()
		h.ip("link del veth_2")
		h.wait = 100 * time.Millisecond
		nets := filepath.Join(h.dir, "persistence", "netconf", "nets")
		if err := os.WriteFile(filepath.Join(nets, "rubbish"), []byte("{"), 0o644); err != nil {
			t.Fatal(err)
		}
		report = h.restore(false)
		if fmt.Sprint(report.Done) != "[network blue]" {
			t.Errorf("report: %+v", report)
		}
		what := strings.Join(failed(report), " ")
		for _, part := range []string{"rubbish", "network bad", "network late"} {
			if !strings.Contains(what, part) {
				t.Errorf("%q is not reported: %s", part, what)
			}
		}
		if names := h.runningNames(); fmt.Sprint(names) != "[blue]" {
			t.Errorf("running: %v", names)
		}
		if !report.Already && !h.has("blue") {
			t.Error("blue is not there")
		}
	})
}

type fakeVFs map[string]int

func (f fakeVFs) SetNumVFs(_ context.Context, nic string, count int) error {
	if nic == "veth_1" {
		return errors.New("no such ability")
	}
	f[nic] = count
	return nil
}

func TestVirtualFunctionsComeFirst(t *testing.T) {
	onHost(t, func(h *host) {
		made := fakeVFs{}
		h.vfs = made
		h.save(netconf.Config{
			Networks: map[string]netconf.Network{"blue": network("veth_0", "")},
			Devices:  map[string]netconf.Device{"veth_0": {NumVFs: new(3)}, "veth_1": {NumVFs: new(1)}, "veth_7": {NumVFs: new(1)}},
		})
		r := h.restore(false)
		if made["veth_0"] != 3 || fmt.Sprint(r.Done) != "[network blue]" ||
			fmt.Sprint(failed(r)) != "[1 virtual functions of veth_1 1 virtual functions of veth_7]" {
			t.Errorf("made %v, report %+v", made, r)
		}
	})
}

// Nothing was ever saved: nothing is restored, and that is no fault.
func TestNothingSaved(t *testing.T) {
	onHost(t, func(h *host) {
		if r := h.restore(false); len(r.Done)+len(r.Failed)+len(r.Removed) > 0 {
			t.Errorf("report: %+v", r)
		}
		if !strings.HasSuffix(New(Options{}).o.Mark, "nets_restored") {
			t.Error("the mark has another name")
		}
	})
}

// Someone who changes networks now keeps others from it, in another process
// too.
func TestOneAtATime(t *testing.T) {
	onHost(t, func(h *host) {
		other := netswitch.New(netswitch.Options{
			Running: h.running, Persistent: h.persistent, Lock: filepath.Join(h.dir, "lock"),
			Applier:   netswitch.BuiltIn(linkapply.New(linkapply.Options{Journal: filepath.Join(h.dir, "journal")})),
			ClientLog: filepath.Join(h.dir, "client.log"), FakeNICs: []string{"veth_*"},
		})
		request := netconf.Request{Networks: map[string]netconf.Network{"blue": network("veth_0", "")}}
		params := request.Params()
		params.Options.ConnectivityTimeout = new(api.Numeral(300))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- other.Setup(ctx, &params) }()
		for end := time.Now().Add(time.Minute); len(h.runningNames()) == 0; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("nothing happens")
			}
		}
		second := netconf.Request{Networks: map[string]netconf.Network{"red": network("veth_1", "")}}.Params()
		if err := h.configurator.Setup(t.Context(), &second); !errors.Is(err, api.ErrResourceUnavailable) {
			t.Errorf("a second one: %v", err)
		}
		if _, err := h.configurator.Forget(t.Context()); !errors.Is(err, api.ErrResourceUnavailable) {
			t.Errorf("forgetting meanwhile: %v", err)
		}
		recovered := make(chan error, 1)
		go func() { recovered <- h.configurator.Recover(t.Context()) }()
		select {
		case err := <-recovered:
			t.Errorf("recovery did not wait for who is alive: %v", err)
		case <-time.After(200 * time.Millisecond):
		}
		cancel()
		if err := <-done; err == nil {
			t.Error("the first one succeeded")
		}
		if err := <-recovered; err != nil {
			t.Error(err)
		}
	})
}
