// SPDX-License-Identifier: GPL-2.0-or-later

package schema_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"govdsm/internal/apidoc"
	"govdsm/internal/apidoc/schema"
)

// compile returns a function that compiles a part of the schema.
func compile(t *testing.T) func(at string) *jsonschema.Schema {
	t.Helper()
	text, err := schema.JSON(apidoc.Reference())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("urn:vdsm:api", doc); err != nil {
		t.Fatal(err)
	}
	return func(at string) *jsonschema.Schema {
		t.Helper()
		s, err := c.Compile("urn:vdsm:api" + at)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

// TestSchema compiles once, because compiling is slow.
func TestSchema(t *testing.T) {
	part := compile(t)
	t.Run("requests", func(t *testing.T) { requests(t, part("")) })
	t.Run("definitions", func(t *testing.T) { definitions(t, part) })
}

func requests(t *testing.T, s *jsonschema.Schema) {
	for _, test := range []struct {
		name, request string
		valid         bool
	}{
		{"no parameters", `{"jsonrpc": "2.0", "method": "Host.ping2", "id": 1}`, true},
		{"empty array", `{"jsonrpc": "2.0", "method": "Host.ping2", "id": 1, "params": []}`, true},
		{"by name", `{"jsonrpc": "2.0", "method": "VM.shutdown", "id": "x", "params": {"vmID": "a", "delay": 5}}`, true},
		{"by position", `{"jsonrpc": "2.0", "method": "VM.shutdown", "id": "x", "params": ["a", 5, "bye"]}`, true},
		{"null for an optional one", `{"jsonrpc": "2.0", "method": "VM.shutdown", "params": {"vmID": "a", "delay": null}}`, true},
		{"required one missing", `{"jsonrpc": "2.0", "method": "VM.shutdown", "params": {"delay": 5}}`, false},
		{"no parameters at all", `{"jsonrpc": "2.0", "method": "VM.shutdown"}`, false},
		{"unknown parameter", `{"jsonrpc": "2.0", "method": "Host.ping2", "params": {"x": 1}}`, false},
		{"too many", `{"jsonrpc": "2.0", "method": "Host.echo", "params": ["a", "b"]}`, false},
		{"wrong type", `{"jsonrpc": "2.0", "method": "VM.shutdown", "params": {"vmID": "a", "delay": "5"}}`, false},
		{"unknown verb", `{"jsonrpc": "2.0", "method": "Host.fly"}`, false},
		{"wrong protocol", `{"jsonrpc": "1.0", "method": "Host.ping2"}`, false},
		{"unknown value", `{"jsonrpc": "2.0", "method": "Host.setHaMaintenanceMode", "params": {"mode": "ALL", "enabled": true}}`, false},
		{"union", `{"jsonrpc": "2.0", "method": "VM.changeCD", "params": {"vmID": "a", "driveSpec": {"path": ""}}}`, true},
		{"no alternative of a union", `{"jsonrpc": "2.0", "method": "VM.changeCD", "params": {"vmID": "a", "driveSpec": 5}}`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			v, err := jsonschema.UnmarshalJSON(strings.NewReader(test.request))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(v); (err == nil) != test.valid {
				t.Errorf("valid = %v, want %v: %v", err == nil, test.valid, err)
			}
		})
	}
}

func definitions(t *testing.T, part func(at string) *jsonschema.Schema) {
	for _, test := range []struct {
		at, value string
		valid     bool
	}{
		{"VM.getInfo.result", `{"vmId": "a", "status": "Up", "statusTime": "2150816212"}`, true},
		{"VM.getInfo.result", `{"vmId": "a", "status": "Flying", "statusTime": "2150816212"}`, false},
		{"VM.pause.result", `{"vmList": {}}`, true},
		{"Host.ping.result", `true`, true},
		{"Host.ping.result", `null`, false},
		{"%7Cnet%7Chost_conn%7C", `{"notify_time": 5}`, true},
		{"%7Cnet%7Chost_conn%7C", `{}`, false},
		{"%7Cvirt%7CVM_status%7C", `{"11111111-2222-3333-4444-555555555555": {"status": "Up"}, "notify_time": 5}`, true},
		{"%7Cvirt%7CVM_status%7C", `{"11111111-2222-3333-4444-555555555555": "Up", "notify_time": 5}`, false},
	} {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(test.value))
		if err != nil {
			t.Fatal(err)
		}
		if err := part("#/$defs/" + test.at).Validate(v); (err == nil) != test.valid {
			t.Errorf("%s: %s: valid = %v, want %v: %v", test.at, test.value, err == nil, test.valid, err)
		}
	}
}
