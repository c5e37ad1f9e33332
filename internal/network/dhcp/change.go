// SPDX-License-Identifier: GPL-2.0-or-later

package dhcp

import (
	"bytes"
	"context"
	"errors"
	"net"
	"slices"
	"time"
)

// Change is a change of clients within a change of the host's networks. It
// goes so: Begin; the links are changed; Switch; a manager is waited for, maybe
// on an address that only now arrives; Keep. Instead of Switch or Keep it may be
// Undo. There is one change at a time.
type Change struct {
	clients  *Clients
	next     []Spec
	gone     []*running // those that are none any more, or other ones
	started  []*running
	switched bool
}

// Begin stops the clients that next does not have as they are. They keep what
// they have for the moment. Until Switch or Undo no client touches the kernel
// or resolv.conf.
func (c *Clients) Begin(next []Spec) *Change {
	ch := &Change{clients: c, next: next}
	c.mu.Lock()
	for key, r := range c.clients {
		if !slices.Contains(next, r.spec) {
			r.halt()
			ch.gone = append(ch.gone, r)
			delete(c.clients, key)
		}
	}
	c.mu.Unlock()
	c.kernel.Lock()
	return ch
}

// Nameservers returns those that the leases so far brought for resolv.conf. It
// may be asked between Begin and Switch.
func (ch *Change) Nameservers() []string { return ch.clients.nameservers() }

// Switch starts the clients that are new. One gets the lease of a stopped one
// that had the same address of hardware. A lease of the same device is in place
// when Switch returns, as the new client wants it: a default route moves with
// the change, and not with the answer of a server.
func (ch *Change) Switch(ctx context.Context) {
	c := ch.clients
	ch.switched = true
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range ch.next {
		if c.clients[s.Key] != nil {
			continue
		}
		r := &running{client: c.client(s, nil)}
		for _, old := range ch.gone {
			switch {
			case old.record == nil:
			case old.spec.Key == s.Key:
				r.record = old.record
			default:
				r.inherit = append(r.inherit, old.record)
			}
		}
		c.reinstate(ctx, r.client)
		c.clients[s.Key] = r
		ch.started = append(ch.started, r)
	}
	c.kernel.Unlock()
	for _, r := range ch.started {
		c.launch(r)
	}
}

// reinstate puts the lease that a client starts with into the kernel, where its
// link is what the lease is for. Otherwise, and when it fails, the client does so
// as soon as a server has confirmed it. The kernel's lock is held.
func (c *Clients) reinstate(ctx context.Context, to *client) {
	link, ok, _ := c.links.get(to.spec.Device)
	if to.record == nil || !ok || !ready(link) || !to.record.live(link.Address) {
		return
	}
	now, err := net.InterfaceByName(link.Name)
	if err != nil || now.Index != link.Index || !bytes.Equal(now.HardwareAddr, link.Address) {
		return // it was made anew, which is not heard yet
	}
	if c.o.Foreign != nil {
		if foreign, err := c.o.Foreign(ctx, link.Name); foreign || err != nil {
			return
		}
	}
	if err := c.take(ctx, to, link, to.record.Lease); err != nil {
		c.o.Log.WarnContext(ctx, "DHCP: a known lease is not in place yet", "client", to.spec.Key, "error", err)
	}
}

// Undo ends the clients that were started, takes away what they got, lets the
// caller undo the rest, and starts the former clients again. It does so also
// when ctx has ended: whoever asked for the change may be gone, and the host
// still needs its addresses.
func (ch *Change) Undo(ctx context.Context, rest func() error) error {
	ctx = context.WithoutCancel(ctx)
	c := ch.clients
	if ch.switched {
		c.mu.Lock()
		for _, r := range ch.started {
			r.halt()
			delete(c.clients, r.spec.Key)
		}
		c.mu.Unlock()
		c.kernel.Lock()
	}
	var failed []error
	for _, r := range ch.started {
		if r.record != nil && r.record.Spec == r.spec { // else it is a former client's
			c.discard(ctx, r.record)
		}
	}
	failed = append(failed, rest())
	for _, r := range ch.gone {
		if r.record != nil {
			c.leased[r.spec.Key] = r.record
			failed = append(failed, c.store.save(r.record))
			c.reinstate(ctx, r.client)
		}
	}
	failed = append(failed, c.resolve(nil))
	c.kernel.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range ch.gone {
		c.clients[r.spec.Key] = r
		c.launch(r)
	}
	return errors.Join(failed...)
}

// Keep makes the change last: leases of clients that are none any more go back
// to their servers.
func (ch *Change) Keep(ctx context.Context) {
	c := ch.clients
	for _, old := range ch.gone {
		if old.record == nil || slices.ContainsFunc(ch.next, func(s Spec) bool { return s.Key == old.spec.Key }) {
			continue
		}
		if !slices.ContainsFunc(ch.next, old.spec.succeeds) {
			c.release(ctx, old)
		}
		c.forget(ctx, old.record)
	}
}

// succeeds tells whether another client speaks for the same place in the same
// network, as that of a bridge does after that of its card.
func (s Spec) succeeds(other Spec) bool {
	return s.Family == other.Family && s.Base == other.Base && s.Tag == other.Tag
}

// release gives a lease back, through the link below as the device itself may
// be gone. The server may never hear it.
func (c *Clients) release(ctx context.Context, r *running) {
	if time.Now().After(r.record.Lease.Ends()) {
		return
	}
	link, ok, _ := c.links.get(r.spec.Base)
	if !ok || !ready(link) {
		return
	}
	if err := r.protocol.release(r.spec, link, r.record.MAC, r.record.Lease); err != nil {
		c.o.Log.InfoContext(ctx, "DHCP: a lease is not given back", "client", r.spec.Key, "reason", err)
		return
	}
	c.o.Log.InfoContext(ctx, "DHCP: a lease is given back", "client", r.spec.Key, "address", r.record.Lease.Address)
}
