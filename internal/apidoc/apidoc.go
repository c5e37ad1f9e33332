// SPDX-License-Identifier: GPL-2.0-or-later

// Package apidoc describes the API to people and programs: the reference in
// docs/, the page at /api, the help of the command line. Everything in it is
// derived from the declarations of package api and from their comments.
//
// Nothing happens when the package is imported. The first use of Reference
// takes a few milliseconds.
package apidoc

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"govdsm/api"
)

//go:generate go run govdsm/internal/apidoc/gen -root ../..

// Comments are the comments of the declarations.
type Comments struct {
	Verbs  map[string]Comment `json:"verbs"`  // by wire name: "VM.create"
	Events map[string]Comment `json:"events"` // by name without id: "|virt|VM_status|"
	Types  map[string]string  `json:"types"`  // by Go name
	Fields map[string]string  `json:"fields"` // by Go name of the type, dot, wire name of the member
}

// Comment is the comment of a verb or an event, with the name of the Go
// variable that declares it.
type Comment struct {
	Go  string `json:"go"`
	Doc string `json:"doc"`
}

//go:embed comments.json
var comments []byte

// API is the whole interface.
type API struct {
	Namespaces []*Namespace
	Types      []*Type // by name
	Events     []*Event
	Errors     []*api.Code

	verbs map[string]*Verb
	types map[string]*Type
}

// Namespace is a family of verbs, by name.
type Namespace struct {
	Name  string
	Doc   string
	Verbs []*Verb
}

// Verb is one verb.
type Verb struct {
	Name    string // "VM.create"
	Method  string // "create"
	Go      string // "VMCreate"
	Since   string
	Doc     string
	Gluster bool
	Params  []*Member // in positional order
	Result  *TypeRef
}

// Event is one event.
type Event struct {
	Name   string // "|virt|VM_status|", followed by an id on the wire
	Go     string
	Doc    string
	Params *TypeRef // nil when there are none but notify_time
}

// Member is a parameter of a verb or a member of an object.
type Member struct {
	Name     string
	Doc      string
	Type     *TypeRef
	Optional bool
	Default  string // JSON; "" when an absent member stays absent
	Object   bool   // names the object that the call is about
	Secret   bool   // never shown in logs
}

// Reference returns the API with the comments this program was built with. It
// is shared: do not change it.
var Reference = sync.OnceValue(func() *API {
	var c Comments
	if err := json.Unmarshal(comments, &c); err != nil {
		c = Comments{} // a test reads the file; without it there are names and types still
	}
	return Build(c)
})

// Build derives the API from the declarations.
func Build(c Comments) *API {
	a := &API{Errors: api.Codes(), verbs: make(map[string]*Verb), types: make(map[string]*Type)}
	b := &builder{api: a, comments: c}
	spaces := make(map[string]*Namespace)
	for _, n := range api.Namespaces() {
		spaces[n.Name] = &Namespace{Name: n.Name, Doc: n.Doc}
		a.Namespaces = append(a.Namespaces, spaces[n.Name])
	}
	for _, d := range api.Verbs() {
		v := &Verb{
			Name: d.Name, Method: d.Method(), Since: d.Since, Gluster: d.Gluster(),
			Go: c.Verbs[d.Name].Go, Doc: c.Verbs[d.Name].Doc,
			Params: b.members(d.Params), Result: b.ref(d.Result),
		}
		a.verbs[v.Name] = v
		n := spaces[d.Namespace()]
		if n == nil {
			n = &Namespace{Name: d.Namespace()}
			spaces[n.Name] = n
			a.Namespaces = append(a.Namespaces, n)
		}
		n.Verbs = append(n.Verbs, v)
	}
	for _, d := range api.Events() {
		name := d.ID("")
		e := &Event{Name: name, Go: c.Events[name].Go, Doc: c.Events[name].Doc, Params: b.ref(d.Params)}
		if e.Params.Name == "empty" {
			e.Params = nil
		}
		a.Events = append(a.Events, e)
	}
	slices.SortFunc(a.Types, func(x, y *Type) int {
		return cmp.Or(cmp.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name)), cmp.Compare(x.Name, y.Name))
	})
	return a
}

// Verb returns the verb of that name, or nil.
func (a *API) Verb(name string) *Verb { return a.verbs[name] }

// Type returns the type of that name, or nil.
func (a *API) Type(name string) *Type { return a.types[name] }

// Namespace returns the namespace of that name, or nil.
func (a *API) Namespace(name string) *Namespace {
	for _, n := range a.Namespaces {
		if n.Name == name {
			return n
		}
	}
	return nil
}

// Summary returns the first sentence of the verb's description.
func (v *Verb) Summary() string { return firstSentence(v.Doc) }

// Namespace returns the part of the name before the dot.
func (v *Verb) Namespace() string {
	ns, _, _ := strings.Cut(v.Name, ".")
	return ns
}

// firstSentence ends at the first full stop that ends a word, or at a colon
// that begins a list.
func firstSentence(text string) string {
	if s, _, ok := strings.Cut(text, ". "); ok {
		return s + "."
	}
	return text
}
