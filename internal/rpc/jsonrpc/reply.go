// SPDX-License-Identifier: GPL-2.0-or-later

package jsonrpc

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"govdsm/api"
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
	b = appendASCII(b, id)
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
		b = appendASCII(b, id)
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
	b = appendASCII(b, params)
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
	w.bytes = appendASCII(slices.Grow(w.bytes, len(p)), p)
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
			b = appendEscape(b, r)
		default:
			b = append(b, byte(r))
		}
	}
	return append(b, '"')
}

// appendASCII appends JSON with all that is not ASCII escaped. Such bytes
// occur in strings alone, so there is no need to look for those.
func appendASCII(b, raw []byte) []byte {
	for {
		n := asciiPrefix(raw)
		b = append(b, raw[:n]...)
		if raw = raw[n:]; len(raw) == 0 {
			return b
		}
		r, size := utf8.DecodeRune(raw)
		b = appendEscape(b, r)
		raw = raw[size:]
	}
}

// asciiPrefix returns how many bytes at the start are ASCII. It looks at eight
// at a time, as large answers are all ASCII.
func asciiPrefix(b []byte) int {
	n := 0
	for len(b)-n >= 8 && binary.LittleEndian.Uint64(b[n:])&0x8080808080808080 == 0 {
		n += 8
	}
	for n < len(b) && b[n] < utf8.RuneSelf {
		n++
	}
	return n
}

func appendEscape(b []byte, r rune) []byte {
	if r > 0xffff {
		hi, lo := utf16.EncodeRune(r)
		return appendEscape(appendEscape(b, hi), lo)
	}
	const hex = "0123456789abcdef"
	return append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
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
