// SPDX-License-Identifier: GPL-2.0-or-later

package dispatch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"

	"govdsm/api"
)

const (
	// deepest nesting of arguments. Real ones stay below ten.
	deepest = 64
	// mostFaults of one call that are told; a hostile client could make us
	// keep a million.
	mostFaults = 20
	// longestName of an unknown member that is told in full.
	longestName = 64
)

// decode fills into, a pointer to the plan's struct, from the params of a
// request: an object, an array in the order of the fields, or nothing. It
// returns the faults it could make good, first one first; the error is a fault
// it could not.
func (p *plan) decode(params json.RawMessage, into any) (faults []string, err error) {
	d := &decoding{}
	target := reflect.ValueOf(into).Elem()
	params = bytes.TrimSpace(params)
	if len(params) == 0 || bytes.Equal(params, []byte("{}")) || bytes.Equal(params, []byte("[]")) {
		err = d.object(p, nil, target)
		return d.faults, err
	}
	v, err := parse(params)
	if err != nil {
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
		err = errors.New("params are neither an object nor an array")
	}
	return d.faults, err
}

func parse(b []byte) (any, error) {
	if depth(b) > deepest {
		return nil, fmt.Errorf("params are nested more than %d levels deep", deepest)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("params are followed by something else")
	}
	return v, nil
}

// depth returns how deep arrays and objects are nested in the JSON text b.
func depth(b []byte) int {
	open, most, quoted := 0, 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			open++
			most = max(most, open)
		case c == '}' || c == ']':
			open--
		}
	}
	return most
}

// decoding is one walk through the arguments of a call.
type decoding struct{ faults []string }

func (d *decoding) fault(format string, args ...any) {
	if len(d.faults) < mostFaults {
		d.faults = append(d.faults, fmt.Sprintf(format, args...))
	}
}

// object fills the parameters of a call. Only here a missing member is an
// error.
func (d *decoding) object(p *plan, members map[string]any, into reflect.Value) error {
	for _, name := range unknown(members, p) {
		d.fault("unknown parameter %s", short(name))
	}
	for _, f := range p.fields {
		v, given := members[f.name]
		switch {
		case !given && f.required:
			return fmt.Errorf("required parameter %s is missing", f.name)
		case given && v == nil && f.required:
			d.fault("required parameter %s is null", f.name)
		}
		if err := d.member(f, f.name, v, given, into); err != nil {
			return err
		}
	}
	return nil
}

// structure fills a nested object. Missing members are faults that leave the
// zero value: only the parameters of the call itself are insisted on.
func (d *decoding) structure(path string, v any, into reflect.Value) error {
	members, ok := v.(map[string]any)
	if !ok {
		return typeError(path, "object", v)
	}
	p := planOf(into.Type())
	for _, name := range unknown(members, p) {
		d.fault("%s has an unknown member %s", path, short(name))
	}
	for _, f := range p.fields {
		v, given := members[f.name]
		if v == nil && f.required {
			d.fault("%s lacks its member %s", path, f.name)
		}
		if err := d.member(f, path+"."+f.name, v, given, into); err != nil {
			return err
		}
	}
	return nil
}

// member fills one field. An absent one becomes its default; an explicit null
// counts as given and leaves the zero value.
func (d *decoding) member(f planField, path string, v any, given bool, into reflect.Value) error {
	field := into.Field(f.index)
	if !given && f.fallback != nil {
		return new(decoding).value(path, f.fallback, field) // its faults are not the caller's
	}
	if v == nil {
		return nil
	}
	err := d.value(path, v, field)
	if err != nil && f.unchecked {
		d.fault("%s", err)
		field.SetZero() // not half of it
		return nil
	}
	return err
}

// unknown returns the names of the members that the plan does not know.
func unknown(members map[string]any, p *plan) []string {
	var names []string
	for name := range members {
		if _, ok := p.byName[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func short(name string) string {
	if len(name) > longestName {
		return name[:longestName] + "..."
	}
	return name
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// value puts v, which is not nil, into the field at path, converting where
// that is safe.
func (d *decoding) value(path string, v any, into reflect.Value) error {
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		return d.value(path, v, into.Elem())
	}
	if into.Kind() == reflect.Struct {
		if union, ok := into.Interface().(api.OneOf); ok {
			d.union(path, v, union)
		}
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

// union tells the faults of v as the first alternative that knows all its
// members. It only tells: the handler decides which one it takes v for.
func (d *decoding) union(path string, v any, union api.OneOf) {
	members, _ := v.(map[string]any)
	for _, a := range union.Alternatives() {
		t := reflect.TypeOf(a)
		if t.Kind() == reflect.Struct && (members == nil || len(unknown(members, planOf(t))) > 0) {
			continue
		}
		trial := new(decoding)
		if err := trial.value(path, v, reflect.New(t).Elem()); err != nil {
			continue
		}
		for _, f := range trial.faults {
			d.fault("%s", f)
		}
		return
	}
	d.fault("%s is none of the types it may be", path)
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
		if err := d.key(path, k, key); err != nil {
			return err
		}
		if member != nil {
			if err := d.value(path+"."+short(k), member, value); err != nil {
				return err
			}
		}
		into.SetMapIndex(key, value)
	}
	return nil
}

// key converts the name of a member. JSON writes numbers as text there, which
// is no fault.
func (d *decoding) key(path, k string, into reflect.Value) error {
	if into.Kind() == reflect.String {
		return d.scalar(path, k, into)
	}
	return new(decoding).scalar(path, k, into)
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
