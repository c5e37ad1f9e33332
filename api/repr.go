// SPDX-License-Identifier: GPL-2.0-or-later

package api

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The original composes the details of errors with Python's repr, and
// administrators search logs for the result, so the notation is part of the
// contract.

// PyDict is a mapping whose order counts.
type PyDict []PyItem

// PyItem is one member of a PyDict.
type PyItem struct {
	Key   string
	Value any
}

// PyTuple is a sequence written in round brackets.
type PyTuple []any

// Repr writes v as Python's repr does: nil, booleans, numbers, text, PyDict,
// PyTuple, lists, and maps sorted by key. A pointer is what it points to.
// Anything else is written as the text that fmt makes of it.
func Repr(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case PyDict:
		items := make([]string, len(v))
		for i, it := range v {
			items[i] = reprText(it.Key) + ": " + Repr(it.Value)
		}
		return "{" + strings.Join(items, ", ") + "}"
	case PyTuple:
		if len(v) == 1 {
			return "(" + Repr(v[0]) + ",)"
		}
		return "(" + reprItems(reflect.ValueOf(v)) + ")"
	case error:
		return reprText(v.Error())
	case fmt.Stringer:
		return reprText(v.String())
	}
	return reprKind(reflect.ValueOf(v))
}

func reprKind(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			return "True"
		}
		return "False"
	case reflect.String:
		return reprText(v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(v.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		return reprFloat(v.Float())
	case reflect.Slice, reflect.Array:
		return "[" + reprItems(v) + "]"
	case reflect.Map:
		var items []string
		for _, k := range v.MapKeys() {
			items = append(items, Repr(k.Interface())+": "+Repr(v.MapIndex(k).Interface()))
		}
		slices.Sort(items)
		return "{" + strings.Join(items, ", ") + "}"
	case reflect.Pointer:
		if v.IsNil() {
			return "None"
		}
		return Repr(v.Elem().Interface())
	default:
		return reprText(fmt.Sprint(v.Interface()))
	}
}

func reprItems(list reflect.Value) string {
	items := make([]string, list.Len())
	for i := range items {
		items[i] = Repr(list.Index(i).Interface())
	}
	return strings.Join(items, ", ")
}

// reprFloat writes the shortest text that reads back equal, with a fraction or
// an exponent. Python changes to the exponent at 1e-4 and 1e16.
func reprFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 0):
		return strings.TrimPrefix(strings.ToLower(strconv.FormatFloat(f, 'g', -1, 64)), "+")
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// reprText prefers single quotes and takes double ones only for a text that
// has a single quote and no double one. Bytes that are no UTF-8 are written as
// Python writes those it let through from a file name or a program.
func reprText(s string) string {
	quote := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	b := make([]byte, 0, len(s)+2)
	b = append(b, quote)
	for i, r := range s {
		switch {
		case r == rune(quote) || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			b = fmt.Appendf(b, `\udc%02x`, s[i])
		case strconv.IsPrint(r):
			b = utf8.AppendRune(b, r)
		case r <= 0xff:
			b = fmt.Appendf(b, `\x%02x`, r)
		case r <= 0xffff:
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			b = fmt.Appendf(b, `\U%08x`, r)
		}
	}
	return string(append(b, quote))
}
