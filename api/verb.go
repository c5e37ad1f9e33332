// SPDX-License-Identifier: GPL-2.0-or-later

// Package api declares what VDSM offers on the wire: every verb with its
// parameters and result, every event, every error code, each exactly once.
//
// The package has no logic of its own and imports nothing of this project.
// Argument checks, the JSON schema, the reference, the Go client and the
// command line are derived from the declarations, by reflection and from the
// comments in these files.
//
// # Reading a declaration
//
// A verb is a value:
//
//	var VMGetInfo = declare[VMGetInfoParams, VmShortStatus]("VM.getInfo", "3.1")
//
// The text at the end is the version of VDSM that brought the verb. Its
// parameters are the fields of the first type, in the order in which a
// positional call passes them. A field without a `default` tag is required.
// The tag holds what an absent member becomes, as JSON, or one of two words:
//
//	default:"unchecked"  absent is fine and the value is not checked at all
//	default:"unset"      absent is fine and stays absent
//
// The tag api:"object" marks parameters that name what the call is about. A
// field that is a pointer, or has omitzero, is left out of an answer while it
// is not known: nothing here is ever made up.
//
// The type of the result is what stands in the "result" member of the reply.
// A [Union] is one of several types, an [Enum] is text with fixed values.
//
// # Calling, answering, failing
//
// A client calls a verb with [Verb.Call]. A handler answers with a value of the
// result's type, or fails with a declared code:
//
//	return nil, ErrNoSuchVM.With("vmId", id)
//
// The comments of fields are short: units, shape, and what the name leaves open.
package api

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"strings"
)

// Declaration is the untyped view of a verb, for code that treats all verbs
// alike: dispatch, documentation, command line.
type Declaration struct {
	Name   string       // "VM.getStats": namespace, dot, method
	Since  string       // version of VDSM that brought the verb; "" when not recorded
	Params reflect.Type // a struct; its fields are the parameters in positional order
	Result reflect.Type // what the "result" member holds; Nothing reads as true on the wire
}

// Namespace returns the part of the name before the dot.
func (d *Declaration) Namespace() string {
	ns, _, _ := strings.Cut(d.Name, ".")
	return ns
}

// Method returns the part of the name after the dot.
func (d *Declaration) Method() string {
	_, m, _ := strings.Cut(d.Name, ".")
	return m
}

// Gluster reports whether the verb belongs to the gluster family, which
// clients see only where the gluster part is installed.
func (d *Declaration) Gluster() bool { return strings.HasPrefix(d.Name, "Gluster") }

// Verb is a declaration that knows its parameter and result types, so that a
// handler or a client call of another type does not compile.
type Verb[P, R any] struct{ *Declaration }

// NoParams are the parameters of a verb that takes none.
type NoParams struct{}

// Nothing is the result of a verb that has none; it is true on the wire.
type Nothing struct{}

// MarshalJSON gives what VDSM clients expect of a verb without a result.
func (Nothing) MarshalJSON() ([]byte, error) { return []byte("true"), nil }

// UnmarshalJSON accepts anything.
func (*Nothing) UnmarshalJSON([]byte) error { return nil }

// EmptyObject is the result of gluster verbs that have no members to return.
type EmptyObject struct{}

// VMListResult is what VM.cont and VM.pause answer: an object whose vmList is
// always empty.
type VMListResult struct {
	VMList EmptyObject `json:"vmList"`
}

// Status is the result of the few verbs that hand their status object out.
type Status struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// Done is the status of success.
var Done = Status{Message: "Done"}

// declared collects the verbs while the package's variables are initialised
// and is not written afterwards.
var declared []*Declaration

func declare[P, R any](name, since string) Verb[P, R] {
	d := &Declaration{
		Name:   name,
		Since:  since,
		Params: reflect.TypeFor[P](),
		Result: reflect.TypeFor[R](),
	}
	declared = append(declared, d)
	return Verb[P, R]{d}
}

// Verbs returns all declarations, sorted by name.
func Verbs() []*Declaration {
	return slices.SortedFunc(slices.Values(declared), func(a, b *Declaration) int {
		return cmp.Compare(a.Name, b.Name)
	})
}

// Caller sends a call and decodes the answer; package client has one.
type Caller interface {
	// Invoke carries out the verb on the host. Params must marshal to a JSON
	// object; result is a pointer. An answer that is an error comes back as
	// *Error with the code's number and the text of the answer.
	Invoke(ctx context.Context, verb string, params, result any) error
}

// Call carries the verb out on a host:
//
//	info, err := api.VMGetInfo.Call(ctx, host, api.VMGetInfoParams{VMID: id})
func (v Verb[P, R]) Call(ctx context.Context, host Caller, params P) (R, error) {
	var result R
	err := host.Invoke(ctx, v.Name, params, &result)
	return result, err
}
