// SPDX-License-Identifier: GPL-2.0-or-later

package setup

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"govdsm/api"
)

// asked notes what root was asked for.
type asked struct {
	waits

	device string
	count  uint64
	calls  int
}

func (a *asked) ChangeNumVFs(_ context.Context, device string, count uint64) error {
	a.device, a.count = device, count
	a.calls++
	return nil
}

// devices are documents as libvirt's virsh nodedev-dumpxml prints them.
type devices []string

func (d devices) NetDevices(context.Context) ([]string, error) { return d, nil }

func document(parent, iface string) string {
	return fmt.Sprintf(`<device>
  <name>net_%[2]s_52_54_00_00_00_01</name>
  <path>/sys/devices/pci0000:00/0000:05:00.0/net/%[2]s</path>
  <parent>%[1]s</parent>
  <capability type='net'>
    <interface>%[2]s</interface>
    <address>52:54:00:00:00:01</address>
    <link state='up'/>
    <capability type='80203'/>
  </capability>
</device>`, parent, iface)
}

func TestHostdevChangeNumvfs(t *testing.T) {
	t.Parallel()
	root := &asked{}
	s := New(Options{Root: root, Cards: devices{
		document("pci_0000_05_00_0", "enp5s0f0"), document("pci_0000_05_00_1", "one"), document("pci_0000_05_00_1", "two"),
		document("computer", "lo"),
	}})
	call := func(device string, count uint64) error {
		_, err := s.hostdevChangeNumvfs(t.Context(), &api.HostHostdevChangeNumvfsParams{DeviceName: device, Numvfs: count})
		return err
	}
	for _, device := range []string{"pci_0000_06_00_0", "pci_0000_05_00_1", "", "enp5s0f0", "../../etc"} {
		if err := call(device, 3); !errors.Is(err, api.ErrNetBadNic) {
			t.Errorf("%q: error is %v", device, err)
		}
	}
	if root.calls != 0 {
		t.Error("root was asked all the same")
	}
	if !s.ConfigDirty() {
		t.Error("a failed change does not count as one")
	}
	if err := call("pci_0000_05_00_0", 7); err != nil || root.device != "enp5s0f0" || root.count != 7 {
		t.Errorf("%v; root was asked for %q, %d", err, root.device, root.count)
	}
	s = New(Options{Root: root, Cards: devices{"<device"}})
	if err := call("pci_0000_05_00_0", 7); err == nil {
		t.Error("a document that is cut off is understood")
	}
	s = New(Options{Root: root})
	if err := call("pci_0000_05_00_0", 7); !errors.Is(err, api.ErrUnsupportedOperation) {
		t.Errorf("without libvirt: %v", err)
	}
}
