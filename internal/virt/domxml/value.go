// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Kind is the type of a metadata value: the text of its type attribute.
type Kind string

// The kinds. KindText is written without the attribute.
const (
	KindText  Kind = ""
	KindBool  Kind = "bool"
	KindInt   Kind = "int"
	KindFloat Kind = "float"
)

// Value is one metadata value. Values are equal when == says so.
type Value struct {
	Kind Kind
	Text string // as it is stored, in Python's notation
}

// Text returns a value that is text.
func Text(s string) Value { return Value{KindText, s} }

// Int returns a value that is a whole number.
func Int(n int64) Value { return Value{KindInt, strconv.FormatInt(n, 10)} }

// Bool returns a value that is true or false.
func Bool(b bool) Value {
	if b {
		return Value{KindBool, "True"}
	}
	return Value{KindBool, "False"}
}

// Float returns a value that is a number with a fraction.
func Float(f float64) Value { return Value{KindFloat, pythonFloat(f)} }

// pythonFloat writes f with the fewest digits that read back the same, and
// always so that it does not look like a whole number, as Python's repr does.
func pythonFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	abs := math.Abs(f)
	if abs != 0 && (abs < 1e-4 || abs >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// parseValue reads a value of the kind that the type attribute names; hinted
// tells an absent attribute from an empty one. An unknown kind is text. A
// number or truth value without a text is an error, as is one that cannot be
// read.
func parseValue(name, kind string, hinted bool, text string) (Value, error) {
	if hinted && text == "" && kind != "str" {
		return Value{}, malformed("metadata value %s has type %s and no text", name, kind)
	}
	switch Kind(kind) {
	case KindBool:
		return Bool(truth(text)), nil
	case KindInt:
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil {
			return Value{}, malformed("metadata value %s is no int: %.40q", name, text)
		}
		return Int(n), nil
	case KindFloat:
		f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil {
			return Value{}, malformed("metadata value %s is no float: %.40q", name, text)
		}
		return Float(f), nil
	}
	return Text(text), nil
}

// truth reads a truth value as lib/vdsm/common/conv.py does: "true" in any
// case, or a number other than zero.
func truth(text string) bool {
	text = strings.TrimSpace(text)
	if strings.EqualFold(text, "true") {
		return true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && n != 0
}

// Values are metadata values by name.
type Values map[string]Value

// Text returns the value as text, "" without one.
func (v Values) Text(name string) string { return v[name].Text }

// Bool returns the value as truth value whatever its kind, missing when there
// is none.
func (v Values) Bool(name string, missing bool) bool {
	val, ok := v[name]
	if !ok {
		return missing
	}
	return truth(val.Text)
}

// Int returns the value as whole number; false when it is missing or none.
func (v Values) Int(name string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(v[name].Text), 10, 64)
	return n, err == nil
}

// Float returns the value as number; false when it is missing or none.
func (v Values) Float(name string) (float64, bool) {
	f, err := strconv.ParseFloat(strings.TrimSpace(v[name].Text), 64)
	return f, err == nil
}

// Strings returns the values' texts by name, as hooks get them.
func (v Values) Strings() map[string]string {
	m := make(map[string]string, len(v))
	for name, val := range v {
		m[name] = val.Text
	}
	return m
}

// String helps in messages of failing tests.
func (v Value) String() string {
	if v.Kind == KindText {
		return strconv.Quote(v.Text)
	}
	return fmt.Sprintf("%s(%s)", v.Kind, v.Text)
}
