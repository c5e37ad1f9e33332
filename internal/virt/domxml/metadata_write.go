// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"fmt"
	"maps"
	"slices"
	"unicode"

	"github.com/beevik/etree"
)

// writer builds metadata elements under one prefix and remembers the first
// error.
type writer struct {
	prefix string
	err    error
}

// name checks that a name can be one in XML; it may come from a custom
// property.
func (w *writer) name(s string) string {
	for i, r := range s {
		start := r == '_' || unicode.IsLetter(r)
		if start || i > 0 && (r == '-' || r == '.' || unicode.IsDigit(r)) {
			continue
		}
		if w.err == nil {
			w.err = fmt.Errorf("%.40q cannot be the name of a metadata value", s)
		}
		return "_"
	}
	if s == "" && w.err == nil {
		w.err = fmt.Errorf("a metadata value without a name")
	}
	return s
}

func (w *writer) make(tag string) *etree.Element {
	e := etree.NewElement(w.name(tag))
	e.Space = w.prefix
	return e
}

// dump builds an element that holds values, sorted by name.
func (w *writer) dump(tag string, vals Values) *etree.Element {
	e := w.make(tag)
	for _, name := range slices.Sorted(maps.Keys(vals)) {
		v := w.make(name)
		if kind := vals[name].Kind; kind != KindText {
			v.CreateAttr("type", string(kind))
		}
		if vals[name].Text != "" {
			v.SetText(vals[name].Text)
		}
		e.AddChild(v)
	}
	return e
}

// device builds an entry: values first, then the groups that are not empty in
// the order in which the original writes them.
func (w *writer) device(tag string, d *DeviceData) *etree.Element {
	e := w.dump(tag, d.Values)
	add := func(g *etree.Element) {
		if g != nil {
			e.AddChild(g)
		}
	}
	add(w.group("address", d.Address))
	add(w.group("auth", d.Auth))
	add(w.nested("change", d.Change))
	add(w.group("custom", d.Custom))
	add(w.layers("hosts", "hostInfo", d.Hosts))
	add(w.payload("payload", d.Payload))
	add(w.texts("portMirroring", "network", d.PortMirroring))
	add(w.nested("diskReplicate", d.DiskReplicate))
	add(w.specParams(d.SpecParams))
	add(w.group("vm_custom", d.VMCustom))
	add(w.layers("volumeChain", "volumeChainNode", d.VolumeChain))
	return e
}

func (w *writer) group(tag string, vals Values) *etree.Element {
	if len(vals) == 0 {
		return nil
	}
	return w.dump(tag, vals)
}

func (w *writer) nested(tag string, d *DeviceData) *etree.Element {
	if d == nil || d.empty() {
		return nil
	}
	return w.device(tag, d)
}

func (w *writer) layers(tag, item string, list []Values) *etree.Element {
	if len(list) == 0 {
		return nil
	}
	e := w.make(tag)
	for _, vals := range list {
		e.AddChild(w.dump(item, vals))
	}
	return e
}

func (w *writer) texts(tag, item string, list []string) *etree.Element {
	if len(list) == 0 {
		return nil
	}
	e := w.make(tag)
	for _, text := range list {
		c := w.make(item)
		c.SetText(text)
		e.AddChild(c)
	}
	return e
}

func (w *writer) payload(tag string, p *Payload) *etree.Element {
	if p == nil {
		return nil
	}
	e := w.dump(tag, p.Values)
	for _, path := range slices.Sorted(maps.Keys(p.Files)) {
		f := w.make("file")
		f.CreateAttr("path", path)
		if content := p.Files[path]; content != "" {
			f.SetText(content)
		}
		e.AddChild(f)
	}
	return e
}

func (w *writer) specParams(p *SpecParams) *etree.Element {
	if p == nil || len(p.Values) == 0 && p.VMPayload == nil {
		return nil
	}
	e := w.dump("specParams", p.Values)
	if payload := w.payload("vmPayload", p.VMPayload); payload != nil {
		e.AddChild(payload)
	}
	return e
}
