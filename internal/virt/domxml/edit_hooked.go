// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"context"
	"fmt"

	"github.com/beevik/etree"
)

// editHooked gives devices with custom properties to the administrator's
// scripts and puts them at the end of the devices, in their order. An empty
// group of custom properties counts: managers send one for every interface.
// Disks have a hook of their own.
func editHooked(ctx context.Context, d *Domain, in *Input) error {
	meta, err := d.Metadata()
	if err != nil {
		return err
	}
	var moved []*etree.Element
	for dev := range d.Devices() {
		if dev.Kind != "interface" && dev.Kind != "lease" && dev.Kind != "hostdev" {
			continue
		}
		entry, err := meta.Device(dev.MetadataID())
		if err != nil {
			return fmt.Errorf("%s %s: %w", dev.Kind, dev.Alias, err)
		}
		if entry == nil || entry.Custom == nil {
			continue
		}
		after, err := runHook(ctx, dev, entry.Custom, in)
		if err != nil {
			return fmt.Errorf("%s %s: %w", dev.Kind, dev.Alias, err)
		}
		moved = append(moved, dev.elem, after)
	}
	for i := 0; i < len(moved); i += 2 {
		moveToEnd(d.devices(), moved[i], moved[i+1])
	}
	return nil
}

// runHook returns the element itself when the scripts left it as it was.
func runHook(ctx context.Context, dev Device, custom Values, in *Input) (*etree.Element, error) {
	if in.CreateHook == nil {
		return dev.elem, nil
	}
	before := dev.XML()
	after, err := in.CreateHook(ctx, before, custom.Strings())
	if err != nil {
		return nil, err
	}
	if after == before {
		return dev.elem, nil
	}
	doc, err := parseDocument(after)
	if err != nil {
		return nil, fmt.Errorf("output of before_device_create: %w", err)
	}
	return doc.Root(), nil
}

// moveToEnd takes old out of parent and puts e behind the last element,
// keeping the indentation of the line.
func moveToEnd(parent, old, e *etree.Element) {
	var blank *etree.CharData
	if i := old.Index(); i > 0 {
		if c, ok := parent.Child[i-1].(*etree.CharData); ok && c.IsWhitespace() {
			blank = etree.NewText(c.Data)
		}
	}
	remove(old)
	at := len(parent.Child)
	if at > 0 {
		if c, ok := parent.Child[at-1].(*etree.CharData); ok && c.IsWhitespace() {
			at--
		}
	}
	parent.InsertChildAt(at, e)
	if blank != nil {
		parent.InsertChildAt(at, blank)
	}
}
