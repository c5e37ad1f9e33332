// SPDX-License-Identifier: GPL-2.0-or-later

// Package domxml reads and edits the libvirt domain XML that a manager sends.
//
// The document is kept as a tree and edited in place: elements and attributes
// this package knows nothing of come out as they came in, because libvirt and
// the manager are both newer than we are. Input is taken for hostile: what
// Parse accepts holds no DTD, no entities, no unbound prefixes, and is bounded
// in size, depth and number of elements.
//
// A Domain is not safe for use by several goroutines at once.
package domxml

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/beevik/etree"
)

// Limits of what is read. A VM with a hundred disks needs about a tenth of a
// mebibyte, 15 levels and 3,000 elements; payload files travel as text and
// explain the size.
const (
	MaxSize       = 4 << 20 // bytes
	MaxDepth      = 64      // levels of elements
	MaxElements   = 50_000
	MaxAttributes = 64 // of one element
)

// ErrMalformed is wrapped by every error about the text of a document.
var ErrMalformed = errors.New("invalid domain XML")

// Domain is one domain document.
type Domain struct {
	doc  *etree.Document
	root *etree.Element
	uuid string
	name string
}

// Parse reads a domain document. It fails with ErrMalformed when the text is
// not well-formed, is over the limits, or lacks what identifies a VM: a root
// element domain outside any namespace, with a uuid and a name.
func Parse(text string) (*Domain, error) {
	doc, err := parseDocument(text)
	if err != nil {
		return nil, err
	}
	d := &Domain{doc: doc, root: doc.Root()}
	if !is(d.root, "domain") {
		return nil, malformed("the root element is {%.80s}%.40s, not domain", d.root.NamespaceURI(), d.root.Tag)
	}
	d.uuid = strings.TrimSpace(textOf(child(d.root, "uuid")))
	if !isUUID(d.uuid) {
		return nil, malformed("uuid is missing or no UUID")
	}
	d.name = textOf(child(d.root, "name"))
	if strings.TrimSpace(d.name) == "" {
		return nil, malformed("name is missing")
	}
	return d, nil
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// parseDocument reads any XML document of a manager or a hook.
func parseDocument(text string) (*etree.Document, error) {
	if err := checkText(text); err != nil {
		return nil, err
	}
	doc := etree.NewDocument()
	doc.ReadSettings = etree.ReadSettings{MaxDepth: MaxDepth, PreserveDuplicateAttrs: true}
	// Canonical escaping is the one that keeps line ends and tabs in
	// attributes, and carriage returns in text, through a second parse.
	doc.WriteSettings = etree.WriteSettings{CanonicalText: true, CanonicalAttrVal: true}
	if err := doc.ReadFromString(text); err != nil {
		return nil, malformed("%v", err)
	}
	if err := checkProlog(doc); err != nil {
		return nil, err
	}
	if err := checkTree(doc.Root(), scope{"": 1, "xml": 1}); err != nil {
		return nil, err
	}
	return doc, nil
}

// checkText refuses by the raw bytes what would be costly or misleading to
// parse.
func checkText(text string) error {
	if len(text) > MaxSize {
		return malformed("%d bytes, the limit is %d", len(text), MaxSize)
	}
	if !utf8.ValidString(text) {
		return malformed("not UTF-8")
	}
	if i := strings.IndexFunc(text, forbidden); i >= 0 {
		return malformed("character %U at offset %d", text[i], i)
	}
	if n := strings.Count(text, "<"); n > 2*MaxElements {
		return malformed("more than %d elements", MaxElements)
	}
	return nil
}

// forbidden says whether XML 1.0 has no place for r.
func forbidden(r rune) bool {
	switch {
	case r == '\t' || r == '\n' || r == '\r':
		return false
	case r < 0x20 || r == 0xfffe || r == 0xffff:
		return true
	}
	return false
}

// checkProlog allows one root element, and beside it only comments, blank
// space and the declaration, which is rewritten to tell the truth about the
// encoding.
func checkProlog(doc *etree.Document) error {
	roots := 0
	for _, t := range doc.Child {
		switch t := t.(type) {
		case *etree.Element:
			roots++
		case *etree.Directive:
			return malformed("document type declarations are not accepted")
		case *etree.ProcInst:
			if t.Target == "xml" {
				t.Inst = `version="1.0" encoding="UTF-8"`
			}
		case *etree.CharData:
			if strings.TrimSpace(t.Data) != "" {
				return malformed("text outside the root element")
			}
		}
	}
	if roots != 1 {
		return malformed("%d root elements", roots)
	}
	return nil
}

// scope counts the bindings of each prefix that are in force.
type scope map[string]int

// enter adds what e declares.
func (s scope) enter(e *etree.Element) error {
	for _, a := range e.Attr {
		if a.Space == "xmlns" && (a.Value == "" || a.Key == "xmlns") {
			return malformed("prefix %.40q is bound to nothing", a.Key)
		}
		if a.Space == "xmlns" {
			s[a.Key]++
		}
	}
	return nil
}

func (s scope) leave(e *etree.Element) {
	for _, a := range e.Attr {
		if a.Space == "xmlns" {
			s[a.Key]--
		}
	}
}

// checkTree verifies what the tokenizer does not: directives inside elements,
// attributes given twice, and prefixes that no declaration in scope binds.
func checkTree(e *etree.Element, bound scope) error {
	if err := bound.enter(e); err != nil {
		return err
	}
	defer bound.leave(e)
	if err := checkNames(e, bound); err != nil {
		return err
	}
	for _, t := range e.Child {
		switch t := t.(type) {
		case *etree.Directive:
			return malformed("declaration inside element %.40q", e.FullTag())
		case *etree.Element:
			if err := checkTree(t, bound); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkNames(e *etree.Element, bound scope) error {
	if bound[e.Space] == 0 {
		return malformed("prefix of element %.40q is not bound", e.FullTag())
	}
	if len(e.Attr) > MaxAttributes {
		return malformed("element %.40q has more than %d attributes", e.FullTag(), MaxAttributes)
	}
	for i, a := range e.Attr {
		if a.Space != "xmlns" && bound[a.Space] == 0 {
			return malformed("prefix of attribute %.40q is not bound", a.FullKey())
		}
		for _, other := range e.Attr[:i] {
			if other.Space == a.Space && other.Key == a.Key {
				return malformed("attribute %.40q of %.40q is given twice", a.FullKey(), e.FullTag())
			}
		}
	}
	return nil
}

// isUUID accepts the 36 characters of the usual notation and nothing else: the
// id becomes part of file names.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		hex := c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
		if dash != (c == '-') || !dash && !hex {
			return false
		}
	}
	return true
}

// String returns the document as text.
func (d *Domain) String() string {
	s, err := d.doc.WriteToString()
	if err != nil {
		// Writing to memory cannot fail; the signature of the library says so
		// only for writers.
		return ""
	}
	return s
}

// Copy returns an independent copy.
func (d *Domain) Copy() *Domain {
	doc := d.doc.Copy()
	return &Domain{doc: doc, root: doc.Root(), uuid: d.uuid, name: d.name}
}
