// SPDX-License-Identifier: GPL-2.0-or-later

package api

import (
	"cmp"
	"fmt"
	"slices"
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

// Error returns the text of the bare code, as a client sees it.
func (c *Code) Error() string {
	switch {
	case c.Message == "":
		return c.Name
	case c.Format == Value:
		return c.Message + ": ()"
	case c.Format == GlusterFormat:
		return c.Message + ": rc=0 out=() err=()"
	}
	return c.Message
}

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

// OfText returns the error with one value that is text, for the classes of the
// original that compose their value themselves:
//
//	ErrImageDoesNotExistInSD.OfText("image=…, domain=…")  →  Image does not exist in domain: 'image=…, domain=…'
func (c *Code) OfText(value string) *Error { return &Error{Code: c, detail: Repr(value)} }

// Ran returns the error with what a gluster command left behind: return code
// and the lines of its output and errors.
func (c *Code) Ran(rc int, out, errs []string) *Error {
	lines := func(l []string) string {
		if l == nil {
			return "()" // the original's default
		}
		return Repr(l)
	}
	return &Error{Code: c, detail: fmt.Sprintf("rc=%d out=%s err=%s", rc, lines(out), lines(errs))}
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
