// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"iter"
	"strings"

	"github.com/beevik/etree"
)

// libvirt's own elements live in no namespace. The library's selectors take an
// unprefixed name to mean any namespace, so the lookups below are ours.

// is says whether e is libvirt's element of that name.
func is(e *etree.Element, tag string) bool {
	return e != nil && e.Tag == tag && e.Space == "" && e.NamespaceURI() == ""
}

// children yields the child elements of that name. It is nil-safe.
func children(e *etree.Element, tag string) iter.Seq[*etree.Element] {
	return func(yield func(*etree.Element) bool) {
		if e == nil {
			return
		}
		for _, c := range e.ChildElements() {
			if is(c, tag) && !yield(c) {
				return
			}
		}
	}
}

// child walks down the path of names by the first match each; nil when some
// step is missing.
func child(e *etree.Element, path ...string) *etree.Element {
	for _, tag := range path {
		var next *etree.Element
		for c := range children(e, tag) {
			next = c
			break
		}
		e = next
	}
	return e
}

// attrOf returns the unprefixed attribute, or "" without one.
func attrOf(e *etree.Element, key string) string {
	v, _ := lookup(e, key)
	return v
}

func lookup(e *etree.Element, key string) (string, bool) {
	if e == nil {
		return "", false
	}
	for _, a := range e.Attr {
		if a.Space == "" && a.Key == key {
			return a.Value, true
		}
	}
	return "", false
}

// setAttr changes the unprefixed attribute or adds it at the end.
func setAttr(e *etree.Element, key, value string) {
	for i, a := range e.Attr {
		if a.Space == "" && a.Key == key {
			e.Attr[i].Value = value
			return
		}
	}
	e.CreateAttr(key, value)
}

// renameAttr gives the attribute another name and value at the same place, or
// adds it at the end.
func renameAttr(e *etree.Element, old, key, value string) {
	if old != key {
		dropAttr(e, key)
		for i, a := range e.Attr {
			if a.Space == "" && a.Key == old {
				e.Attr[i].Key = key
			}
		}
	}
	setAttr(e, key, value)
}

func dropAttr(e *etree.Element, key string) {
	for i, a := range e.Attr {
		if a.Space == "" && a.Key == key {
			e.Attr = append(e.Attr[:i], e.Attr[i+1:]...)
			return
		}
	}
}

// attributes returns the unprefixed attributes as a map.
func attributes(e *etree.Element) map[string]string {
	m := make(map[string]string)
	if e == nil {
		return m
	}
	for _, a := range e.Attr {
		if a.Space == "" && a.Key != "xmlns" {
			m[a.Key] = a.Value
		}
	}
	return m
}

// textOf returns the text before the first child element, as Python's
// ElementTree has it; comments do not end it.
func textOf(e *etree.Element) string {
	if e == nil {
		return ""
	}
	var b strings.Builder
	for _, t := range e.Child {
		switch t := t.(type) {
		case *etree.CharData:
			b.WriteString(t.Data)
		case *etree.Element:
			return b.String()
		}
	}
	return b.String()
}

// remove takes e out of its parent together with the blank text before it, so
// that no empty lines pile up.
func remove(e *etree.Element) {
	p := e.Parent()
	if p == nil {
		return
	}
	i := e.Index()
	p.RemoveChildAt(i)
	if i > 0 {
		if blank, ok := p.Child[i-1].(*etree.CharData); ok && strings.TrimSpace(blank.Data) == "" {
			p.RemoveChildAt(i - 1)
		}
	}
}

// textOfElement writes e as a document of its own. Prefixes that are declared
// further up are declared on e, otherwise the fragment would not parse.
func textOfElement(e *etree.Element) string {
	c := e.Copy()
	for _, p := range undeclared(e) {
		c.CreateAttr("xmlns:"+p.prefix, p.uri)
	}
	doc := etree.NewDocumentWithRoot(c)
	doc.WriteSettings = etree.WriteSettings{CanonicalText: true, CanonicalAttrVal: true}
	s, err := doc.WriteToString()
	if err != nil {
		return "" // as in String
	}
	return s
}

type binding struct{ prefix, uri string }

// undeclared lists the prefixes used in e or below that an ancestor declares,
// each once, in order of use.
func undeclared(e *etree.Element) []binding {
	var found []binding
	seen := map[string]bool{"": true, "xml": true, "xmlns": true}
	outer := e.Parent()
	use := func(prefix string) {
		if seen[prefix] || outer == nil {
			return
		}
		seen[prefix] = true
		for a := outer; a != nil; a = a.Parent() {
			for _, at := range a.Attr {
				if at.Space == "xmlns" && at.Key == prefix {
					found = append(found, binding{prefix, at.Value})
					return
				}
			}
		}
	}
	for _, a := range e.Attr {
		if a.Space == "xmlns" {
			seen[a.Key] = true
		}
	}
	var walk func(*etree.Element)
	walk = func(e *etree.Element) {
		use(e.Space)
		for _, a := range e.Attr {
			use(a.Space)
		}
		for _, c := range e.ChildElements() {
			walk(c)
		}
	}
	walk(e)
	return found
}
