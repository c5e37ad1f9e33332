// SPDX-License-Identifier: GPL-2.0-or-later

package api_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The facts of the contract, without its prose: names, types, defaults. They
// are kept in testdata, so that the conformance test needs nothing else, and
// are derived from the contract data where that is at hand.
type facts struct {
	Verbs  []verbFact          `json:"verbs"`
	Types  map[string]typeFact `json:"types"`
	Errors []errorFact         `json:"errors"`
	Events []eventFact         `json:"events"`
}

type verbFact struct {
	Name   string       `json:"name"`
	Since  string       `json:"since"`
	Params []memberFact `json:"params,omitempty"`
	Result any          `json:"result,omitempty"` // type expression
	Member string       `json:"member,omitempty"` // of the internal answer that becomes the result
}

// A memberFact is a parameter of a verb, a member of an object or of an event.
// A type expression is the name of a scalar, "@" and the name of a type, or a
// list with the type of its elements.
type memberFact struct {
	Name     string          `json:"name"`
	Type     any             `json:"type"`
	Optional bool            `json:"optional,omitempty"`
	Default  json.RawMessage `json:"default,omitempty"`
	Object   bool            `json:"object,omitempty"` // names the object the call is about
}

type typeFact struct {
	Kind   string       `json:"kind"`
	Fields []memberFact `json:"fields,omitempty"`
	Values []string     `json:"values,omitempty"`
	Key    string       `json:"key,omitempty"`
	Value  any          `json:"value,omitempty"`
	AnyOf  []any        `json:"any_of,omitempty"`
	Of     any          `json:"of,omitempty"`
}

type errorFact struct {
	Code    int    `json:"code"`
	Name    string `json:"name"`
	Message string `json:"message"`
	Format  string `json:"format"`
}

type eventFact struct {
	Name    string       `json:"name"`
	Keyed   bool         `json:"keyed,omitempty"` // the members stand in an object below the id
	Members []memberFact `json:"members,omitempty"`
}

const factsFile = "testdata/contract.json"

func loadFacts(t *testing.T) facts {
	t.Helper()
	b, err := os.ReadFile(factsFile)
	if err != nil {
		t.Fatal(err)
	}
	var f facts
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatalf("%s: %v", factsFile, err)
	}
	return f
}

var update = flag.Bool("update", false, "write "+factsFile+" from the contract data")

