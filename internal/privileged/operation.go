// SPDX-License-Identifier: GPL-2.0-or-later

// Package privileged is the link between vdsmd, which is an ordinary user, and
// supervdsmd, which is root: requests over a unix socket whose peer the kernel
// names.
//
// What root can be asked to do is a closed list, declared in operations.go as
// typed values. There is nothing generic in it, no command to run and no path
// to write: each operation names one thing and checks its parameters itself.
// A pillar asks
//
//	info, err := privileged.Call(ctx, client, privileged.HardwareInfo, nil)
//
// and supervdsmd binds what carries it out:
//
//	privileged.Handle(server, privileged.HardwareInfo, host.hardwareInfo)
//
// A handler or a call of another type than the operation's does not compile.
//
// Many calls run at the same time over one connection. Each has a deadline,
// which the server keeps, too, and is cancelled there when the caller gives
// up. The flow id of the call goes along, so that both logs can be read
// together. Open files travel with requests and answers: see files.go.
package privileged

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Operation is one thing that root does for vdsmd, with parameters P and
// result R.
type Operation[P, R any] struct{ d *Declaration }

// Declaration returns what the operation says of itself.
func (o Operation[P, R]) Declaration() *Declaration { return o.d }

// Declaration is what every operation says of itself.
type Declaration struct {
	Name    string // "ksm_tune"
	Doc     string // one line: what it does to the host
	Params  reflect.Type
	Result  reflect.Type
	Timeout time.Duration // limit of a call whose caller sets none
	// Quiet operations are logged when they fail; success is a debug line.
	Quiet bool
}

// None are the parameters or the result of an operation without.
type None struct{}

// operations collects the declarations while the package's variables are
// initialised and is not written afterwards.
var operations []*Declaration

type setting func(*Declaration)

func quiet(d *Declaration) { d.Quiet = true }

// lasting is for operations that wait: for hooks, or for a manager.
func lasting(limit time.Duration) setting { return func(d *Declaration) { d.Timeout = limit } }

func declare[P, R any](name, doc string, settings ...setting) Operation[P, R] {
	d := &Declaration{
		Name: name, Doc: doc,
		Params: reflect.TypeFor[P](), Result: reflect.TypeFor[R](),
		Timeout: time.Minute,
	}
	for _, set := range settings {
		set(d)
	}
	operations = append(operations, d)
	return Operation[P, R]{d}
}

// Operations returns all declarations, sorted by name.
func Operations() []*Declaration {
	return slices.SortedFunc(slices.Values(operations), func(a, b *Declaration) int {
		return strings.Compare(a.Name, b.Name)
	})
}

// handler carries out one operation.
type handler struct {
	*Declaration
	run func(ctx context.Context, params json.RawMessage, files attached) (any, error)
}

// Handle makes f carry out op. The parameters are f's own, files in them
// included; files in the result are closed once they are sent. It panics when
// the operation is bound already, which is a fault of main.
func Handle[P, R any](s *Server, op Operation[P, R], f func(ctx context.Context, params *P) (R, error)) {
	if _, taken := s.handlers[op.d.Name]; taken {
		panic(fmt.Sprintf("privileged: %s is bound twice", op.d.Name))
	}
	s.handlers[op.d.Name] = &handler{
		Declaration: op.d,
		run: func(ctx context.Context, raw json.RawMessage, files attached) (any, error) {
			params := new(P)
			if err := decode(raw, files, params); err != nil {
				return nil, fmt.Errorf("parameters of %s: %w", op.d.Name, err)
			}
			result, err := f(ctx, params)
			return &result, err
		},
	}
}

// Call asks supervdsmd to carry out op and waits for the answer. A nil params
// is the zero value. Files in params stay the caller's; those in the result
// become the caller's.
//
// Errors with a code of package api arrive as such. ErrUnavailable says that
// nothing was done, ErrLost that nobody knows.
func Call[P, R any](ctx context.Context, c *Client, op Operation[P, R], params *P) (R, error) {
	var result R
	if params == nil {
		params = new(P)
	}
	if _, has := ctx.Deadline(); !has {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, op.d.Timeout)
		defer cancel()
	}
	raw, files, err := encode(params)
	if err != nil {
		return result, fmt.Errorf("%s: %w", op.d.Name, err)
	}
	answer, err := c.call(ctx, message{Op: op.d.Name, Params: raw, Files: files.fields}, files.files)
	if err != nil {
		return result, err
	}
	if err := decode(answer.Result, answer.attached(), &result); err != nil {
		return result, fmt.Errorf("result of %s: %w", op.d.Name, err)
	}
	return result, nil
}
