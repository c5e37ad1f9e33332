// SPDX-License-Identifier: GPL-2.0-or-later

package dispatch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"govdsm/api"
)

// A plan says how to fill one struct type from JSON.
type plan struct {
	fields []planField
	byName map[string]int
}

type planField struct {
	name      string
	index     int
	required  bool
	unchecked bool // any value is taken; what does not fit is left out
	fallback  any  // decoded default of an absent member; nil leaves the zero value
}

var plans sync.Map // reflect.Type -> *plan

func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	p := &plan{byName: make(map[string]int)}
	for i := range t.NumField() {
		f := t.Field(i)
		tag, ok := f.Tag.Lookup("json")
		if !ok {
			continue
		}
		pf := planField{index: i}
		pf.name, _, _ = strings.Cut(tag, ",")
		switch def, has := f.Tag.Lookup("default"); {
		case !has:
			pf.required = true
		case def == "unchecked":
			pf.unchecked = true
		case def == "unset":
		default:
			v, err := parse([]byte(def))
			if err != nil {
				panic(fmt.Sprintf("dispatch: %s.%s: default tag is not JSON: %v", t, f.Name, err))
			}
			pf.fallback = v
		}
		p.byName[pf.name] = len(p.fields)
		p.fields = append(p.fields, pf)
	}
	plans.Store(t, p)
	return p
}

// decode fills into, a pointer to the plan's struct, from the params of a
// request: an object, an array in the order of the fields, or nothing. It
// returns the faults it could make good, first one first; the error is a fault
// it could not.
func (p *plan) decode(params json.RawMessage, into any) (faults []string, err error) {
	d := &decoding{}
	target := reflect.ValueOf(into).Elem()
	params = bytes.TrimSpace(params)
	switch {
	case len(params) == 0 || bytes.Equal(params, []byte("{}")) || bytes.Equal(params, []byte("[]")):
		if len(p.fields) == 0 {
			return nil, nil
		}
		err = d.object(p, map[string]any{}, target)
	default:
		var v any
		if v, err = parse(params); err != nil {
			return nil, err
		}
		switch v := v.(type) {
		case map[string]any:
			err = d.object(p, v, target)
		case []any:
			if len(v) > len(p.fields) {
				return nil, errors.New("list index out of range")
			}
			named := make(map[string]any, len(v))
			for i := range v {
				named[p.fields[i].name] = v[i]
			}
			err = d.object(p, named, target)
		default:
			return nil, errors.New("params are neither an object nor an array")
		}
	}
	return d.faults, err
}

func parse(b []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var v any
	err := dec.Decode(&v)
	return v, err
}

// decoding is one walk through the arguments of a call.
type decoding struct{ faults []string }

func (d *decoding) fault(format string, args ...any) {
	d.faults = append(d.faults, fmt.Sprintf(format, args...))
}

func (d *decoding) object(p *plan, members map[string]any, into reflect.Value) error {
	for _, name := range slices.Sorted(keysNotIn(members, p.byName)) {
		d.fault("unknown parameter %s", name)
	}
	for _, f := range p.fields {
		v, given := members[f.name]
		if !given {
			if f.required {
				return fmt.Errorf("required parameter %s is missing", f.name)
			}
			if v = f.fallback; v == nil {
				continue
			}
		}
		if v == nil { // an explicit null counts as given and leaves the zero value
			continue
		}
		if err := d.value(f.name, v, into.Field(f.index)); err != nil {
			if f.unchecked {
				d.fault("%s", err)
				continue
			}
			return err
		}
	}
	return nil
}

func keysNotIn(m map[string]any, known map[string]int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if _, ok := known[k]; !ok && !yield(k) {
				return
			}
		}
	}
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// value puts v into the field at path, converting where that is safe.
func (d *decoding) value(path string, v any, into reflect.Value) error {
	if into.Kind() == reflect.Pointer {
		if v == nil {
			return nil
		}
		into.Set(reflect.New(into.Type().Elem()))
		return d.value(path, v, into.Elem())
	}
	if reflect.PointerTo(into.Type()).Implements(unmarshaler) {
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		return into.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(raw)
	}
	switch into.Kind() {
	case reflect.Struct:
		return d.structure(path, v, into)
	case reflect.Map:
		return d.mapping(path, v, into)
	case reflect.Slice:
		return d.list(path, v, into)
	case reflect.Interface:
		into.Set(reflect.ValueOf(v))
		return nil
	default:
		return d.scalar(path, v, into)
	}
}

