// SPDX-License-Identifier: GPL-2.0-or-later

package api_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"govdsm/api"
)

// TestConformance compares every declaration with the facts of the contract.
// What differs must stand in the table of differences, with its reason.
func TestConformance(t *testing.T) {
	c := &comparison{t: t, facts: loadFacts(t), seen: make(map[reflect.Type]string)}
	c.verbs()
	c.events()
	c.errors()
	for _, d := range differences {
		if !c.used[d.at] && !strings.HasSuffix(d.at, "*") {
			t.Errorf("the difference at %q is none any more", d.at)
		}
	}
}

// comparison walks facts and declarations side by side.
type comparison struct {
	t     *testing.T
	facts facts
	seen  map[reflect.Type]string // the schema's type each Go type was compared with
	used  map[string]bool         // differences that were met
}

// differ reports a difference, unless the table has it.
func (c *comparison) differ(at, contract, ours string) {
	for _, d := range differences {
		listed := d.at == at && d.contract == contract && d.ours == ours
		if area, ok := strings.CutSuffix(d.at, "*"); ok {
			listed = strings.HasPrefix(at, area)
		}
		if listed {
			if c.used == nil {
				c.used = make(map[string]bool)
			}
			c.used[d.at] = true
			return
		}
	}
	c.t.Errorf("not listed: {%q, %q, %q, \"reason\"},", at, contract, ours)
}

func (c *comparison) verbs() {
	declared := make(map[string]*api.Declaration)
	for _, d := range api.Verbs() {
		if declared[d.Name] != nil {
			c.t.Errorf("%s is declared twice", d.Name)
		}
		declared[d.Name] = d
	}
	for _, fact := range c.facts.Verbs {
		d := declared[fact.Name]
		if d == nil {
			c.differ(fact.Name, "a verb", "")
			continue
		}
		delete(declared, fact.Name)
		if d.Since != fact.Since {
			c.differ(fact.Name+" since", fact.Since, d.Since)
		}
		c.members(fact.Name, fact.Params, d.Params, true)
		result := fact.Result
		if result == nil {
			result = "nothing"
		}
		if fact.Member == "status" {
			result = "@Status"
		}
		c.typ(fact.Name+" result", result, d.Result)
	}
	for name := range declared {
		c.differ(name, "", "a verb")
	}
}

func (c *comparison) events() {
	declared := make(map[string]*api.EventDeclaration)
	for _, d := range api.Events() {
		declared[d.ID("")] = d
	}
	for _, fact := range c.facts.Events {
		d := declared[fact.Name]
		if d == nil {
			c.differ(fact.Name, "an event", "")
			continue
		}
		delete(declared, fact.Name)
		params := d.Params
		if keyed := params.Kind() == reflect.Map; keyed != fact.Keyed {
			c.differ(fact.Name+" by id", fmt.Sprint(fact.Keyed), fmt.Sprint(keyed))
		} else if keyed {
			params = params.Elem()
		}
		if params.Kind() != reflect.Struct {
			c.differ(fact.Name+" members", "fixed", "free")
			continue
		}
		c.members(fact.Name, fact.Members, params, false)
	}
	for name := range declared {
		c.differ(name, "", "an event")
	}
}

func (c *comparison) errors() {
	formats := map[api.Format]string{
		api.Plain: "plain", api.Context: "context", api.Value: "value", api.GlusterFormat: "gluster",
	}
	text := func(code int, message, format string) string {
		return fmt.Sprintf("%d %s (%s)", code, message, format)
	}
	declared := make(map[string]*api.Code)
	for _, code := range api.Codes() {
		declared[fmt.Sprint(code.Number, " ", code.Name)] = code
	}
	for _, fact := range c.facts.Errors {
		name := fmt.Sprint(fact.Code, " ", fact.Name)
		code := declared[name]
		delete(declared, name)
		if code == nil {
			c.differ("error "+name, text(fact.Code, fact.Message, fact.Format), "")
			continue
		}
		want := text(fact.Code, fact.Message, fact.Format)
		if got := text(code.Number, code.Message, formats[code.Format]); got != want {
			c.differ("error "+name, want, got)
		}
	}
	for name := range declared {
		c.differ("error "+name, "", "declared")
	}
}

// members compares parameters or members with the fields of a struct. The
// order of parameters counts, as calls may pass them by position.
func (c *comparison) members(at string, want []memberFact, have reflect.Type, params bool) {
	fields := make(map[string]reflect.StructField)
	var order []string
	for _, f := range reflect.VisibleFields(have) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			fields[name] = f
			order = append(order, name)
		}
	}
	for i, m := range want {
		place := at + "." + m.Name
		f, ok := fields[m.Name]
		if !ok {
			c.differ(place, c.schema(m.Type), "")
			continue
		}
		delete(fields, m.Name)
		if params && order[i] != m.Name {
			c.differ(place+" position", fmt.Sprint(i), fmt.Sprint(slices.Index(order, m.Name)))
		}
		def, optional := f.Tag.Lookup("default")
		if !optional {
			def = "required"
		}
		if want := m.tag(); def != want {
			c.differ(place+" default", want, def)
		}
		if object := f.Tag.Get("api") == "object"; object != m.Object {
			c.differ(place+" object", fmt.Sprint(m.Object), fmt.Sprint(object))
		}
		c.typ(place, m.Type, f.Type)
	}
	for _, name := range order {
		if _, left := fields[name]; left {
			c.differ(at+"."+name, "", c.golang(fields[name].Type))
		}
	}
}

