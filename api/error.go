// SPDX-License-Identifier: GPL-2.0-or-later

package api

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Format says how the text of an error is composed from its parts. Clients
// match on the code, people search for the text.
type Format int

const (
	// Plain is the message alone.
	Plain Format = iota
	// Context is the message, a colon and a mapping in Python's notation.
	Context
	// Value is the message, a colon and a tuple in Python's notation.
	Value
	// GlusterFormat is the message with return code, output and error lines
	// of the gluster command.
	GlusterFormat
)

// Code is a declared error code. A Code is itself an error, so that it can be
// returned bare and matched with errors.Is.
type Code struct {
	Number  int
	Name    string // of the class in the original: "NoSuchVM"
	Message string
	Format  Format
}

// Error returns the message.
func (c *Code) Error() string { return c.Message }

// Error is an error code with the details of one failure. Inside the daemon it
// travels wrapped; the wire carries Number and Text of the innermost one.
type Error struct {
	*Code
	detail string // what follows the message, composed already
	cause  error
}

// Error returns the text as a client sees it.
func (e *Error) Error() string {
	if e.detail == "" {
		return e.Message
	}
	if e.Message == "" {
		return e.detail
	}
	return e.Message + ": " + e.detail
}

// Unwrap makes the code and the cause findable.
func (e *Error) Unwrap() []error {
	if e.cause == nil {
		return []error{e.Code}
	}
	return []error{e.Code, e.cause}
}

// With returns the error with named details, given as pairs of name and value:
//
//	ErrNoSuchVM.With("vmId", id)  →  Virtual machine does not exist: {'vmId': '…'}
func (c *Code) With(pairs ...any) *Error {
	d := make(PyDict, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		d = append(d, PyItem{fmt.Sprint(pairs[i]), pairs[i+1]})
	}
	return &Error{Code: c, detail: Repr(d)}
}

// Of returns the error with its values as a tuple:
//
//	ErrStoragePoolUnknown.Of(id)  →  Unknown pool id, pool not connected: ('…',)
func (c *Code) Of(values ...any) *Error {
	return &Error{Code: c, detail: Repr(PyTuple(values))}
}

// Because returns the error with free text after its message.
func (c *Code) Because(text string) *Error { return &Error{Code: c, detail: text} }

// Says returns the error with free text in place of its message, for the codes
// whose text comes from the place of failure.
func (c *Code) Says(text string) *Error {
	plain := *c
	plain.Message = ""
	return &Error{Code: &plain, detail: text, cause: c}
}

// Caused returns a copy of the error that remembers its cause. The cause goes
// to the log, not to the client.
func (e *Error) Caused(cause error) *Error {
	with := *e
	with.cause = cause
	return &with
}

// codes collects the codes while the package's variables are initialised and
// is not written afterwards.
var codes []*Code

func code(number int, name string, format Format, message string) *Code {
	c := &Code{Number: number, Name: name, Message: message, Format: format}
	codes = append(codes, c)
	return c
}

// Codes returns all declared error codes, sorted by number, then name.
func Codes() []*Code {
	return slices.SortedFunc(slices.Values(codes), func(a, b *Code) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Name, b.Name))
	})
}

// The original composes details with Python's repr, and administrators search
// logs for the result, so the notation is part of the contract.

// PyDict is a mapping whose order counts.
type PyDict []PyItem

// PyItem is one member of a PyDict.
type PyItem struct {
	Key   string
	Value any
}

// PyTuple is a sequence written in round brackets.
type PyTuple []any

// Repr writes v as Python's repr does. It knows nil, booleans, numbers, text,
// PyDict, PyTuple, slices of those and map[string]any (sorted); anything else
// is written as text.
func Repr(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case string:
		return reprText(v)
	case int, int64, uint64, int32, uint32, uint16:
		return fmt.Sprint(v)
	case float64:
		b, _ := Float(v).MarshalJSON()
		return string(b)
	case PyDict:
		items := make([]string, len(v))
		for i, it := range v {
			items[i] = reprText(it.Key) + ": " + Repr(it.Value)
		}
		return "{" + strings.Join(items, ", ") + "}"
	case PyTuple:
		s := reprList(v)
		if len(v) == 1 {
			s += ","
		}
		return "(" + s + ")"
	case []any:
		return "[" + reprList(v) + "]"
	case []string:
		items := make([]any, len(v))
		for i, s := range v {
			items[i] = s
		}
		return "[" + reprList(items) + "]"
	case map[string]any:
		d := make(PyDict, 0, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			d = append(d, PyItem{k, v[k]})
		}
		return Repr(d)
	default:
		return reprText(fmt.Sprint(v))
	}
}

func reprList(vs []any) string {
	items := make([]string, len(vs))
	for i, v := range vs {
		items[i] = Repr(v)
	}
	return strings.Join(items, ", ")
}

// reprText prefers single quotes and takes double ones only for a text that
// has a single quote and no double one.
func reprText(s string) string {
	quote := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	b := []byte{quote}
	for _, r := range s {
		switch {
		case r == rune(quote) || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r < 0x20 || r == 0x7f:
			b = fmt.Appendf(b, `\x%02x`, r)
		case !strconv.IsPrint(r) && r <= 0xff:
			b = fmt.Appendf(b, `\x%02x`, r)
		case !strconv.IsPrint(r) && r <= 0xffff:
			b = fmt.Appendf(b, `\u%04x`, r)
		case !strconv.IsPrint(r):
			b = fmt.Appendf(b, `\U%08x`, r)
		default:
			b = append(b, string(r)...)
		}
	}
	return string(append(b, quote))
}

// Answer is the error that a host answered with a code and a text. The code
// may be one that this package does not declare.
func Answer(number int, text string) *Error {
	declared := &Code{Number: number}
	for _, c := range codes {
		if c.Number == number && (declared.Name == "" || strings.HasPrefix(text, c.Message)) {
			declared = c
		}
	}
	answered := *declared
	answered.Message = ""
	return &Error{Code: &answered, detail: text, cause: declared}
}
