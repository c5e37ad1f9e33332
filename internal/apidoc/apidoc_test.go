// SPDX-License-Identifier: GPL-2.0-or-later

package apidoc_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
	"govdsm/internal/apidoc"
)

var update = flag.Bool("update", false, "write golden files")

func TestEverythingIsExplained(t *testing.T) {
	a := apidoc.Reference()
	for _, d := range api.Verbs() {
		v := a.Verb(d.Name)
		if v == nil {
			t.Fatalf("%s is not in the reference", d.Name)
		}
		if !strings.HasPrefix(v.Doc, v.Name+" ") || v.Go == "" {
			t.Errorf("%s: the comment of %s is %q", v.Name, v.Go, v.Doc)
		}
		if a.Namespace(v.Namespace()).Doc == "" {
			t.Errorf("namespace %s has no description", v.Namespace())
		}
	}
	for _, typ := range a.Types {
		if !strings.HasPrefix(typ.Doc, typ.Name+" ") {
			t.Errorf("type %s: the comment is %q", typ.Name, typ.Doc)
		}
	}
	for _, e := range a.Events {
		if e.Doc == "" || e.Go == "" {
			t.Errorf("event %s has no comment", e.Name)
		}
	}
}

func TestTypesAreDefined(t *testing.T) {
	a := apidoc.Reference()
	scalar := map[string]bool{
		"string": true, "int": true, "uint": true, "long": true, "ulong": true,
		"float": true, "boolean": true, "any": true, "true": true, "empty": true,
	}
	var check func(at string, r *apidoc.TypeRef)
	check = func(at string, r *apidoc.TypeRef) {
		switch {
		case r.List != nil:
			check(at, r.List)
		case r.Value != nil:
			check(at, r.Key)
			check(at, r.Value)
		case !scalar[r.Name] && a.Type(r.Name) == nil:
			t.Errorf("%s has the type %q, which is not defined", at, r.Name)
		}
	}
	for _, n := range a.Namespaces {
		for _, v := range n.Verbs {
			check(v.Name, v.Result)
			for _, p := range v.Params {
				check(v.Name+"."+p.Name, p.Type)
			}
		}
	}
	for _, typ := range a.Types {
		for _, m := range typ.Members {
			check(typ.Name+"."+m.Name, m.Type)
		}
	}
}

func TestDefaultsAreJSON(t *testing.T) {
	a := apidoc.Reference()
	check := func(at string, members []*apidoc.Member) {
		for _, m := range members {
			if m.Default != "" && !json.Valid([]byte(m.Default)) {
				t.Errorf("%s.%s: default is %s", at, m.Name, m.Default)
			}
		}
	}
	for _, n := range a.Namespaces {
		for _, v := range n.Verbs {
			check(v.Name, v.Params)
		}
	}
	for _, typ := range a.Types {
		check(typ.Name, typ.Members)
	}
}

func TestSkeletonsHoldEveryParameter(t *testing.T) {
	a := apidoc.Reference()
	for _, d := range api.Verbs() {
		v := a.Verb(d.Name)
		var members map[string]any
		if err := json.Unmarshal(a.Skeleton(v), &members); err != nil {
			t.Errorf("%s: %v:\n%s", v.Name, err, a.Skeleton(v))
		}
		for _, p := range v.Params {
			if _, ok := members[p.Name]; !ok {
				t.Errorf("%s: the skeleton lacks %s", v.Name, p.Name)
			}
		}
		if len(members) != len(v.Params) {
			t.Errorf("%s: the skeleton has %d members, want %d", v.Name, len(members), len(v.Params))
		}
	}
}

func TestUsage(t *testing.T) {
	a := apidoc.Reference()
	for _, verb := range []string{"Host.ping2", "VM.shutdown", "VM.changeCD", "Host.setupNetworks", "Volume.create"} {
		var b strings.Builder
		if err := a.WriteUsage(&b, "vdsm-client", a.Verb(verb)); err != nil {
			t.Fatal(err)
		}
		golden(t, verb+".txt", b.String())
	}
	var b strings.Builder
	if err := a.Namespace("NBD").WriteUsage(&b, "vdsm-client"); err != nil {
		t.Fatal(err)
	}
	golden(t, "NBD.txt", b.String())
}

// golden compares text with the file of that name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "usage", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run with -update", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestBuildWithoutComments(t *testing.T) {
	a := apidoc.Build(apidoc.Comments{})
	if v := a.Verb("VM.create"); v == nil || len(v.Params) != 2 || v.Doc != "" {
		t.Errorf("VM.create without comments is %+v", v)
	}
	if v := a.Verb("VM.fly"); v != nil {
		t.Errorf("there is a verb %v", v)
	}
}

func BenchmarkBuild(b *testing.B) {
	text, err := os.ReadFile("comments.json")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		var c apidoc.Comments
		if err := json.Unmarshal(text, &c); err != nil {
			b.Fatal(err)
		}
		apidoc.Build(c)
	}
}
