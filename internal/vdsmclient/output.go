// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmclient

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"

	"govdsm/internal/asciijson"
)

// formats are the values of --output.
var formats = []string{"json", "table", "tree", "yaml"}

// printResult writes the result of a call in the format.
func printResult(w io.Writer, format string, result json.RawMessage) error {
	dec := json.NewDecoder(bytes.NewReader(result))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return fmt.Errorf("the answer is not JSON: %w", err)
	}
	switch format {
	case "table":
		return printTable(w, v)
	case "yaml":
		enc := yaml.NewEncoder(w)
		enc.SetIndent(2)
		if err := enc.Encode(plainNumbers(v)); err != nil {
			return err
		}
		return enc.Close()
	default:
		return printJSON(w, v)
	}
}

// printJSON writes what Python's json.dumps does with indent 4 and sorted
// keys, the format that scripts around the original parse.
func printJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "    ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(asciijson.Append(nil, b.Bytes()))
	return err
}

// plainNumbers turns json.Number, which YAML would quote, into numbers.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i
		}
		f, err := v.Float64()
		if err != nil {
			return v.String()
		}
		return f
	case map[string]any:
		for k := range v {
			v[k] = plainNumbers(v[k])
		}
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	}
	return v
}
