// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"
)

// FuzzDomain sends any text through the whole way of a document. Nothing may
// panic; what is accepted must read back the same; elements that no editor is
// for must survive.
func FuzzDomain(f *testing.F) {
	files, err := filepath.Glob("testdata/preprocess/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, file := range files {
		f.Add(readParts(f, file)["input.xml"])
	}
	f.Add(withDevices(`<disk type="file"><target dev="vda"/></disk><lease/><hostdev type="mdev"/><interface/>`, everything))
	f.Add(`<domain xmlns:a="http://ovirt.org/vm/1.0">` + identity + `<devices/><metadata><a:vm><a:device><a:custom/></a:device></a:vm></metadata></domain>`)
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse(text)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("error %v", err)
			}
			return
		}
		sameAfterSecondParse(t, d)
		factsOfAny(d)
		before := unknown(d)
		in := testHost()
		for _, disk := range d.Disks() {
			in.Drives = append(in.Drives, Drive{Name: disk.Name, Path: "/new", Leaf: &Volume{LeasePath: "/l"}})
		}
		in.CreateHook = func(_ context.Context, xml string, _ map[string]string) (string, error) { return xml + "\n", nil }
		if err := d.Preprocess(t.Context(), in); err != nil {
			return
		}
		sameAfterSecondParse(t, d)
		if diff := cmp.Diff(before, unknown(d)); diff != "" {
			t.Errorf("unknown elements changed: %s", diff)
		}
		metadataRoundTrip(t, d)
	})
}

// sameAfterSecondParse fails when what is written is refused or read
// differently.
func sameAfterSecondParse(t *testing.T, d *Domain) {
	t.Helper()
	text := d.String()
	again, err := Parse(text)
	if err != nil {
		t.Fatalf("our own text is refused: %v\n%s", err, text)
	}
	if got := again.String(); got != text {
		t.Fatalf("text changes in a second round\n%q\n%q", text, got)
	}
}

// factsOfAny calls every accessor.
func factsOfAny(d *Domain) {
	d.VCPUs()
	d.MemoryKiB()
	d.CurrentMemoryKiB()
	d.Pinning()
	d.NUMACells()
	d.HugepagesKiB()
	d.NVRAM()
	d.Interfaces()
	d.Hostdevs()
	d.Channels()
	d.Consoles()
	d.DisplayInfo()
	d.DisplayNetworks()
	d.QoS().XML()
	d.DeviceHash("")
	d.CheckVNC(false)       //nolint:errcheck // must not panic
	d.Check()               //nolint:errcheck
	d.Placeholder("x86_64") //nolint:errcheck
	for dev := range d.Devices() {
		dev.XML()
		dev.MetadataID()
	}
}

// unknown lists the elements below the root and below devices that no editor
// touches.
func unknown(d *Domain) []string {
	touched := "on_reboot sysinfo devices metadata disk lease interface hostdev"
	var list []string
	keep := func(parent *etree.Element) {
		if parent == nil {
			return
		}
		for _, e := range parent.ChildElements() {
			if !strings.Contains(touched, e.Tag) {
				list = append(list, textOfElement(e))
			}
		}
	}
	keep(d.root)
	keep(d.devices())
	return list
}

// metadataRoundTrip writes the metadata in both forms and reads it back.
func metadataRoundTrip(t *testing.T, d *Domain) {
	t.Helper()
	m, err := d.Metadata()
	if err != nil {
		return
	}
	// Entries of empty groups only vanish in two steps, as in the original.
	m.Devices = slices.DeleteFunc(m.Devices, func(e *DeviceEntry) bool {
		w := writer{}
		dev := w.device("device", &e.DeviceData)
		return len(dev.Child) == 0
	})
	text, err := m.XML()
	if err != nil {
		return // a name that only exotic XML can have
	}
	alone, err := ParseMetadata(text)
	if err != nil {
		t.Fatalf("our metadata is refused: %v\n%s", err, text)
	}
	if again, err := alone.XML(); err != nil || again != text {
		t.Fatalf("metadata changes: %v\n%s\n%s", err, text, again)
	}
	if err := d.SetMetadata(m); err != nil {
		t.Fatal(err)
	}
	sameAfterSecondParse(t, d)
	inside, err := d.Metadata()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := inside.XML(); err != nil || again != text {
		t.Fatalf("metadata in the domain changes: %v\n%s\n%s", err, text, again)
	}
}
