// SPDX-License-Identifier: GPL-2.0-or-later

package api

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
)

// The wire knows six kinds of scalar. Three of them are Go's own: text is
// string, "int" is int64 and "uint" is uint64. The others are named here.

// Long is a number that may carry a fraction.
type Long float64

// Ulong is a number, not negative, that may carry a fraction.
type Ulong float64

// Float is a number that is written with a fraction even when it is whole, as
// the original writes it.
type Float float64

// MarshalJSON writes the shortest text that reads back equal, as Python does.
func (f Float) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(f)) || math.IsInf(float64(f), 0) {
		return nil, &json.UnsupportedValueError{Value: reflect.ValueOf(f), Str: reprFloat(float64(f))}
	}
	return []byte(reprFloat(float64(f))), nil
}

// Enum is implemented by text types with a fixed set of values.
type Enum interface {
	// Values returns all values the wire may carry.
	Values() []string
}

// Union holds a value that may be of one of several types; it is embedded in a
// named type whose Alternatives say which.
type Union struct {
	Value any             // when sending: the value itself
	Raw   json.RawMessage // when received: its JSON
}

// MarshalJSON writes the value that the union holds.
func (u Union) MarshalJSON() ([]byte, error) {
	return json.Marshal(u.Held())
}

// Held returns what MarshalJSON writes.
func (u Union) Held() any {
	if u.Value == nil && u.Raw != nil {
		return u.Raw
	}
	return u.Value
}

// UnmarshalJSON keeps the JSON; As decodes it.
func (u *Union) UnmarshalJSON(b []byte) error {
	u.Raw = bytes.Clone(b)
	return nil
}

// As decodes a received union into target, a pointer to one of the
// alternatives.
func (u Union) As(target any) error {
	raw := u.Raw
	if raw == nil {
		var err error
		if raw, err = json.Marshal(u.Value); err != nil {
			return err
		}
	}
	return json.Unmarshal(raw, target)
}

// OneOf is implemented by unions.
type OneOf interface {
	// Alternatives returns a zero value of each type the union may hold.
	Alternatives() []any
}

// enum lists the values of an enumeration as text.
func enum[T ~string](values ...T) []string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return texts
}