// structure fills a nested object. Missing members are faults that leave the
// zero value: only the parameters of the call itself are insisted on.
func (d *decoding) structure(path string, v any, into reflect.Value) error {
	members, ok := v.(map[string]any)
	if !ok {
		return typeError(path, "object", v)
	}
	p := planOf(into.Type())
	for _, name := range slices.Sorted(keysNotIn(members, p.byName)) {
		d.fault("%s has an unknown member %s", path, name)
	}
	for _, f := range p.fields {
		v, given := members[f.name]
		if !given {
			if f.required {
				d.fault("%s lacks its member %s", path, f.name)
				continue
			}
			v = f.fallback
		}
		if v == nil {
			continue
		}
		if err := d.value(path+"."+f.name, v, into.Field(f.index)); err != nil {
			if !f.unchecked {
				return err
			}
			d.fault("%s", err)
		}
	}
	return nil
}

func (d *decoding) mapping(path string, v any, into reflect.Value) error {
	members, ok := v.(map[string]any)
	if !ok {
		return typeError(path, "object", v)
	}
	t := into.Type()
	into.Set(reflect.MakeMapWithSize(t, len(members)))
	for k, member := range members {
		key, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		if err := d.scalar(path, k, key); err != nil {
			return err
		}
		if member != nil {
			if err := d.value(path+"."+k, member, value); err != nil {
				return err
			}
		}
		into.SetMapIndex(key, value)
	}
	return nil
}

func (d *decoding) list(path string, v any, into reflect.Value) error {
	items, ok := v.([]any)
	if !ok {
		return typeError(path, "array", v)
	}
	into.Set(reflect.MakeSlice(into.Type(), len(items), len(items)))
	for i, item := range items {
		if item == nil {
			continue
		}
		if err := d.value(path+"["+strconv.Itoa(i)+"]", item, into.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// scalar converts between text, numbers and booleans: the original's command
// line sends every value as text, and managers send some numbers so.
func (d *decoding) scalar(path string, v any, into reflect.Value) error {
	switch into.Kind() {
	case reflect.String:
		return d.text(path, v, into)
	case reflect.Bool:
		return d.boolean(path, v, into)
	case reflect.Int64, reflect.Uint64:
		return d.integer(path, v, into)
	case reflect.Float64:
		f, exact, ok := number(v)
		if !ok || math.IsInf(f, 0) || math.IsNaN(f) {
			return typeError(path, "number", v)
		}
		if !exact {
			d.fault("%s is not a number but %s", path, kindOf(v))
		}
		into.SetFloat(f)
		return nil
	default:
		return fmt.Errorf("%s cannot be decoded into %s", path, into.Type())
	}
}

func (d *decoding) text(path string, v any, into reflect.Value) error {
	switch v := v.(type) {
	case string:
		into.SetString(v)
	case json.Number:
		d.fault("%s is not text but a number", path)
		into.SetString(v.String())
	case bool:
		d.fault("%s is not text but a boolean", path)
		into.SetString(api.Repr(v))
	default:
		return typeError(path, "text", v)
	}
	if e, ok := into.Interface().(api.Enum); ok && !slices.Contains(e.Values(), into.String()) {
		d.fault("%s is %q, not one of %s", path, into.String(), strings.Join(e.Values(), ", "))
	}
	return nil
}

func (d *decoding) boolean(path string, v any, into reflect.Value) error {
	b, ok := v.(bool)
	if !ok {
		switch text := strings.ToLower(fmt.Sprint(v)); text {
		case "true", "yes", "on", "1":
			b = true
		case "false", "no", "off", "0", "":
		default:
			return typeError(path, "boolean", v)
		}
		d.fault("%s is not a boolean but %s", path, kindOf(v))
	}
	into.SetBool(b)
	return nil
}

func (d *decoding) integer(path string, v any, into reflect.Value) error {
	text, exact := "", false
	switch v := v.(type) {
	case json.Number:
		text, exact = v.String(), true
	case string:
		text = strings.TrimSpace(v)
	case bool: // Python counts booleans as integers, without complaint
		text, exact = "0", true
		if v {
			text = "1"
		}
	default:
		return typeError(path, "integer", v)
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && into.Kind() == reflect.Int64 {
		into.SetInt(n)
	} else if u, err := strconv.ParseUint(text, 10, 64); err == nil && into.Kind() == reflect.Uint64 {
		into.SetUint(u)
	} else if f, err := strconv.ParseFloat(text, 64); err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		exact = false
		if into.Kind() == reflect.Int64 {
			into.SetInt(int64(f))
		} else if f >= 0 {
			into.SetUint(uint64(f))
		} else {
			return fmt.Errorf("%s is negative", path)
		}
	} else {
		return typeError(path, "integer", v)
	}
	if !exact {
		d.fault("%s is not an integer but %s", path, kindOf(v))
	}
	return nil
}

func number(v any) (f float64, exact, ok bool) {
	switch v := v.(type) {
	case json.Number:
		f, err := v.Float64()
		return f, true, err == nil
	case string:
		f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		return f, false, err == nil
	}
	return 0, false, false
}

func typeError(path, want string, got any) error {
	return fmt.Errorf("%s must be %s, not %s", path, want, kindOf(got))
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	case string:
		return "text"
	case []any:
		return "an array"
	default:
		return "an object"
	}
}
