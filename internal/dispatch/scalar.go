// SPDX-License-Identifier: GPL-2.0-or-later

package dispatch

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"govdsm/api"
)

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
		return d.float(path, v, into)
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
		d.fault("%s is %q, not one of %s", path, short(into.String()), strings.Join(e.Values(), ", "))
	}
	return nil
}

func (d *decoding) boolean(path string, v any, into reflect.Value) error {
	var text string
	switch v := v.(type) {
	case bool:
		into.SetBool(v)
		return nil
	case string:
		text = strings.ToLower(strings.TrimSpace(v))
	case json.Number:
		text = v.String()
	default:
		return typeError(path, "boolean", v)
	}
	switch text {
	case "true", "yes", "on", "1":
		into.SetBool(true)
	case "false", "no", "off", "0", "":
		into.SetBool(false)
	default:
		return typeError(path, "boolean", v)
	}
	d.fault("%s is not a boolean but %s", path, kindOf(v))
	return nil
}

func (d *decoding) integer(path string, v any, into reflect.Value) error {
	text, exact, ok := digits(v)
	if !ok {
		return typeError(path, "integer", v)
	}
	signed := into.Kind() == reflect.Int64
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && signed {
		into.SetInt(n)
	} else if u, err := strconv.ParseUint(text, 10, 64); err == nil && !signed {
		into.SetUint(u)
	} else if f, err := strconv.ParseFloat(text, 64); err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
		return typeError(path, "integer", v) // 2^53 and up are not exact as a float
	} else if exact = false; signed {
		into.SetInt(int64(f))
	} else if f >= 0 {
		into.SetUint(uint64(f))
	} else {
		return fmt.Errorf("%s is negative", path)
	}
	if !exact {
		d.fault("%s is not an integer but %s", path, kindOf(v))
	}
	return nil
}

func (d *decoding) float(path string, v any, into reflect.Value) error {
	text, exact, ok := digits(v)
	if !ok {
		return typeError(path, "number", v)
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return typeError(path, "number", v)
	}
	if into.Type() == reflect.TypeFor[api.Ulong]() && f < 0 {
		return fmt.Errorf("%s is negative", path)
	}
	if !exact {
		d.fault("%s is not a number but %s", path, kindOf(v))
	}
	into.SetFloat(f)
	return nil
}

// digits returns v as decimal text, and whether v was a number already. Python
// counts booleans as numbers, without complaint.
func digits(v any) (text string, exact, ok bool) {
	switch v := v.(type) {
	case json.Number:
		return v.String(), true, true
	case bool:
		if v {
			return "1", true, true
		}
		return "0", true, true
	case string:
		text := strings.TrimSpace(v)
		return text, false, !strings.ContainsAny(text, "xX_") // Go's notation, nobody else's
	}
	return "", false, false
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
