// SPDX-License-Identifier: GPL-2.0-or-later

package jsonrpc

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strconv"

	"govdsm/api"
	"govdsm/internal/asciijson"
)

// The envelope has the order of members and the spaces of the original.
const (
	replyHead  = `{"jsonrpc": "2.0", "id": `
	resultHead = `, "result": `
	errorHead  = `, "error": {"code": `
	eventHead  = `{"jsonrpc": "2.0", "method": `
)

// appendResult appends a reply with the result of a call. On error, when the
// result has no JSON form, b is returned as it was.
func appendResult(b []byte, id json.RawMessage, result any) ([]byte, error) {
	start := len(b)
	b = append(b, replyHead...)
	b = asciijson.Append(b, id)
	b = append(b, resultHead...)
	b, err := appendValue(b, result)
	if err != nil {
		return b[:start], err
	}
	return append(b, '}'), nil
}

// appendError appends a reply with an error; a nil id is null.
func appendError(b []byte, id json.RawMessage, number int, message string) []byte {
	b = append(b, replyHead...)
	if id == nil {
		b = append(b, "null"...)
	} else {
		b = asciijson.Append(b, id)
	}
	b = append(b, errorHead...)
	b = strconv.AppendInt(b, int64(number), 10)
	b = append(b, `, "message": `...)
	b = appendText(b, message)
	return append(b, '}', '}')
}

// appendEvent appends an event.
func appendEvent(b []byte, name string, params json.RawMessage) []byte {
	b = append(b, eventHead...)
	b = appendText(b, name)
	b = append(b, `, "params": `...)
	b = asciijson.Append(b, params)
	return append(b, '}')
}

// appendValue appends the JSON of v in ASCII. Nothing is true, an absent list
// or mapping is an empty one: no reply is ever null.
func appendValue(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil, api.Nothing, *api.Nothing:
		return append(b, "true"...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case string:
		return appendText(b, v), nil
	}
	start, w := len(b), asciiWriter{b}
	enc := json.NewEncoder(&w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(unwrapped(v)); err != nil {
		return b, err
	}
	b = bytes.TrimSuffix(w.bytes, []byte{'\n'})
	if string(b[start:]) == "null" {
		return append(b[:start], emptyOf(v)...), nil
	}
	return b, nil
}

// asciiWriter collects JSON in ASCII.
type asciiWriter struct{ bytes []byte }

func (w *asciiWriter) Write(p []byte) (int, error) {
	w.bytes = asciijson.Append(slices.Grow(w.bytes, len(p)), p)
	return len(p), nil
}

// holder is implemented by what stands for another value.
type holder interface{ Held() any }

// unwrapped returns what the elements of a list stand for. The statistics of
// all VMs, the largest answer there is, are such a list; package json would
// read what each element makes of itself once more, which takes longer than
// making it.
func unwrapped(v any) any {
	list := reflect.ValueOf(v)
	if list.Kind() != reflect.Slice || list.IsNil() || !list.Type().Elem().Implements(reflect.TypeFor[holder]()) {
		return v
	}
	held := make([]any, list.Len())
	for i := range held {
		held[i] = list.Index(i).Interface().(holder).Held()
	}
	return held
}

func emptyOf(v any) string {
	switch reflect.TypeOf(v).Kind() {
	case reflect.Slice:
		return "[]"
	case reflect.Map:
		return "{}"
	default:
		return "true"
	}
}

// appendText appends s as a JSON string in ASCII.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s { // bytes that are not UTF-8 come as U+FFFD
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, '\\', 'n')
		case r == '\r':
			b = append(b, '\\', 'r')
		case r == '\t':
			b = append(b, '\\', 't')
		case r < ' ' || r > '~':
			b = asciijson.AppendRune(b, r)
		default:
			b = append(b, byte(r))
		}
	}
	return append(b, '"')
}

// wire returns the code and the text that clients see of an error.
func wire(err error) (number int, message string) {
	if e, ok := errors.AsType[*api.Error](err); ok {
		return e.Number, e.Error()
	}
	if c, ok := errors.AsType[*api.Code](err); ok {
		return c.Number, c.Error()
	}
	general := api.ErrGeneral.Of(err.Error())
	return general.Number, general.Error()
}
