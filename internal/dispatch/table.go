// SPDX-License-Identifier: GPL-2.0-or-later

// Package dispatch connects the verbs that package api declares to the
// functions that carry them out. It decodes and checks arguments, calls the
// handler and hands its result or error back; it knows no protocol and no
// pillar.
//
// A pillar binds its handlers:
//
//	dispatch.Bind(table, api.VMPause, vms.pause)
//
// A handler of another type than the verb's does not compile.
package dispatch

import (
	"context"
	"encoding/json"
	"fmt"

	"govdsm/api"
)

// Func carries out a verb. The parameters are its own; it must not keep them
// after it returns.
type Func[P, R any] func(ctx context.Context, params *P) (R, error)

// Handler is a verb with what carries it out.
type Handler struct {
	*api.Declaration

	inline func() bool
	plan   *plan
	call   func(ctx context.Context, args decoder) (any, error)
}

// Inline reports whether the next call will not block and take microseconds.
// Such calls run where the request was read, so that they are answered when
// every worker is stuck.
func (h *Handler) Inline() bool { return h.inline != nil && h.inline() }

// Option changes how a handler runs.
type Option func(*Handler)

// Inline marks a handler that never blocks. See Handler.Inline.
func Inline() Option { return InlineWhen(func() bool { return true }) }

// InlineWhen marks a handler that does not block as long as quick says so,
// which is asked before each call.
func InlineWhen(quick func() bool) Option { return func(h *Handler) { h.inline = quick } }

// Table holds the handlers by verb name. It is filled before the daemon
// serves and only read from then on.
type Table struct {
	handlers map[string]*Handler
	declared map[string]*api.Declaration
	checker  Checker
}

// Checker decides what happens with arguments that do not fit the declaration
// but can be understood all the same, such as "5" for a number.
type Checker struct {
	// Strict refuses such calls with code -32602. Otherwise the value is
	// converted and the fault is reported to Fault.
	Strict bool
	// Fault, where set, is told of every fault that did not refuse a call.
	Fault func(ctx context.Context, verb, fault string)
}

// NewTable returns a table without handlers: every declared verb answers
// ErrMethodNotImplemented until something is bound to it.
func NewTable(checker Checker) *Table {
	t := &Table{
		handlers: make(map[string]*Handler),
		declared: make(map[string]*api.Declaration),
		checker:  checker,
	}
	for _, d := range api.Verbs() {
		t.declared[d.Name] = d
	}
	return t
}

// Bind makes f the handler of the verb. It panics when the verb has one
// already, which is a fault of the composition root.
func Bind[P, R any](t *Table, v api.Verb[P, R], f Func[P, R], options ...Option) {
	if _, taken := t.handlers[v.Name]; taken {
		panic(fmt.Sprintf("dispatch: %s is bound twice", v.Name))
	}
	h := &Handler{Declaration: v.Declaration, plan: planOf(v.Params)}
	h.call = func(ctx context.Context, args decoder) (any, error) {
		params := new(P)
		if err := args(h.plan, params); err != nil {
			return nil, err
		}
		return f(ctx, params)
	}
	for _, o := range options {
		o(h)
	}
	t.handlers[v.Name] = h
}

// Lookup returns the handler of a verb. The error is ErrMethodNotImplemented
// for a declared verb without a handler and ErrJsonRpcMethodNotFound for any
// other name.
func (t *Table) Lookup(name string) (*Handler, error) {
	if h, ok := t.handlers[name]; ok {
		return h, nil
	}
	if _, ok := t.declared[name]; ok {
		return nil, api.ErrMethodNotImplemented
	}
	return nil, api.ErrJsonRpcMethodNotFound.With("method", name)
}

// Implemented reports whether the verb has a handler.
func (t *Table) Implemented(name string) bool {
	_, ok := t.handlers[name]
	return ok
}

// Call decodes params, a JSON object or array, and carries the verb out. The
// result is ready to be marshalled.
func (t *Table) Call(ctx context.Context, h *Handler, params json.RawMessage) (any, error) {
	return h.call(ctx, func(p *plan, into any) error {
		faults, err := p.decode(params, into)
		if err != nil {
			return api.ErrJsonRpcInvalidParams.With("reason", err.Error())
		}
		if len(faults) > 0 && t.checker.Strict {
			return api.ErrJsonRpcInvalidParams.With("reason", faults[0])
		}
		if t.checker.Fault != nil {
			for _, f := range faults {
				t.checker.Fault(ctx, h.Name, f)
			}
		}
		return nil
	})
}

// decoder fills a parameter struct as its plan says.
type decoder func(p *plan, into any) error
