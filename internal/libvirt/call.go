// SPDX-License-Identifier: GPL-2.0-or-later

package libvirt

import (
	"context"
	"errors"
	"fmt"

	binding "libvirt.org/go/libvirt"
)

// call runs f with the connection. f must free what it gets from libvirt and
// return plain values only, because its result may be dropped: when the
// context or the connection ends first, call returns and f is left to finish
// by itself, in the slot that it holds.
func call[T any](ctx context.Context, c *Client, what string, f func(*binding.Connect) (T, error)) (T, error) {
	type result struct {
		v   T
		err error
	}
	var none T
	fail := func(err error) (T, error) { return none, fmt.Errorf("%s: %w", what, err) }

	ctx, cancel := context.WithTimeoutCause(ctx, c.o.CallTimeout, ErrTimeout)
	defer cancel()
	s, err := c.current()
	if err != nil {
		return fail(err)
	}
	select {
	case s.slots <- struct{}{}:
	case <-s.gone:
		return fail(ErrUnavailable)
	case <-ctx.Done():
		return fail(ErrBusy)
	}
	conn, err := c.reference(s)
	if err != nil {
		<-s.slots
		return fail(err)
	}
	done := make(chan result, 1)
	c.calls.Go(func() {
		v, err := f(conn)
		c.unref(conn)
		<-s.slots
		done <- result{v, err}
	})
	select {
	case r := <-done:
		if r.err != nil {
			return fail(plain(r.err))
		}
		return r.v, nil
	case <-s.gone:
		return fail(ErrUnavailable)
	case <-ctx.Done():
		if !errors.Is(context.Cause(ctx), context.Canceled) { // else nobody wants the answer
			c.o.Log.WarnContext(ctx, "libvirt does not answer, the call is abandoned",
				"call", what, "calls", len(s.slots))
		}
		return fail(expired(ctx))
	}
}

// withDomain runs f with the domain of that id and frees it.
func withDomain[T any](ctx context.Context, c *Client, what, id string, f func(*binding.Domain) (T, error)) (T, error) {
	return call(ctx, c, what, func(conn *binding.Connect) (T, error) {
		d, err := conn.LookupDomainByUUIDString(id)
		if err != nil {
			var none T
			return none, err
		}
		defer free(d)
		return f(d)
	})
}

// onDomain is withDomain for calls that return nothing.
func onDomain(ctx context.Context, c *Client, what, id string, f func(*binding.Domain) error) error {
	_, err := withDomain(ctx, c, what, id, func(d *binding.Domain) (struct{}, error) {
		return struct{}{}, f(d)
	})
	return err
}

// free gives an object back. It fails only for an object that is none, which
// the reference count of the connection shows.
func free(o interface{ Free() error }) { _ = o.Free() }

// Calls returns how many calls the present libvirtd owes an answer to.
func (c *Client) Calls() int {
	s, err := c.current()
	if err != nil {
		return 0
	}
	return len(s.slots)
}
