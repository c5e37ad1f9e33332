// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"iter"
	"slices"

	"github.com/beevik/etree"
)

// groups are the elements inside a device entry that are not values. volumeInfo
// is neither read nor written: it is stale as soon as it is stored.
var groups = []string{
	"address", "auth", "change", "custom", "hosts", "payload", "portMirroring",
	"diskReplicate", "specParams", "vm_custom", "volumeChain", "volumeInfo",
}

// reader reads metadata elements of one namespace and remembers the first
// error, so that the shape of the data shows in the code.
type reader struct {
	uri string
	err error
}

// each yields the child elements of that name in the reader's namespace.
func (r *reader) each(e *etree.Element, tag string) iter.Seq[*etree.Element] {
	return func(yield func(*etree.Element) bool) {
		for _, c := range e.ChildElements() {
			if c.Tag == tag && c.NamespaceURI() == r.uri && !yield(c) {
				return
			}
		}
	}
}

func (r *reader) find(e *etree.Element, tag string) *etree.Element {
	return childNS(e, r.uri, tag)
}

// values reads the children that have no children themselves, except those
// named. Foreign elements are left out. Of a name given twice the last counts.
func (r *reader) values(e *etree.Element, except ...string) Values {
	vals := Values{}
	for _, c := range e.ChildElements() {
		if c.NamespaceURI() != r.uri || len(c.ChildElements()) > 0 || slices.Contains(except, c.Tag) {
			continue
		}
		kind, hinted := lookup(c, "type")
		v, err := parseValue(c.Tag, kind, hinted, textOf(c))
		if err != nil && r.err == nil {
			r.err = err
		}
		vals[c.Tag] = v
	}
	return vals
}

// group reads a child that holds values; nil when there is none.
func (r *reader) group(e *etree.Element, tag string) Values {
	g := r.find(e, tag)
	if g == nil {
		return nil
	}
	return r.values(g)
}

// layers reads a child whose children each hold values.
func (r *reader) layers(e *etree.Element, tag string) []Values {
	g := r.find(e, tag)
	if g == nil {
		return nil
	}
	list := []Values{}
	for _, c := range g.ChildElements() {
		if c.NamespaceURI() == r.uri {
			list = append(list, r.values(c))
		}
	}
	return list
}

func (r *reader) device(e *etree.Element) DeviceData {
	return DeviceData{
		Values:        r.values(e, groups...),
		Address:       r.group(e, "address"),
		Auth:          r.group(e, "auth"),
		Change:        r.nested(e, "change"),
		Custom:        r.group(e, "custom"),
		Hosts:         r.layers(e, "hosts"),
		Payload:       r.payload(e, "payload"),
		PortMirroring: r.texts(e, "portMirroring", "network"),
		DiskReplicate: r.nested(e, "diskReplicate"),
		SpecParams:    r.specParams(e),
		VMCustom:      r.group(e, "vm_custom"),
		VolumeChain:   r.layers(e, "volumeChain"),
	}
}

// nested reads a child of the shape of a device. The depth of the document
// bounds the recursion.
func (r *reader) nested(e *etree.Element, tag string) *DeviceData {
	g := r.find(e, tag)
	if g == nil {
		return nil
	}
	d := r.device(g)
	return &d
}

func (r *reader) texts(e *etree.Element, tag, item string) []string {
	g := r.find(e, tag)
	if g == nil {
		return nil
	}
	list := []string{}
	for c := range r.each(g, item) {
		list = append(list, textOf(c))
	}
	return list
}

func (r *reader) payload(e *etree.Element, tag string) *Payload {
	g := r.find(e, tag)
	if g == nil {
		return nil
	}
	p := &Payload{Values: r.values(g, "file"), Files: map[string]string{}}
	for f := range r.each(g, "file") {
		path, ok := lookup(f, "path")
		if !ok && r.err == nil {
			r.err = malformed("a file of the payload has no path")
		}
		p.Files[path] = textOf(f)
	}
	return p
}

// specParams reads without ioTune: those limits are libvirt's to know.
func (r *reader) specParams(e *etree.Element) *SpecParams {
	g := r.find(e, "specParams")
	if g == nil {
		return nil
	}
	return &SpecParams{
		Values:    r.values(g, "ioTune", "vmPayload"),
		VMPayload: r.payload(g, "vmPayload"),
	}
}

// childNS returns the first child of that name in a namespace. It is nil-safe.
func childNS(e *etree.Element, uri, tag string) *etree.Element {
	if e == nil {
		return nil
	}
	for _, c := range e.ChildElements() {
		if c.Tag == tag && c.NamespaceURI() == uri {
			return c
		}
	}
	return nil
}

// replaceNS puts e in the place of parent's first child of that name, at the
// end without one, and drops further ones.
func replaceNS(parent *etree.Element, uri, tag string, e *etree.Element) {
	old := childNS(parent, uri, tag)
	if old == nil {
		parent.AddChild(e)
		return
	}
	at := old.Index()
	parent.RemoveChildAt(at)
	parent.InsertChildAt(at, e)
	for _, c := range parent.ChildElements() {
		if c != e && c.Tag == tag && c.NamespaceURI() == uri {
			remove(c)
		}
	}
}
