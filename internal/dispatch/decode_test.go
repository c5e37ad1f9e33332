// SPDX-License-Identifier: GPL-2.0-or-later

package dispatch

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
)

// color is an enumeration.
type color string

func (color) Values() []string { return []string{"red", "blue"} }

// shape is a union of a circle, a box and a name.
type shape struct{ api.Union }

func (shape) Alternatives() []any { return []any{circle{}, box{}, ""} }

type circle struct {
	Radius int64 `json:"radius"`
}

type box struct {
	Width  int64 `json:"width"`
	Height int64 `json:"height" default:"1"`
}

// params has a member of every kind, all optional.
type params struct {
	Text    string            `json:"text" default:"\"none\""`
	Number  int64             `json:"number" default:"7"`
	Count   uint64            `json:"count" default:"0"`
	Long    api.Long          `json:"long" default:"0"`
	Ulong   api.Ulong         `json:"ulong" default:"0"`
	Float   api.Float         `json:"float" default:"0"`
	Flag    bool              `json:"flag" default:"true"`
	Color   color             `json:"color" default:"\"red\""`
	Pointer *int64            `json:"pointer,omitzero" default:"null"`
	List    []uint64          `json:"list" default:"[]"`
	Sizes   map[uint64]string `json:"sizes" default:"{}"`
	Box     *box              `json:"box,omitzero" default:"unset"`
	Shape   *shape            `json:"shape,omitzero" default:"unset"`
	Loose   *box              `json:"loose,omitzero" default:"unchecked"`
	Any     any               `json:"any,omitzero" default:"unset"`
	Odd     uint64            `json:"odd" default:"\"\""`
}

