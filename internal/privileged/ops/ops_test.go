// SPDX-License-Identifier: GPL-2.0-or-later

package ops

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
	"govdsm/internal/host/asroot"
	"govdsm/internal/hostfs"
	"govdsm/internal/network/lldp"
	"govdsm/internal/network/ovn"
	"govdsm/internal/privileged"
)

// machine makes a folder that looks like a host.
func machine(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for path, text := range files {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// silence is a network whose switches announce nothing but their MTU.
type silence struct{}

func (silence) Neighbours(_ context.Context, devices []string) (map[string]lldp.Heard, error) {
	heard := make(map[string]lldp.Heard)
	for _, d := range devices {
		heard[d] = lldp.Heard{Enabled: true, TLVs: []lldp.TLV{{Type: 127, Name: "MTU", Properties: map[string]string{"mtu": "9216"}}}}
	}
	return heard, nil
}

// asRoot serves the operations on a machine and returns a client.
func asRoot(t *testing.T, root, arch string) *privileged.Client {
	t.Helper()
	dir, err := os.MkdirTemp("", "ops")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	s := privileged.NewServer(privileged.ServerOptions{
		AllowUIDs: []uint32{uint32(os.Getuid())}, Log: slog.New(slog.DiscardHandler),
	})
	Bind(s, asroot.New(hostfs.At(root), arch), silence{})
	BindNetwork(s, nil)
	BindOVN(s, ovn.Host{})
	BindStorage(s, nil)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	c := privileged.NewClient(path)
	t.Cleanup(func() {
		c.Close()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		os.RemoveAll(dir)
	})
	return c
}

func TestEveryOperationIsBound(t *testing.T) {
	c := asRoot(t, t.TempDir(), "x86_64")
	if _, err := privileged.Call(t.Context(), c, privileged.HostFacts, nil); err != nil {
		t.Error(err)
	}
	if _, err := privileged.Call(t.Context(), c, privileged.KSMTune, nil); err != nil {
		t.Error(err)
	}
	heard, err := privileged.Call(t.Context(), c, privileged.LLDPNeighbours, &privileged.LLDPParams{Devices: []string{"eth0"}})
	if err != nil || !heard.Devices["eth0"].Enabled || heard.Devices["eth0"].TLVs[0].Properties["mtu"] != "9216" {
		t.Errorf("%+v, %v", heard, err)
	}
	// A sandbox has no say about networks.
	if _, err := privileged.Call(t.Context(), c, privileged.NetworkApply, nil); !errors.Is(err, api.ErrUnsupportedOperation) {
		t.Error(err)
	}
	if _, err := privileged.Call(t.Context(), c, privileged.NetworkSave, nil); !errors.Is(err, api.ErrUnsupportedOperation) {
		t.Error(err)
	}
	if _, err := privileged.Call(t.Context(), c, privileged.SwitchPorts, nil); !errors.Is(err, api.ErrUnsupportedOperation) {
		t.Error(err)
	}
	if on, err := privileged.Call(t.Context(), c, privileged.OVNConfigured, nil); on || err != nil {
		t.Error(on, err)
	}
	// Nor about mounts.
	if _, err := privileged.Call(t.Context(), c, privileged.StorageMount, nil); !errors.Is(err, api.ErrUnsupportedOperation) {
		t.Error(err)
	}
	if _, err := privileged.Call(t.Context(), c, privileged.StorageUnmount, nil); !errors.Is(err, api.ErrUnsupportedOperation) {
		t.Error(err)
	}
	if _, err := privileged.Call(t.Context(), c, privileged.StorageAccess, nil); !errors.Is(err, api.ErrUnsupportedOperation) {
		t.Error(err)
	}
	if _, err := privileged.Call(t.Context(), c, privileged.NetworkNumVFs, nil); !errors.Is(err, api.ErrUnsupportedOperation) {
		t.Error(err)
	}
	if _, err := privileged.Call(t.Context(), c, privileged.NetworkMirror, nil); !errors.Is(err, api.ErrUnsupportedOperation) {
		t.Error(err)
	}
	if _, err := privileged.Call(t.Context(), c, privileged.StorageStartNBD, nil); !errors.Is(err, api.ErrUnsupportedOperation) {
		t.Error(err)
	}
	if _, err := privileged.Call(t.Context(), c, privileged.StorageStopNBD, nil); !errors.Is(err, api.ErrUnsupportedOperation) {
		t.Error(err)
	}
	if n := len(privileged.Operations()); n != 16 {
		t.Errorf("%d operations are declared; does this test know all?", n)
	}
}

func TestHardwareInfo(t *testing.T) {
	for name, test := range map[string]struct {
		arch  string
		files map[string]string
		want  api.HardwareInformation
	}{
		"PC": {"x86_64", map[string]string{
			"/sys/class/dmi/id/sys_vendor":     "Dell Inc.\n",
			"/sys/class/dmi/id/product_name":   "PowerEdge R640\n",
			"/sys/class/dmi/id/product_serial": "ABC1234\n",
			"/sys/class/dmi/id/product_uuid":   "4c4c4544-0042\n",
			"/sys/class/dmi/id/product_family": "Not Specified\n",
			"/sys/class/dmi/id/chassis_serial": "no field\n",
		}, api.HardwareInformation{
			SystemManufacturer: new("Dell Inc."), SystemProductName: new("PowerEdge R640"),
			SystemSerialNumber: new("ABC1234"), SystemUUID: new("4c4c4544-0042"),
		}},
		"no firmware tables": {"x86_64", nil, api.HardwareInformation{}},
		"POWER": {"ppc64le", map[string]string{
			"/proc/cpuinfo":               "processor : 0\ncpu : POWER9\n\nplatform\t: PowerNV\nmodel\t\t: 8335-GTH\nmachine\t\t: PowerNV 8335-GTH\n",
			"/proc/device-tree/system-id": "IBM,03061C14A\x00",
			"/proc/device-tree/vendor":    "IBM\x00",
		}, api.HardwareInformation{
			SystemSerialNumber: new("8335-GTH"), SystemFamily: new("PowerNV"),
			SystemVersion: new("PowerNV 8335-GTH"), SystemUUID: new("IBM03061C14A"), SystemManufacturer: new("IBM"),
		}},
		"ARM": {"aarch64", map[string]string{"/sys/class/dmi/id/sys_vendor": "x"}, api.HardwareInformation{}},
	} {
		t.Run(name, func(t *testing.T) {
			c := asRoot(t, machine(t, test.files), test.arch)
			got, err := privileged.Call(t.Context(), c, privileged.HardwareInfo, nil)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestHardwareInfoThatCannotBeRead(t *testing.T) {
	root := machine(t, map[string]string{"/sys/class/dmi/id/sys_vendor/is-a-folder": ""})
	_, err := privileged.Call(t.Context(), asRoot(t, root, "x86_64"), privileged.HardwareInfo, nil)
	if !errors.Is(err, syscall.EISDIR) {
		t.Errorf("got %v", err)
	}
}

func TestKSMTuneWritesAllOrNothing(t *testing.T) {
	root := machine(t, map[string]string{
		"/sys/kernel/mm/ksm/run": "0\n", "/sys/kernel/mm/ksm/pages_to_scan": "100\n",
		"/sys/kernel/mm/ksm/full_scans": "7\n",
	})
	c := asRoot(t, root, "x86_64")
	tune := func(settings ...privileged.KSMSetting) error {
		_, err := privileged.Call(t.Context(), c, privileged.KSMTune, &privileged.KSMTuneParams{Settings: settings})
		return err
	}
	state := func() string {
		var all string
		for _, name := range []string{"run", "pages_to_scan", "full_scans"} {
			b, err := os.ReadFile(filepath.Join(root, "sys/kernel/mm/ksm", name))
			if err != nil {
				t.Fatal(err)
			}
			all += string(b) + " "
		}
		return all
	}
	before := state()
	for _, bad := range []privileged.KSMSetting{
		{Name: "run", Value: 3}, {Name: "run", Value: -1}, {Name: "pages_to_scan", Value: 1 << 32},
		{Name: "full_scans", Value: 1}, {Name: "../../../../etc/passwd", Value: 1}, {Name: "", Value: 1},
	} {
		err := tune(privileged.KSMSetting{Name: "run", Value: 1}, bad)
		if err == nil {
			t.Errorf("%+v is taken", bad)
		}
		if s := state(); s != before {
			t.Errorf("%+v changed %q to %q", bad, before, s)
		}
	}
	// The kernel does not offer this one; it must not become a file.
	if err := tune(privileged.KSMSetting{Name: "sleep_millisecs", Value: 20}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent setting: %v", err)
	}
	if err := tune(privileged.KSMSetting{Name: "run", Value: 1}, privileged.KSMSetting{Name: "pages_to_scan", Value: 4294967295}); err != nil {
		t.Error(err)
	}
	if s := state(); s != "1 4294967295 7\n " {
		t.Errorf("state is %q", s)
	}
}

func TestFacts(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		want  privileged.Facts
	}{
		"nothing set": {nil, privileged.Facts{InitiatorName: new(""), VNCTLS: new(false)}},
		"all set": {map[string]string{
			"/etc/iscsi/initiatorname.iscsi": "## comment\nInitiatorName=iqn.1994-05.com.redhat:1\n",
			"/etc/libvirt/qemu.conf":         "#vnc_tls = 0\nvnc_tls = 1 # on\n",
		}, privileged.Facts{InitiatorName: new("iqn.1994-05.com.redhat:1"), VNCTLS: new(true)}},
		"unreadable": {map[string]string{
			"/etc/iscsi/initiatorname.iscsi/folder": "",
		}, privileged.Facts{VNCTLS: new(false)}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := privileged.Call(t.Context(), asRoot(t, machine(t, test.files), "x86_64"), privileged.HostFacts, nil)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
