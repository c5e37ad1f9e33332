// SPDX-License-Identifier: GPL-2.0-or-later

package dhcp

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"govdsm/internal/network/netlink"
)

// protocol is the talk with servers. Each call is one try; all but acquire end
// with ctx's time at the latest. They return errRefused, errNoAnswer or what
// kept them from asking.
type protocol interface {
	// acquire gets a new lease, of the hinted address if a server likes it.
	acquire(ctx context.Context, link netlink.Link, hint netip.Addr) (Lease, error)
	// confirm asks whether a lease is good on the network we are on now.
	confirm(ctx context.Context, link netlink.Link, l Lease) (Lease, error)
	renew(ctx context.Context, link netlink.Link, l Lease) (Lease, error)
	rebind(ctx context.Context, link netlink.Link, l Lease) (Lease, error)
	// release gives a lease back; nobody answers.
	release(s Spec, link netlink.Link, mac string, l Lease) error
}

// owner is what a client needs of its surroundings.
type owner interface {
	// usable waits until the client may work on its link. The context ends
	// when it may not any more.
	usable(ctx context.Context, s Spec) (netlink.Link, context.Context, context.CancelFunc, error)
	// keep makes a lease the client's, on disk and in the kernel.
	keep(ctx context.Context, c *client, link netlink.Link, l Lease) error
	// drop takes the client's lease away from both.
	drop(ctx context.Context, c *client)
}

// client holds one lease. Its goroutine is run.
type client struct {
	spec     Spec
	protocol protocol
	owner    owner
	pace     pace
	log      *slog.Logger

	// record is the client's lease, nil without one. It is the goroutine's
	// while that runs.
	record *record
	// last is the address of a lease that came to its end: a server may give
	// it again.
	last netip.Addr
	// inherit are leases that others gave up, one of which may be for us.
	inherit []*record
}

// run works until ctx ends. It leaves everything as it is then.
func (c *client) run(ctx context.Context) {
	for {
		link, session, end, err := c.owner.usable(ctx, c.spec)
		if err != nil {
			return
		}
		c.session(session, link)
		end()
	}
}

// session lasts as long as the link.
func (c *client) session(ctx context.Context, link netlink.Link) {
	c.resume(ctx, link)
	for ctx.Err() == nil {
		if c.record.live(link.Address) || c.acquire(ctx, link) {
			c.maintain(ctx, link)
		}
	}
}

// resume finds out what the lease that we know is worth here.
func (c *client) resume(ctx context.Context, link netlink.Link) {
	if c.record == nil {
		for _, r := range c.inherit {
			if r.live(link.Address) && r.Spec.Family == c.spec.Family {
				c.record = &record{Spec: c.spec, MAC: r.MAC, Lease: r.Lease}
			}
		}
	}
	if c.record == nil {
		return
	}
	if !c.record.live(link.Address) {
		if c.record.MAC == link.Address.String() {
			c.last = c.record.Lease.Address.Addr()
		}
		c.lose(ctx, "the lease is over")
		return
	}
	limit, cancel := context.WithTimeout(ctx, c.pace.confirm)
	defer cancel()
	l, err := c.protocol.confirm(limit, link, c.record.Lease)
	switch {
	case ctx.Err() != nil:
	case errors.Is(err, errRefused):
		c.lose(ctx, "the server refuses it")
	case err != nil:
		// RFC 2131, 3.2: it may be used to its end.
		c.log.InfoContext(ctx, "DHCP: a lease is used unconfirmed", "client", c.spec.Key, "reason", err)
		c.bind(ctx, link, c.record.Lease)
	default:
		c.bind(ctx, link, l)
	}
}

// acquire gets a lease. It tells whether it has one.
func (c *client) acquire(ctx context.Context, link netlink.Link) bool {
	l, err := c.protocol.acquire(ctx, link, c.last)
	if err == nil && c.bind(ctx, link, l) {
		return true
	}
	if err != nil && ctx.Err() == nil {
		c.log.WarnContext(ctx, "DHCP: no lease", "client", c.spec.Key, "reason", err)
	}
	pause(ctx, jitter(c.pace.refused))
	return false
}

// bind keeps a lease. It tells whether it is in the kernel.
func (c *client) bind(ctx context.Context, link netlink.Link, l Lease) bool {
	news := c.record == nil || c.record.Lease.Address != l.Address
	if err := c.owner.keep(ctx, c, link, l); err != nil {
		if ctx.Err() == nil {
			c.log.ErrorContext(ctx, "DHCP: a lease cannot be used", "client", c.spec.Key, "address", l.Address, "error", err)
		}
		return false
	}
	level := slog.LevelDebug
	if news {
		level = slog.LevelInfo
	}
	c.log.Log(ctx, level, "DHCP: leased", "client", c.spec.Key, "address", l.Address, "for", l.Valid)
	return true
}

// maintain renews the lease until it is lost.
func (c *client) maintain(ctx context.Context, link netlink.Link) {
	for ctx.Err() == nil {
		l := c.record.Lease
		if time.Now().After(l.Ends()) {
			c.last = l.Address.Addr()
			c.lose(ctx, "nobody renews it")
			return
		}
		next, ask := c.nextStep(l)
		pause(ctx, time.Until(next))
		if ctx.Err() != nil || ask == nil {
			continue
		}
		limit, cancel := context.WithTimeout(ctx, c.pace.answers)
		got, err := ask(limit, link, l)
		cancel()
		switch {
		case ctx.Err() != nil:
		case errors.Is(err, errRefused):
			c.lose(ctx, "the server refuses to renew it")
			return
		case err != nil:
			c.log.DebugContext(ctx, "DHCP: not renewed yet", "client", c.spec.Key, "reason", err)
			c.rest(ctx, l)
		default:
			if !c.bind(ctx, link, got) {
				c.rest(ctx, l)
			}
		}
	}
}

// nextStep says when a server is to be asked, and which; nobody, at the end.
func (c *client) nextStep(l Lease) (time.Time, func(context.Context, netlink.Link, Lease) (Lease, error)) {
	now := time.Now()
	switch {
	case now.Before(l.Obtained.Add(l.Renew)):
		return l.Obtained.Add(l.Renew), c.protocol.renew
	case now.Before(l.Obtained.Add(l.Rebind)):
		return now, c.protocol.renew
	case now.Before(l.Ends()):
		return now, c.protocol.rebind
	}
	return now, nil
}

// rest pauses after a try that failed: half of the time to the next step, and
// not less than a minute (RFC 2131, 4.4.5), but never past that step.
func (c *client) rest(ctx context.Context, l Lease) {
	next := l.Obtained.Add(l.Rebind)
	if !time.Now().Before(next) {
		next = l.Ends()
	}
	left := time.Until(next)
	pause(ctx, min(max(left/2, c.pace.least), left+time.Millisecond))
}

// lose gives up a lease that is no good any more.
func (c *client) lose(ctx context.Context, why string) {
	c.log.WarnContext(ctx, "DHCP: a lease is lost", "client", c.spec.Key, "address", c.record.Lease.Address, "reason", why)
	c.owner.drop(ctx, c)
}