func TestDecode(t *testing.T) {
	absent := params{
		Text: "none", Number: 7, Flag: true, Color: "red",
		List: []uint64{}, Sizes: map[uint64]string{},
	}
	with := func(change func(*params)) params {
		p := absent
		change(&p)
		return p
	}
	for _, test := range []struct {
		name, params string
		want         params
		faults       []string
	}{
		{name: "nothing", params: "", want: absent},
		{name: "blanks", params: " \n", want: absent},
		{name: "empty object", params: "{}", want: absent},
		{name: "empty array", params: "[]", want: absent},
		{name: "blanks inside", params: "{ }", want: absent},

		{name: "text", params: `{"text": "é\n"}`, want: with(func(p *params) { p.Text = "é\n" })},
		{name: "text from a number", params: `{"text": 1.50}`, want: with(func(p *params) { p.Text = "1.50" }),
			faults: []string{"text is not text but a number"}},
		{name: "text from a boolean", params: `{"text": true}`, want: with(func(p *params) { p.Text = "True" }),
			faults: []string{"text is not text but a boolean"}},

		{name: "negative", params: `{"number": -5}`, want: with(func(p *params) { p.Number = -5 })},
		{name: "smallest", params: `{"number": -9223372036854775808}`, want: with(func(p *params) { p.Number = math.MinInt64 })},
		{name: "largest", params: `{"count": 18446744073709551615}`, want: with(func(p *params) { p.Count = math.MaxUint64 })},
		{name: "number from text", params: `{"number": " 12 "}`, want: with(func(p *params) { p.Number = 12 }),
			faults: []string{"number is not an integer but text"}},
		{name: "number from a whole fraction", params: `{"number": 3.0}`, want: with(func(p *params) { p.Number = 3 }),
			faults: []string{"number is not an integer but a number"}},
		{name: "number with exponent", params: `{"count": 1e3}`, want: with(func(p *params) { p.Count = 1000 }),
			faults: []string{"count is not an integer but a number"}},
		{name: "booleans count as numbers", params: `{"number": true, "count": false, "long": true}`,
			want: with(func(p *params) { p.Number = 1; p.Long = 1 })},

		{name: "long", params: `{"long": -1.5, "ulong": 2, "float": 3.25}`,
			want: with(func(p *params) { p.Long, p.Ulong, p.Float = -1.5, 2, 3.25 })},
		{name: "long from text", params: `{"long": "1e2"}`, want: with(func(p *params) { p.Long = 100 }),
			faults: []string{"long is not a number but text"}},

		{name: "false", params: `{"flag": false}`, want: with(func(p *params) { p.Flag = false })},
		{name: "false from text", params: `{"flag": "No"}`, want: with(func(p *params) { p.Flag = false }),
			faults: []string{"flag is not a boolean but text"}},
		{name: "false from a number", params: `{"flag": 0}`, want: with(func(p *params) { p.Flag = false }),
			faults: []string{"flag is not a boolean but a number"}},

		{name: "enum", params: `{"color": "blue"}`, want: with(func(p *params) { p.Color = "blue" })},
		{name: "unknown value", params: `{"color": "pink"}`, want: with(func(p *params) { p.Color = "pink" }),
			faults: []string{`color is "pink", not one of red, blue`}},

		{name: "null is given", params: `{"text": null, "number": null, "flag": null, "list": null, "pointer": null, "shape": null}`,
			want: with(func(p *params) { p.Text, p.Number, p.Flag, p.List = "", 0, false, nil })},
		{name: "pointer", params: `{"pointer": 0}`, want: with(func(p *params) { p.Pointer = new(int64(0)) })},
		{name: "list", params: `{"list": [1, "2", null]}`, want: with(func(p *params) { p.List = []uint64{1, 2, 0} }),
			faults: []string{"list[1] is not an integer but text"}},
		{name: "numbers as names", params: `{"sizes": {"4": "a"}}`, want: with(func(p *params) { p.Sizes = map[uint64]string{4: "a"} })},
		{name: "any", params: `{"any": {"a": [1]}}`,
			want: with(func(p *params) { p.Any = map[string]any{"a": []any{json.Number("1")}} })},

		{name: "nested", params: `{"box": {"width": 2}}`, want: with(func(p *params) { p.Box = &box{2, 1} })},
		{name: "nested one lacks a member", params: `{"box": {"height": 3}}`, want: with(func(p *params) { p.Box = &box{0, 3} }),
			faults: []string{"box lacks its member width"}},
		{name: "nested one has a strange member", params: `{"box": {"width": 2, "depth": 3}}`, want: with(func(p *params) { p.Box = &box{2, 1} }),
			faults: []string{"box has an unknown member depth"}},

		{name: "first alternative", params: `{"shape": {"radius": 2}}`,
			want: with(func(p *params) { p.Shape = &shape{api.Union{Raw: json.RawMessage(`{"radius":2}`)}} })},
		{name: "last alternative", params: `{"shape": "dot"}`,
			want: with(func(p *params) { p.Shape = &shape{api.Union{Raw: json.RawMessage(`"dot"`)}} })},
		{name: "alternative with a fault", params: `{"shape": {"height": 2}}`,
			want:   with(func(p *params) { p.Shape = &shape{api.Union{Raw: json.RawMessage(`{"height":2}`)}} }),
			faults: []string{"shape lacks its member width"}},
		{name: "no alternative", params: `{"shape": {"corners": 3}}`,
			want:   with(func(p *params) { p.Shape = &shape{api.Union{Raw: json.RawMessage(`{"corners":3}`)}} }),
			faults: []string{"shape is none of the types it may be"}},

		{name: "unchecked", params: `{"loose": {"width": 1, "height": "high"}}`, want: absent,
			faults: []string{"loose.height must be integer, not text"}},
		{name: "unchecked of another type", params: `{"loose": [1]}`, want: absent,
			faults: []string{"loose must be object, not an array"}},

		{name: "unknown", params: `{"b": 1, "a": 2}`, want: absent,
			faults: []string{"unknown parameter a", "unknown parameter b"}},
		{name: "case counts", params: `{"Text": "x"}`, want: absent, faults: []string{"unknown parameter Text"}},
		{name: "the last of two counts", params: `{"number": 1, "number": 2}`, want: with(func(p *params) { p.Number = 2 })},
		{name: "by position", params: `["x", 5, null, 1.5]`,
			want: with(func(p *params) { p.Text, p.Number, p.Count, p.Long = "x", 5, 0, 1.5 })},
		{name: "broken UTF-8", params: "{\"text\": \"a\xffb\"}", want: with(func(p *params) { p.Text = "a\uFFFDb" })},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got params
			faults, err := planOf(reflect.TypeFor[params]()).decode(json.RawMessage(test.params), &got)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("decoded (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.faults, faults); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, test := range []struct{ name, params, want string }{
		{"no JSON", `{"text": }`, "invalid character '}' looking for beginning of value"},
		{"half of it", `{"text": "a`, "unexpected EOF"},
		{"more behind it", `{"text": "a"} {}`, "params are followed by something else"},
		{"rubbish behind it", `[] x`, "params are followed by something else"},
		{"text", `"text"`, "params are neither an object nor an array"},
		{"null", `null`, "params are neither an object nor an array"},
		{"not a number", `{"long": NaN}`, "invalid character 'N' looking for beginning of value"},
		{"not a number, as text", `{"long": "nan"}`, "long must be number, not text"},
		{"infinite", `{"long": 1e999}`, "long must be number, not a number"},
		{"infinite, as text", `{"number": "inf"}`, "number must be integer, not text"},
		{"hexadecimal", `{"number": "0x10"}`, "number must be integer, not text"},
		{"hexadecimal fraction", `{"long": "0x1p4"}`, "long must be number, not text"},
		{"underscores", `{"number": "1_000"}`, "number must be integer, not text"},
		{"a word", `{"number": "many"}`, "number must be integer, not text"},
		{"empty text", `{"number": ""}`, "number must be integer, not text"},
		{"fraction", `{"number": 1.5}`, "number must be integer, not a number"},
		{"too large", `{"number": 9223372036854775808}`, "number must be integer, not a number"},
		{"far too large", `{"count": 1e300}`, "count must be integer, not a number"},
		{"negative", `{"count": -1}`, "count is negative"},
		{"negative fraction", `{"ulong": -0.5}`, "ulong is negative"},
		{"neither yes nor no", `{"flag": "maybe"}`, "flag must be boolean, not text"},
		{"two", `{"flag": 2}`, "flag must be boolean, not a number"},
		{"array for a flag", `{"flag": [true]}`, "flag must be boolean, not an array"},
		{"object for text", `{"text": {}}`, "text must be text, not an object"},
		{"text for a list", `{"list": "1"}`, "list must be array, not text"},
		{"text for an object", `{"box": "1"}`, "box must be object, not text"},
		{"list for a map", `{"sizes": []}`, "sizes must be object, not an array"},
		{"name that is no number", `{"sizes": {"big": "a"}}`, "sizes must be integer, not text"},
		{"deep inside", `{"list": [1, {}]}`, "list[1] must be integer, not an object"},
		{"deeper inside", `{"box": {"width": []}}`, "box.width must be integer, not an array"},
		{"too many", `[` + strings.Repeat("null,", 16) + `null]`, "list index out of range"},
		{"too deep", `{"any": ` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `}`, "params are nested more than 64 levels deep"},
		{"far too deep", strings.Repeat("[", 1<<20), "params are nested more than 64 levels deep"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got params
			_, err := planOf(reflect.TypeFor[params]()).decode(json.RawMessage(test.params), &got)
			if err == nil {
				t.Fatalf("decoded to %+v, want error %q", got, test.want)
			}
			if err.Error() != test.want {
				t.Errorf("error %q, want %q", err, test.want)
			}
		})
	}
}

