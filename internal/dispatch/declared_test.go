// SPDX-License-Identifier: GPL-2.0-or-later

package dispatch

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"govdsm/api"
)

// oddDefaults are those of the contract whose type is another than the
// member's. The original never looks at them, so the member stays absent.
var oddDefaults = map[string]string{
	"VmInterfaceDevice.bootOrder":  `""`,
	"VmGraphicsDevice.tlsPort":     `-1`,
	"GlusterTaskListParams.taskID": `[]`,
	"Qcow2BitmapInfo.flags":        `[]`,
	"HostStats.v2vJobs":            `{}`,
}

// TestPlansOfDeclarations makes a plan of every struct that a call can hold.
func TestPlansOfDeclarations(t *testing.T) {
	seen := make(map[reflect.Type]bool)
	for _, d := range api.Verbs() {
		checkPlan(t, d.Params, seen)
		checkPlan(t, d.Result, seen)
	}
	for _, d := range api.Events() {
		checkPlan(t, d.Params, seen)
	}
}

func checkPlan(t *testing.T, typ reflect.Type, seen map[reflect.Type]bool) {
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice:
		checkPlan(t, typ.Elem(), seen)
		return
	case reflect.Map:
		checkPlan(t, typ.Key(), seen)
		checkPlan(t, typ.Elem(), seen)
		return
	case reflect.Struct:
	default:
		return
	}
	if seen[typ] {
		return
	}
	seen[typ] = true
	if u, ok := reflect.Zero(typ).Interface().(api.OneOf); ok {
		for _, a := range u.Alternatives() {
			checkPlan(t, reflect.TypeOf(a), seen)
		}
		return
	}
	p := planOf(typ)
	if len(p.byName) != len(p.fields) {
		t.Errorf("%s has two members of one name", typ.Name())
	}
	for _, f := range p.fields {
		field := typ.Field(f.index)
		checkPlan(t, field.Type, seen)
		def := field.Tag.Get("default")
		switch {
		case f.required || def == "unchecked" || def == "unset" || def == "null":
		case !json.Valid([]byte(def)):
			t.Errorf("%s.%s: the default %s is not JSON", typ.Name(), f.name, def)
		case f.fallback == nil && oddDefaults[typ.Name()+"."+f.name] != def:
			t.Errorf("%s.%s: the default %s does not fit %s", typ.Name(), f.name, def, field.Type)
		}
		if strings.Contains(string(field.Tag), `default="`) || field.Tag.Get("json") == "" {
			t.Errorf("%s.%s: the tag %s is malformed", typ.Name(), field.Name, field.Tag)
		}
	}
}

// TestEveryVerbDecodesItsRequiredParameters calls every verb by name and by
// position with a value for each required parameter.
func TestEveryVerbDecodesItsRequiredParameters(t *testing.T) {
	for _, d := range api.Verbs() {
		p := planOf(d.Params)
		named := make(map[string]any)
		positional := []any{}
		for _, f := range p.fields {
			if !f.required {
				break
			}
			positional = append(positional, sample(d.Params.Field(f.index).Type))
		}
		for _, f := range p.fields {
			if f.required {
				named[f.name] = sample(d.Params.Field(f.index).Type)
			}
		}
		given := []any{named}
		if len(positional) == len(named) {
			given = append(given, positional)
		}
		for _, g := range given {
			raw, err := json.Marshal(g)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.decode(raw, reflect.New(d.Params).Interface()); err != nil {
				t.Errorf("%s: %s: %v", d.Name, raw, err)
			}
		}
	}
}

// sample returns a value that the type takes.
func sample(t reflect.Type) any {
	if u, ok := reflect.Zero(t).Interface().(api.OneOf); ok {
		return sample(reflect.TypeOf(u.Alternatives()[0]))
	}
	switch t.Kind() {
	case reflect.Pointer:
		return sample(t.Elem())
	case reflect.Slice:
		return []any{sample(t.Elem())}
	case reflect.Map, reflect.Struct:
		return map[string]any{}
	case reflect.String:
		return "a"
	case reflect.Bool:
		return true
	default:
		return 1
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, `null`, `{"text": 5, "number": "7", "list": [1, null], "shape": {"radius": 1}}`,
		`["x", 5, null, 1e400]`, `{"sizes": {"4": "a"}, "loose": {"width": []}}`, `{"any": [[[[{}]]]]}`,
		`{"number": 1, "number": -9223372036854775809}`, "{\"text\": \"\xff\\ud800\"}",
	} {
		f.Add([]byte(seed))
	}
	p := planOf(reflect.TypeFor[params]())
	f.Fuzz(func(t *testing.T, raw []byte) {
		var got params
		faults, err := p.decode(raw, &got)
		if len(faults) > mostFaults {
			t.Fatalf("%d faults", len(faults))
		}
		if err != nil {
			return
		}
		// What was decoded must decode to itself, without faults of type.
		again, err := json.Marshal(got)
		if err != nil {
			t.Fatalf("%+v: %v", got, err)
		}
		var twice params
		if _, err := p.decode(again, &twice); err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		third, err := json.Marshal(twice)
		if err != nil {
			t.Fatal(err)
		}
		if string(again) != string(third) {
			t.Fatalf("%s became %s", again, third)
		}
	})
}
