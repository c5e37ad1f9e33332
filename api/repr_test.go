// SPDX-License-Identifier: GPL-2.0-or-later

package api_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"

	"govdsm/api"
)

// TestReprAsPython compares with what python3 printed (3.11; value and repr in
// a line of testdata/repr.json, tuples as {"tuple": [...]}).
func TestReprAsPython(t *testing.T) {
	text, err := os.ReadFile("testdata/repr.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded []struct {
		Value any
		Repr  string
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&recorded); err != nil {
		t.Fatal(err)
	}
	for _, r := range recorded {
		if got := api.Repr(python(t, r.Value)); got != r.Repr {
			t.Errorf("%#v: %s, want %s", r.Value, got, r.Repr)
		}
	}
}

// python returns the value that JSON text stands for in Python.
func python(t *testing.T, v any) any {
	switch v := v.(type) {
	case json.Number:
		if !strings.ContainsAny(v.String(), ".e") {
			n, err := v.Int64()
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		f, err := strconv.ParseFloat(v.String(), 64)
		if err != nil {
			t.Fatal(err)
		}
		return f
	case []any:
		for i := range v {
			v[i] = python(t, v[i])
		}
		return v
	case map[string]any:
		if tuple, ok := v["tuple"].([]any); ok {
			return api.PyTuple(python(t, tuple).([]any))
		}
		for k := range v {
			v[k] = python(t, v[k])
		}
		return v
	}
	return v
}

func TestReprOfGoTypes(t *testing.T) {
	for _, test := range []struct {
		value any
		want  string
	}{
		{api.UUID("a"), "'a'"},
		{[]api.UUID{"a", "b"}, "['a', 'b']"},
		{[]string(nil), "[]"},
		{map[api.UUID]int{"b": 2, "a": 1}, "{'a': 1, 'b': 2}"},
		{map[int]bool{5: true}, "{5: True}"},
		{[2]uint8{1, 2}, "[1, 2]"},
		{api.Long(1), "1.0"},
		{float32(0.5), "0.5"},
		{new(5), "5"},
		{(*int)(nil), "None"},
		{math.NaN(), "nan"},
		{math.Inf(1), "inf"},
		{math.Inf(-1), "-inf"},
		{errors.New("it's"), `"it's"`},
		{netip.MustParseAddr("::1"), "'::1'"},
		{struct{ A int }{1}, "'{1}'"},
		{"a\xffb", `'a\udcffb'`},
		{"\uFFFD", "'\uFFFD'"},
		{api.PyDict{{"b", 1}, {"a", api.PyTuple{"x"}}}, "{'b': 1, 'a': ('x',)}"},
	} {
		if got := api.Repr(test.value); got != test.want {
			t.Errorf("%#v: %s, want %s", test.value, got, test.want)
		}
	}
}

func TestFloatOnTheWire(t *testing.T) {
	for f, want := range map[api.Float]string{0: "0.0", 1: "1.0", -2.5: "-2.5", 1e16: "1e+16", 1795345767.3120494: "1795345767.3120494"} {
		b, err := json.Marshal(f)
		if err != nil || string(b) != want {
			t.Errorf("%v: %s, %v; want %s", float64(f), b, err, want)
		}
	}
	for _, f := range []float64{math.NaN(), math.Inf(1)} {
		if b, err := json.Marshal(api.Float(f)); err == nil {
			t.Errorf("%v became %s", f, b)
		}
	}
}