func TestDecodeRequired(t *testing.T) {
	type required struct {
		ID   string `json:"id"`
		Size uint64 `json:"size"`
		Note string `json:"note" default:"\"\""`
	}
	for _, test := range []struct{ params, err, fault string }{
		{`{"id": "a", "size": 1}`, "", ""},
		{`["a", 1]`, "", ""},
		{`{}`, "required parameter id is missing", ""},
		{``, "required parameter id is missing", ""},
		{`["a"]`, "required parameter size is missing", ""},
		{`{"size": 1}`, "required parameter id is missing", ""},
		{`{"id": null, "size": 1}`, "", "required parameter id is null"},
	} {
		var got required
		faults, err := planOf(reflect.TypeFor[required]()).decode(json.RawMessage(test.params), &got)
		if text := errorText(err); text != test.err {
			t.Errorf("%s: error %q, want %q", test.params, text, test.err)
		}
		if text := strings.Join(faults, "; "); text != test.fault {
			t.Errorf("%s: faults %q, want %q", test.params, text, test.fault)
		}
	}
}

func TestDeepIsCountedOutsideOfText(t *testing.T) {
	var got params
	nested := strings.Repeat("[", 100) + `\"` + strings.Repeat("{", 100)
	if _, err := planOf(reflect.TypeFor[params]()).decode(json.RawMessage(`{"text": "`+nested+`"}`), &got); err != nil {
		t.Error(err)
	}
	deep := strings.Repeat("[", 63) + strings.Repeat("]", 63)
	if _, err := planOf(reflect.TypeFor[params]()).decode(json.RawMessage(`{"any": `+deep+`}`), &got); err != nil {
		t.Error(err)
	}
}

func TestFaultsAreBounded(t *testing.T) {
	members := []string{`"` + strings.Repeat("x", 1<<20) + `": 1`}
	for i := range 10_000 {
		members = append(members, `"`+strings.Repeat("y", i%50+1)+string(rune('0'+i%10))+`": 1`)
	}
	var got params
	faults, err := planOf(reflect.TypeFor[params]()).decode(json.RawMessage("{"+strings.Join(members, ",")+"}"), &got)
	if err != nil {
		t.Fatal(err)
	}
	if len(faults) != mostFaults {
		t.Errorf("%d faults, want %d", len(faults), mostFaults)
	}
	for _, f := range faults {
		if len(f) > 200 {
			t.Errorf("a fault has %d bytes", len(f))
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
