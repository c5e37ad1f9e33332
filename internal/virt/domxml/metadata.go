// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"errors"
	"maps"
	"slices"

	"github.com/beevik/etree"
)

// Where the metadata lives (lib/vdsm/virt/xmlconstants.py). Prefix and
// namespace are what libvirt's virDomainSetMetadata takes.
const (
	VMPrefix    = "ovirt-vm"
	VMNamespace = "http://ovirt.org/vm/1.0"
)

// Names of metadata values, with who writes them.
const (
	ValueMinGuaranteedMemoryMb = "minGuaranteedMemoryMb" // manager, int, MiB
	ValueClusterVersion        = "clusterVersion"        // manager, "4.7"
	ValueLaunchPaused          = "launchPaused"          // manager, "true" or "false"
	ValueResumeBehavior        = "resumeBehavior"        // manager: auto_resume, leave_paused, kill
	ValueBallooningEnabled     = "ballooningEnabled"     // manager, missing means true
	ValueCPUPolicy             = "cpuPolicy"             // manager or daemon
	ValueManuallyPinnedCPUs    = "manuallyPinedCPUs"     // daemon, CPU list; the spelling is the original's
	ValueDestroyOnReboot       = "destroy_on_reboot"     // daemon, bool
	ValueStartTime             = "startTime"             // daemon, float, seconds since 1970
	ValueGuestAgentAPIVersion  = "guestAgentAPIVersion"  // daemon, int
	ValueMemGuaranteedSize     = "memGuaranteedSize"     // daemon, int, MiB
	ValueBalloonTarget         = "balloonTarget"         // daemon, int, KiB
	ValuePauseTime             = "pauseTime"             // daemon, float, seconds since boot
	ValueExitCode              = "exitCode"              // daemon, int
	ValueExitReason            = "exitReason"            // daemon, int
	ValueExitMessage           = "exitMessage"           // daemon
	ValueJobs                  = "jobs"                  // daemon, JSON
	ValueSnapshotJob           = "snapshot_job"          // daemon, JSON
)

// ErrAmbiguousDevice is returned when attributes match several device entries.
var ErrAmbiguousDevice = errors.New("several device entries in the metadata match")

// Metadata is what manager and daemon note about a VM inside its domain.
// Elements that are neither values nor known groups are not kept: whoever
// writes metadata replaces it as a whole.
type Metadata struct {
	Values  Values
	Devices []*DeviceEntry
	Custom  Values // custom properties of the VM
}

// DeviceEntry is what is noted about one device.
type DeviceEntry struct {
	ID map[string]string // attributes: devtype, name, mac_address, alias, uuid
	DeviceData
}

// NewMetadata returns metadata with nothing in it.
func NewMetadata() *Metadata {
	return &Metadata{Values: Values{}, Custom: Values{}}
}

// Metadata reads the metadata of the document; it is empty when there is none.
func (d *Domain) Metadata() (*Metadata, error) {
	e := d.vmElement()
	if e == nil {
		return NewMetadata(), nil
	}
	return loadMetadata(e)
}

// HasMetadata says whether the document carries our metadata, which only VMs
// of a manager do.
func (d *Domain) HasMetadata() bool { return d.vmElement() != nil }

func (d *Domain) vmElement() *etree.Element {
	return childNS(child(d.root, "metadata"), VMNamespace, "vm")
}

// ParseMetadata reads the metadata element alone, with its namespace or, as
// libvirt's virDomainGetMetadata returns it, without.
func ParseMetadata(text string) (*Metadata, error) {
	doc, err := parseDocument(text)
	if err != nil {
		return nil, err
	}
	root := doc.Root()
	if uri := root.NamespaceURI(); root.Tag != "vm" || uri != "" && uri != VMNamespace {
		return nil, malformed("the metadata element is {%s}%s", uri, root.Tag)
	}
	return loadMetadata(root)
}

func loadMetadata(e *etree.Element) (*Metadata, error) {
	r := reader{uri: e.NamespaceURI()}
	m := NewMetadata()
	m.Values = r.values(e, "custom", "device")
	m.Custom = r.group(e, "custom")
	if m.Custom == nil {
		m.Custom = Values{}
	}
	for dev := range r.each(e, "device") {
		m.Devices = append(m.Devices, &DeviceEntry{ID: attributes(dev), DeviceData: r.device(dev)})
	}
	if r.err != nil {
		return nil, r.err
	}
	return m, nil
}

// Device returns the entry that has all the attributes, nil when there is none.
func (m *Metadata) Device(id map[string]string) (*DeviceEntry, error) {
	found := m.Matching(id)
	switch len(found) {
	case 0:
		return nil, nil
	case 1:
		return found[0], nil
	}
	return nil, ErrAmbiguousDevice
}

// EnsureDevice returns the entry that has all the attributes, a new one with
// exactly these when there is none.
func (m *Metadata) EnsureDevice(id map[string]string) (*DeviceEntry, error) {
	entry, err := m.Device(id)
	if entry == nil && err == nil {
		entry = &DeviceEntry{ID: maps.Clone(id)}
		m.Devices = append(m.Devices, entry)
	}
	return entry, err
}

// Matching returns the entries that have all the attributes. Without any
// attribute nothing matches.
func (m *Metadata) Matching(id map[string]string) []*DeviceEntry {
	var found []*DeviceEntry
	for _, entry := range m.Devices {
		if len(id) > 0 && entry.matches(id) {
			found = append(found, entry)
		}
	}
	return found
}

func (e *DeviceEntry) matches(id map[string]string) bool {
	for k, v := range id {
		if have, ok := e.ID[k]; !ok || have != v {
			return false
		}
	}
	return true
}

// RemoveDevice forgets the entry.
func (m *Metadata) RemoveDevice(entry *DeviceEntry) {
	m.Devices = slices.DeleteFunc(m.Devices, func(e *DeviceEntry) bool { return e == entry })
}

// XML returns the element without namespace, as virDomainSetMetadata takes it.
// It fails only for names that no XML element can have.
func (m *Metadata) XML() (string, error) {
	e, err := m.element("", "")
	if err != nil {
		return "", err
	}
	return textOfElement(e), nil
}

// element builds the element: values sorted by name, then devices that have
// data, then custom properties.
func (m *Metadata) element(prefix, uri string) (*etree.Element, error) {
	w := writer{prefix: prefix}
	e := w.dump("vm", m.Values)
	if uri != "" {
		e.CreateAttr("xmlns:"+prefix, uri)
	}
	for _, entry := range m.Devices {
		if entry.empty() {
			continue
		}
		dev := w.device("device", &entry.DeviceData)
		for _, k := range slices.Sorted(maps.Keys(entry.ID)) {
			dev.CreateAttr(w.name(k), entry.ID[k])
		}
		e.AddChild(dev)
	}
	if len(m.Custom) > 0 {
		e.AddChild(w.dump("custom", m.Custom))
	}
	return e, w.err
}

// SetMetadata puts m in the place of the document's metadata, which it creates
// when there is none. Other people's metadata stays.
func (d *Domain) SetMetadata(m *Metadata) error {
	e, err := m.element(VMPrefix, VMNamespace)
	if err != nil {
		return err
	}
	parent := child(d.root, "metadata")
	if parent == nil {
		parent = d.root.CreateElement("metadata")
	}
	replaceNS(parent, VMNamespace, "vm", e)
	return nil
}