func TestFactsMatchContract(t *testing.T) {
	dir := cmp.Or(os.Getenv("GOVDSM_CONTRACT"), "../../shared/contract/data")
	if _, err := os.Stat(filepath.Join(dir, "verbs.json")); err != nil {
		t.Skipf("no contract data: %v", err)
	}
	got := deriveFacts(t, dir).lines(t)
	if *update {
		if err := os.WriteFile(factsFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(factsFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the contract in %s says; run go test ./api -run FactsMatch -update", factsFile, dir)
	}
}

// lines writes the facts with one item in a line, which reads well in a diff.
func (f facts) lines(t *testing.T) []byte {
	var b bytes.Buffer
	line := func(prefix string, v any, last bool) {
		j := json.NewEncoder(&b)
		j.SetEscapeHTML(false)
		b.WriteString(prefix)
		if err := j.Encode(v); err != nil {
			t.Fatal(err)
		}
		if !last {
			b.Truncate(b.Len() - 1)
			b.WriteString(",\n")
		}
	}
	b.WriteString("{\"verbs\": [\n")
	for i, v := range f.Verbs {
		line("", v, i == len(f.Verbs)-1)
	}
	b.WriteString("], \"types\": {\n")
	names := slices.Sorted(maps.Keys(f.Types))
	for i, name := range names {
		line(`"`+name+`": `, f.Types[name], i == len(names)-1)
	}
	b.WriteString("}, \"errors\": [\n")
	for i, e := range f.Errors {
		line("", e, i == len(f.Errors)-1)
	}
	b.WriteString("], \"events\": [\n")
	for i, e := range f.Events {
		line("", e, i == len(f.Events)-1)
	}
	b.WriteString("]}\n")
	return b.Bytes()
}

func deriveFacts(t *testing.T, dir string) facts {
	type contractMember struct {
		Name      string
		Type      any
		Schema    any
		Required  bool
		Default   json.RawMessage
		Effective json.RawMessage `json:"effective_default"`
	}
	var verbs struct {
		Verbs []struct {
			Name         string
			Added        string
			Params       []contractMember
			ObjectArgs   []string `json:"object_args"`
			Return       *struct{ Schema any }
			ResultMember string `json:"result_member"`
		}
		Types map[string]struct {
			Kind   string
			Fields []contractMember
			Values []string
			Key    string
			Value  any
			AnyOf  []any `json:"any_of"`
			Of     any
		}
	}
	read(t, filepath.Join(dir, "verbs.json"), json.Unmarshal, &verbs)
	var codes struct {
		Errors []errorFact
	}
	read(t, filepath.Join(dir, "error-codes.json"), json.Unmarshal, &codes)

	f := facts{Types: make(map[string]typeFact), Errors: codes.Errors, Events: deriveEvents(t, dir)}
	for _, v := range verbs.Verbs {
		fact := verbFact{Name: v.Name, Since: v.Added, Member: v.ResultMember}
		if v.Return != nil {
			fact.Result = v.Return.Schema
		}
		for _, p := range v.Params {
			fact.Params = append(fact.Params, memberFact{
				p.Name, p.Schema, !p.Required, p.Effective, slices.Contains(v.ObjectArgs, p.Name),
			})
		}
		f.Verbs = append(f.Verbs, fact)
	}
	slices.SortFunc(f.Verbs, func(a, b verbFact) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(f.Errors, func(a, b errorFact) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Name, b.Name))
	})
	for name, typ := range verbs.Types {
		fact := typeFact{Kind: typ.Kind, Values: typ.Values, Key: typ.Key, Value: typ.Value, AnyOf: typ.AnyOf, Of: typ.Of}
		if fact.Of == "str" {
			fact.Of = "string"
		}
		for _, m := range typ.Fields {
			fact.Fields = append(fact.Fields, memberFact{m.Name, m.Type, !m.Required, m.Default, false})
		}
		f.Types[name] = fact
	}
	return f
}

// deriveEvents follows the aliases of the events' description, and puts the
// members together that it has torn into list items of their own.
func deriveEvents(t *testing.T, dir string) []eventFact {
	var doc map[string]yaml.Node
	read(t, filepath.Join(dir, "vdsm-events.yml"), yaml.Unmarshal, &doc)
	var found []eventFact
	for _, name := range slices.Sorted(maps.Keys(doc)) {
		if !strings.HasPrefix(name, "|") {
			continue
		}
		var decl struct{ Params []map[string]any }
		node := doc[name]
		if err := node.Decode(&decl); err != nil {
			t.Fatal(err)
		}
		fact := eventFact{Name: name}
		for _, p := range decl.Params {
			typ, object := p["type"].(map[string]any)
			switch {
			case p["name"] == "notify_time":
			case p["type"] == "map":
				fact.Keyed = true
				fact.Members = eventMembers(t, p["value-type"])
			case object && typ["type"] == "map":
				fact.Keyed = true
				fact.Members = eventMembers(t, typ["value-type"])
			case object:
				fact.Members = append(fact.Members, eventMembers(t, typ)...)
			}
		}
		found = append(found, fact)
	}
	return found
}

func eventMembers(t *testing.T, typ any) []memberFact {
	var members []memberFact
	for _, item := range typ.(map[string]any)["properties"].([]any) {
		p := item.(map[string]any)
		if name, ok := p["name"].(string); ok {
			members = append(members, memberFact{Name: name})
		}
		m := &members[len(members)-1]
		if typ, ok := p["type"]; ok {
			m.Type = eventType(typ)
		}
		for _, key := range []string{"defaultvalue", "default-value"} {
			if def, ok := p[key]; ok {
				m.Optional = true
				m.Default, _ = json.Marshal(def)
			}
		}
	}
	return members
}

func eventType(typ any) any {
	switch typ := typ.(type) {
	case map[string]any:
		return "@" + typ["name"].(string)
	case []any:
		return []any{eventType(typ[0])}
	}
	return typ
}

func read(t *testing.T, file string, unmarshal func([]byte, any) error, into any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := unmarshal(b, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
