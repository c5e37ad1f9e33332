// SPDX-License-Identifier: GPL-2.0-or-later

package host_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"govdsm/api"
	"govdsm/internal/host"
	"govdsm/internal/host/hosttest"
	"govdsm/internal/host/osinfo"
)

var update = flag.Bool("update", false, "write the golden files anew")

// recorded is a libvirt that answers with documents of a fixture.
type recorded struct{ root string }

func (l recorded) document(name string) (string, error) {
	text, err := os.ReadFile(filepath.Join(l.root, "libvirt", name))
	return string(text), err
}

func (l recorded) Capabilities(context.Context) (string, error) {
	return l.document("capabilities.xml")
}

func (l recorded) DomainCapabilities(_ context.Context, _, _, virtType string) (string, error) {
	if virtType != "kvm" {
		return "", errors.New("asked for " + virtType)
	}
	return l.document("domain.xml")
}

func (l recorded) Versions(context.Context) (uint64, uint64, error) { return 9000000, 7002022, nil }

func (l recorded) NodeDevices(context.Context, []string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(l.root, "libvirt", "nodedev-*.xml"))
	var documents []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		documents = append(documents, string(text))
	}
	return documents, err
}

// fixture lays out a host of testdata and returns the options to look at it.
func fixture(t testing.TB, name string) host.Options {
	t.Helper()
	root := hosttest.RootOf(t, filepath.Join("testdata", "hosts", name+".txtar"))
	uname, err := os.ReadFile(filepath.Join(root, "uname"))
	if err != nil {
		t.Fatal(err)
	}
	kernel := strings.Split(strings.TrimSpace(string(uname)), "\n")
	o := host.Options{
		Root:          root,
		Kernel:        osinfo.Uname{Release: kernel[0], Version: kernel[1], Machine: kernel[2]},
		Build:         host.Build{Name: "Snow Man", Version: "4.50.7", Revision: "1"},
		ReservedMem:   321,
		GuestOverhead: 65,
		MOMSocket:     filepath.Join(root, "mom.sock"),
		Ndctl:         "no-such-program",
		Network:       wired{},
		RPM: hosttest.Script(t, filepath.Join(root, "rpm-program"),
			`case $1 in -qf) cat `+root+`/rpm/owner;; *) cat `+root+`/rpm/installed; exit 1;; esac`),
		Log: discard(),
	}
	if _, err := os.Stat(filepath.Join(root, "libvirt")); !errors.Is(err, fs.ErrNotExist) {
		o.Libvirt = recorded{root}
	}
	return o
}

// wired is a network of one card.
type wired struct{}

func (wired) Capabilities(context.Context) (api.VdsmNetworkCapabilities, error) {
	return api.VdsmNetworkCapabilities{
		Nics: api.NetInfoNicMap{"eth0": {
			Addr: "192.0.2.2", Netmask: "255.255.255.0", Ipv4addrs: []string{"192.0.2.2/24"}, Gateway: "192.0.2.1",
			Ipv4defaultroute: true, Ipv6addrs: []string{}, Ipv6gateway: "::", Hwaddr: "52:54:00:00:00:02", MTU: "1500",
		}},
		SupportsIPv6: true,
		Nameservers:  []string{"192.0.2.53"},
	}, nil
}

func (wired) Statistics(context.Context) (api.HostNetworkStatistics, error) {
	return api.HostNetworkStatistics{RxDropped: 3, TxDropped: 4, Network: api.HostNetworkInterfaceStatsMap{"eth0": {
		Name: "eth0", State: api.NetworkInterfaceStateUp, Speed: "1000", Duplex: "unknown", SampleTime: 1,
		Rx: "10", Tx: "20", RxDropped: "4", TxDropped: "3", RxErrors: "0", TxErrors: "0",
	}}}, nil
}

func (wired) Owner(_ context.Context, address netip.Addr) (string, error) {
	if address.IsLoopback() {
		return "lo", nil
	}
	return "", nil
}

func (wired) ConfigDirty() bool    { return false }
func (wired) ConfirmConnectivity() {}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func newHost(t testing.TB, o host.Options) *host.Host {
	t.Helper()
	h, err := host.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func capabilitiesIn(t testing.TB, ctx context.Context, h *host.Host) api.VdsmCapabilities {
	t.Helper()
	caps, err := h.Capabilities(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return caps
}

func capabilitiesOf(t testing.TB, h *host.Host) api.VdsmCapabilities {
	t.Helper()
	return capabilitiesIn(t, t.Context(), h)
}

func statsOf(t testing.TB, h *host.Host) api.HostStats {
	t.Helper()
	stats, err := h.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return stats
}

// object marshals v and reads it back as a JSON object.
func object(t testing.TB, v any) map[string]any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var o map[string]any
	if err := json.Unmarshal(text, &o); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return o
}

// golden compares with a file of testdata, which it writes with -update.
func golden(t *testing.T, file string, got map[string]any) {
	t.Helper()
	text, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	path := filepath.Join("testdata", "hosts", file)
	if *update {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, want) {
		t.Errorf("differs from %s; got:\n%s", path, text)
	}
}
