// SPDX-License-Identifier: GPL-2.0-or-later

// Package schema writes the API as a JSON schema (draft 2020-12).
//
// The document as a whole describes a JSON-RPC request. Its definitions hold
// "VM.create.params" and "VM.create.result" for every verb, one entry for
// every type, and "|virt|VM_status|" for every event.
package schema

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"govdsm/internal/apidoc"
)

// Of returns the schema of the API.
func Of(a *apidoc.API) *jsonschema.Schema {
	defs := make(map[string]*jsonschema.Schema)
	for _, t := range a.Types {
		defs[t.Name] = definition(t)
	}
	var methods []any
	var calls []*jsonschema.Schema
	for _, n := range a.Namespaces {
		for _, v := range n.Verbs {
			methods = append(methods, v.Name)
			defs[v.Name+".params"] = parameters(v)
			defs[v.Name+".result"] = use(v.Result)
			calls = append(calls, call(v))
		}
	}
	for _, e := range a.Events {
		s := &jsonschema.Schema{Type: "object"}
		if e.Params != nil {
			s = use(e.Params)
		}
		defs[e.Name] = &jsonschema.Schema{
			Description: e.Doc,
			AllOf: []*jsonschema.Schema{s, {
				Type:       "object",
				Properties: map[string]*jsonschema.Schema{"notify_time": {Type: "integer"}},
				Required:   []string{"notify_time"},
			}},
		}
		if e.Params != nil && e.Params.Value != nil { // notify_time stands among the ids
			defs[e.Name] = &jsonschema.Schema{
				Description:          e.Doc,
				Type:                 "object",
				Properties:           map[string]*jsonschema.Schema{"notify_time": {Type: "integer"}},
				Required:             []string{"notify_time"},
				AdditionalProperties: use(e.Params.Value),
			}
		}
	}
	return &jsonschema.Schema{
		Schema:   "https://json-schema.org/draft/2020-12/schema",
		ID:       "urn:vdsm:api",
		Title:    "VDSM API: a JSON-RPC request",
		Type:     "object",
		Required: []string{"jsonrpc", "method"},
		Properties: map[string]*jsonschema.Schema{
			"jsonrpc": constant("2.0"),
			"method":  {Enum: methods},
			"id":      {},
			"params":  {Types: []string{"object", "array"}},
		},
		PropertyOrder: []string{"jsonrpc", "method", "id", "params"},
		AllOf:         calls,
		Defs:          defs,
	}
}

// JSON returns the schema as text.
func JSON(a *apidoc.API) ([]byte, error) {
	raw, err := json.Marshal(Of(a))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", " "); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// call ties the parameters to the method.
func call(v *apidoc.Verb) *jsonschema.Schema {
	is := &jsonschema.Schema{
		Properties: map[string]*jsonschema.Schema{"method": constant(v.Name)},
		Required:   []string{"method"},
	}
	then := &jsonschema.Schema{Properties: map[string]*jsonschema.Schema{"params": reference(v.Name + ".params")}}
	for _, p := range v.Params {
		if !p.Optional {
			then.Required = []string{"params"}
		}
	}
	return &jsonschema.Schema{If: is, Then: then}
}

// parameters may come by name or by position.
func parameters(v *apidoc.Verb) *jsonschema.Schema {
	named := object(v.Params)
	named.AdditionalProperties = nothing()
	positional := &jsonschema.Schema{Type: "array", Items: nothing()}
	least := 0
	for i, p := range v.Params {
		positional.PrefixItems = append(positional.PrefixItems, member(p))
		if !p.Optional {
			least = i + 1
		}
	}
	if least > 0 {
		positional.MinItems = &least
	}
	return &jsonschema.Schema{Description: v.Doc, AnyOf: []*jsonschema.Schema{named, positional}}
}

func definition(t *apidoc.Type) *jsonschema.Schema {
	var s *jsonschema.Schema
	switch t.Kind {
	case apidoc.Object:
		s = object(t.Members)
	case apidoc.Enum:
		s = &jsonschema.Schema{Type: "string"}
		for _, v := range t.Values {
			s.Enum = append(s.Enum, v)
		}
	case apidoc.Map:
		s = mapping(t.Key, t.Value)
	case apidoc.Union:
		s = &jsonschema.Schema{}
		for _, a := range t.Alternatives {
			s.AnyOf = append(s.AnyOf, use(a))
		}
	default:
		s = use(&apidoc.TypeRef{Name: t.Of})
	}
	s.Description = t.Doc
	return s
}

func object(members []*apidoc.Member) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "object"}
	for _, m := range members {
		if s.Properties == nil {
			s.Properties = make(map[string]*jsonschema.Schema)
		}
		s.Properties[m.Name] = member(m)
		s.PropertyOrder = append(s.PropertyOrder, m.Name)
		if !m.Optional {
			s.Required = append(s.Required, m.Name)
		}
	}
	return s
}

// member of an object. Null stands for an optional member that is not given.
func member(m *apidoc.Member) *jsonschema.Schema {
	s := use(m.Type)
	if m.Optional {
		s = &jsonschema.Schema{AnyOf: []*jsonschema.Schema{s, {Type: "null"}}}
	}
	s.Description = m.Doc
	if m.Default != "" && m.Default != "null" {
		s.Default = json.RawMessage(m.Default)
	}
	return s
}

func mapping(key, value *apidoc.TypeRef) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "object", AdditionalProperties: use(value)}
	switch key.Name {
	case "uint":
		s.PropertyNames = &jsonschema.Schema{Pattern: "^[0-9]+$"}
	case "string":
	default:
		s.PropertyNames = use(key)
	}
	return s
}

func use(r *apidoc.TypeRef) *jsonschema.Schema {
	switch {
	case r.List != nil:
		return &jsonschema.Schema{Type: "array", Items: use(r.List)}
	case r.Value != nil:
		return mapping(r.Key, r.Value)
	}
	zero := 0.0
	switch r.Name {
	case "string", "boolean":
		return &jsonschema.Schema{Type: r.Name}
	case "int":
		return &jsonschema.Schema{Type: "integer"}
	case "uint":
		return &jsonschema.Schema{Type: "integer", Minimum: &zero}
	case "long", "float":
		return &jsonschema.Schema{Type: "number"}
	case "ulong":
		return &jsonschema.Schema{Type: "number", Minimum: &zero}
	case "any":
		return &jsonschema.Schema{}
	case "true":
		return constant(true)
	case "empty":
		return &jsonschema.Schema{Type: "object", AdditionalProperties: nothing()}
	}
	return reference(r.Name)
}

func constant(v any) *jsonschema.Schema { return &jsonschema.Schema{Const: &v} }

// nothing is the schema that no value meets.
func nothing() *jsonschema.Schema { return &jsonschema.Schema{Not: &jsonschema.Schema{}} }

func reference(definition string) *jsonschema.Schema {
	escaped := strings.NewReplacer("~", "~0", "/", "~1", "|", "%7C").Replace(definition)
	return &jsonschema.Schema{Ref: "#/$defs/" + escaped}
}
