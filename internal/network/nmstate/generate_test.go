// SPDX-License-Identifier: GPL-2.0-or-later

package nmstate

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govdsm/internal/network/netconf"
)

// example is a recorded set-up: what was asked, what was there, and the
// document that the original made of it.
type example struct {
	Title         string
	Request       json.RawMessage
	Canonicalized netconf.Request
	Running       struct {
		Networks map[string]netconf.Network
		Bondings map[string]netconf.Bond
	}
	Current Current
	Desired json.RawMessage
}

func examples(t *testing.T) map[string]example {
	t.Helper()
	files, err := filepath.Glob("testdata/examples/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	all := make(map[string]example)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var e example
		if err := json.Unmarshal(text, &e); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[filepath.Base(file)] = e
	}
	return all
}

func (e example) host() Host {
	return Host{
		Running:    netconf.Config{Networks: e.Running.Networks, Bonds: e.Running.Bondings},
		Current:    e.Current,
		BridgeName: func(string) string { return "vdsmbr_AbCdEfGh" }, // as it was drawn
	}
}

func TestExamples(t *testing.T) {
	for name, e := range examples(t) {
		t.Run(name, func(t *testing.T) {
			got := Generate(e.Canonicalized, e.host())
			if diff := cmp.Diff(tree(t, e.Desired), tree(t, encode(t, got))); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", e.Title, diff)
			}
		})
	}
}

// A document that is read and written again is the same one.
func TestDocumentsSurviveReading(t *testing.T) {
	for name, e := range examples(t) {
		t.Run(name, func(t *testing.T) {
			var s State
			if err := json.Unmarshal(e.Desired, &s); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tree(t, e.Desired), tree(t, encode(t, s))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func tree(t *testing.T, b []byte) any {
	t.Helper()
	var v any
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}