// tag returns the default tag the member should have.
func (m memberFact) tag() string {
	if !m.Optional {
		return "required"
	}
	switch def := string(m.Default); def {
	case `"no-default"`:
		return "unchecked"
	case `"needs updating"`:
		return "unset"
	case `"()"`:
		return "[]"
	case `"[]"`, `"{}"`:
		return strings.Trim(def, `"`)
	default:
		return def
	}
}

// typ compares a type expression with a Go type, and what is below both the
// first time it meets them.
func (c *comparison) typ(at string, want any, have reflect.Type) {
	for have.Kind() == reflect.Pointer {
		have = have.Elem()
	}
	if w, h := c.schema(want), c.golang(have); w != h {
		c.differ(at, w, h)
		return
	}
	if list, ok := want.([]any); ok {
		c.typ(at, list[0], have.Elem())
		return
	}
	name, ok := strings.CutPrefix(want.(string), "@")
	if !ok || name == "Status" {
		return
	}
	if before, ok := c.seen[have]; ok {
		if fact, same := c.facts.Types[name], c.facts.Types[before]; before != name && !reflect.DeepEqual(fact, same) {
			c.differ(c.golang(have), before, name)
		}
		return
	}
	c.seen[have] = name
	c.definition(name, have)
}

// definition compares the definition of a type.
func (c *comparison) definition(name string, have reflect.Type) {
	at, fact := c.golang(have), c.facts.Types[name]
	kind := kindOf(have)
	if kind != fact.Kind {
		c.differ(at+" kind", fact.Kind, kind)
		return
	}
	switch fact.Kind {
	case "object":
		c.members(at, fact.Fields, have, false)
	case "enum":
		ours := slices.Sorted(slices.Values(reflect.Zero(have).Interface().(api.Enum).Values()))
		theirs := slices.Sorted(slices.Values(fact.Values))
		if !slices.Equal(ours, theirs) {
			c.differ(at+" values", strings.Join(theirs, ","), strings.Join(ours, ","))
		}
	case "map":
		c.typ(at+" key", fact.Key, have.Key())
		c.typ(at+" value", fact.Value, have.Elem())
	case "union":
		alternatives := reflect.Zero(have).Interface().(api.OneOf).Alternatives()
		var theirs, ours []string
		for _, a := range fact.AnyOf {
			theirs = append(theirs, c.schema(a))
		}
		for _, a := range alternatives {
			t := reflect.TypeOf(a)
			ours = append(ours, c.golang(t))
			if i := slices.Index(theirs, c.golang(t)); i >= 0 {
				c.typ(at, fact.AnyOf[i], t)
			}
		}
		if !slices.Equal(theirs, ours) {
			c.differ(at+" alternatives", strings.Join(theirs, ","), strings.Join(ours, ","))
		}
	case "alias":
		c.typ(at, fact.Of, reflect.TypeFor[string]())
	}
}

func kindOf(t reflect.Type) string {
	switch {
	case t.Implements(reflect.TypeFor[api.OneOf]()):
		return "union"
	case t.Implements(reflect.TypeFor[api.Enum]()):
		return "enum"
	case t.Kind() == reflect.Struct:
		return "object"
	case t.Kind() == reflect.Map:
		return "map"
	default:
		return "alias"
	}
}

// schema names a type expression as golang names the Go type for it.
func (c *comparison) schema(expr any) string {
	if list, ok := expr.([]any); ok {
		return "[]" + c.schema(list[0])
	}
	if ref, ok := expr.(map[string]any); ok {
		return ref["ref"].(string)
	}
	name, ok := strings.CutPrefix(expr.(string), "@")
	switch {
	case name == "dict":
		return "map[string]any"
	case !ok:
		return name
	}
	if ours, ok := renamed[name]; ok {
		return ours
	}
	r := []rune(name)
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}

func (c *comparison) golang(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[api.Nothing]():
		return "nothing"
	case t == reflect.TypeFor[api.Long](), t == reflect.TypeFor[api.Ulong](), t == reflect.TypeFor[api.Float]():
		return strings.ToLower(t.Name())
	case t.PkgPath() != "":
		return t.Name()
	case t.Kind() == reflect.Slice:
		return "[]" + c.golang(t.Elem())
	case t.Kind() == reflect.Map:
		return "map[" + c.golang(t.Key()) + "]" + c.golang(t.Elem())
	}
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.Int64:
		return "int"
	case reflect.Uint64:
		return "uint"
	case reflect.Interface:
		return "any"
	default:
		return t.String()
	}
}
