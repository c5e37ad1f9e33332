// SPDX-License-Identifier: GPL-2.0-or-later

package privileged

import (
	"context"
	"errors"
	"slices"
	"syscall"

	"govdsm/api"
)

var (
	// ErrUnavailable says that supervdsmd cannot be reached. Nothing was done.
	ErrUnavailable = errors.New("supervdsmd cannot be reached")
	// ErrLost says that the connection ended before the answer came. The
	// operation may have been carried out or not.
	ErrLost = errors.New("the connection to supervdsmd was lost during the call")
	// ErrNotAllowed says that supervdsmd does not take requests of this uid.
	ErrNotAllowed = errors.New("supervdsmd does not take requests of this user")
	// ErrUnknownOperation says that the operation is not on the list.
	ErrUnknownOperation = errors.New("no such operation")
	// ErrBusy says that too many calls are under way. Nothing was done.
	ErrBusy = errors.New("too many calls to supervdsmd at one time")
)

// kinds name the errors that keep their identity on the wire.
func kinds() map[string]error {
	return map[string]error{
		"not allowed":       ErrNotAllowed,
		"unknown operation": ErrUnknownOperation,
		"busy":              ErrBusy,
		"deadline":          context.DeadlineExceeded,
		"cancelled":         context.Canceled,
	}
}

// wireError is an error on its way to the caller.
type wireError struct {
	Code  int           `json:"code,omitempty"` // of package api, with its name
	Name  string        `json:"name,omitempty"`
	Kind  string        `json:"kind,omitempty"`  // one of kinds
	Errno syscall.Errno `json:"errno,omitempty"` // of the system call that failed
	Text  string        `json:"text"`
}

func toWire(err error) *wireError {
	w := &wireError{Text: err.Error()}
	if e, ok := errors.AsType[*api.Error](err); ok {
		w.Code, w.Name, w.Text = e.Number, e.Name, e.Error()
	} else if c, ok := errors.AsType[*api.Code](err); ok {
		w.Code, w.Name = c.Number, c.Name
	}
	for kind, known := range kinds() {
		if errors.Is(err, known) {
			w.Kind = kind
		}
	}
	w.Errno, _ = errors.AsType[syscall.Errno](err)
	return w
}

// Remote is an error that supervdsmd answered without a code of package api.
// It matches the system call's error number, if there was one, so that
// errors.Is(err, fs.ErrNotExist) works across the link.
type Remote struct {
	Op   string
	Text string

	is []error
}

// Error returns the text of the other side.
func (e *Remote) Error() string { return e.Op + ": " + e.Text }

// Unwrap returns the errors that e matches.
func (e *Remote) Unwrap() []error { return e.is }

// fromWire is the reverse of toWire.
func fromWire(op string, w *wireError) error {
	if w.Code != 0 || w.Name != "" {
		for _, c := range api.Codes() {
			if c.Number == w.Code && c.Name == w.Name {
				return c.Says(w.Text)
			}
		}
	}
	e := &Remote{Op: op, Text: w.Text}
	if known, ok := kinds()[w.Kind]; ok {
		e.is = append(e.is, known)
	}
	if w.Errno != 0 {
		e.is = append(e.is, w.Errno)
	}
	e.is = slices.Clip(e.is)
	return e
}
