// SPDX-License-Identifier: GPL-2.0-or-later

package dhcp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"slices"
	"sync"

	"govdsm/internal/atomicfile"
	"govdsm/internal/network/netlink"
	"govdsm/internal/network/resolvconf"
)

// Clients are all clients of a host. They live in the network namespace of the
// process.
type Clients struct {
	o     Options
	store store
	links *links
	// protocols speaks a family; tests have others.
	protocols func(Family) protocol

	// kernel is held by whoever changes addresses, routes or resolv.conf: a
	// client with a lease, or a change of the host's networks.
	kernel sync.Mutex
	leased map[Key]*record // all leases; under kernel

	mu      sync.Mutex
	ctx     context.Context // of the clients; nil before Start
	clients map[Key]*running
	wait    sync.WaitGroup
}

// running is a client with its goroutine, or with its lease alone while it is
// stopped.
type running struct {
	*client
	stop context.CancelFunc // nil while stopped
	done chan struct{}
}

// New returns clients that do nothing before Start.
func New(o Options) *Clients {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.pace = o.pace.orDefaults()
	c := &Clients{o: o, store: store{o.Dir}, links: newLinks(o.Log), clients: map[Key]*running{}, leased: map[Key]*record{}}
	c.protocols = func(f Family) protocol {
		if f == IPv6 {
			return dhcp6{c.o.pace}
		}
		return dhcp4{c.o.pace}
	}
	return c
}

// Start starts the clients of a configuration with the leases that are on
// disk, until ctx ends. What a former process had for others is taken away.
// Changes that it did not finish must be undone before.
func (c *Clients) Start(ctx context.Context, specs []Spec) {
	records, err := c.store.load()
	if err != nil {
		c.o.Log.WarnContext(ctx, "DHCP: leases cannot be read", "error", err)
	}
	c.kernel.Lock()
	c.mu.Lock()
	c.ctx = ctx
	for _, s := range specs {
		if r := records[s.Key]; r != nil {
			c.leased[s.Key] = r
		}
		c.clients[s.Key] = &running{client: c.client(s, records[s.Key])}
		delete(records, s.Key)
	}
	c.mu.Unlock()
	c.kernel.Unlock()
	for _, r := range records {
		c.forget(ctx, r)
	}
	c.wait.Go(func() { c.links.run(ctx) })
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.clients {
		c.launch(r)
	}
}

// Wait returns when all has ended, after Start's ctx did.
func (c *Clients) Wait() { c.wait.Wait() }

// nameservers are those that the present leases brought for resolv.conf. The
// kernel's lock is held.
func (c *Clients) nameservers() []string {
	var list []string
	for _, k := range slices.SortedFunc(maps.Keys(c.leased), order) {
		for _, server := range texts(c.leased[k].Put.DNS) {
			if !slices.Contains(list, server) {
				list = append(list, server)
			}
		}
	}
	return list
}

func order(a, b Key) int {
	return cmp.Or(cmp.Compare(a.Family, b.Family), cmp.Compare(a.Device, b.Device))
}

func texts(all []netip.Addr) []string {
	list := make([]string, len(all))
	for i, a := range all {
		list[i] = a.String()
	}
	return list
}

func (c *Clients) client(s Spec, r *record) *client {
	return &client{spec: s, protocol: c.protocols(s.Family), owner: c, pace: c.o.pace, log: c.o.Log, record: r}
}

// launch starts a client's goroutine. c.mu is held.
func (c *Clients) launch(r *running) {
	if c.ctx == nil || c.ctx.Err() != nil || r.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(c.ctx)
	r.stop, r.done = stop, make(chan struct{})
	c.wait.Go(func() {
		defer close(r.done)
		r.run(ctx)
	})
}

// halt stops a client's goroutine and returns when it has ended. It keeps what
// it has. c.mu is held.
func (r *running) halt() {
	if r.stop == nil {
		return
	}
	r.stop()
	<-r.done
	r.stop = nil
}

// keep implements owner.
func (c *Clients) keep(ctx context.Context, to *client, link netlink.Link, l Lease) error {
	if err := c.lock(ctx); err != nil {
		return err
	}
	defer c.kernel.Unlock()
	return c.take(ctx, to, link, l)
}

// take makes a lease the client's. One that cannot be saved is used all the
// same: an address that ends is better than none on a full disk. The kernel's
// lock is held.
func (c *Clients) take(ctx context.Context, to *client, link netlink.Link, l Lease) error {
	var old put
	if to.record != nil {
		old = to.record.Put
	}
	r := &record{Spec: to.spec, MAC: link.Address.String(), Lease: l, Put: putOf(to.spec, l, metricOf(link))}
	if err := c.store.save(r); err != nil {
		c.o.Log.ErrorContext(ctx, "DHCP: a lease cannot be saved", "client", to.spec.Key, "error", err)
	}
	to.record, c.leased[to.spec.Key] = r, r
	if err := bring(ctx, int32(link.Index), old, r.Put, l); err != nil {
		return err
	}
	return c.resolve(old.DNS)
}

// lock takes the kernel's lock unless ctx ends first: who waits for a client to
// end may hold it.
func (c *Clients) lock(ctx context.Context) error {
	got := make(chan struct{})
	go func() { c.kernel.Lock(); close(got) }()
	select {
	case <-got:
		if ctx.Err() == nil {
			return nil
		}
	case <-ctx.Done():
		go func() { <-got; c.kernel.Unlock() }()
		return ctx.Err()
	}
	c.kernel.Unlock()
	return ctx.Err()
}

// drop implements owner.
func (c *Clients) drop(ctx context.Context, from *client) {
	if c.lock(ctx) != nil {
		return
	}
	defer c.kernel.Unlock()
	r := from.record
	from.record = nil
	c.discard(ctx, r)
}

// forget takes away what a client had that is none any more. The kernel's lock
// is not held.
func (c *Clients) forget(ctx context.Context, r *record) {
	c.kernel.Lock()
	defer c.kernel.Unlock()
	c.discard(ctx, r)
}

// discard takes a lease out of the kernel, of resolv.conf and off the disk. The
// kernel's lock is held.
func (c *Clients) discard(ctx context.Context, r *record) {
	if c.leased[r.Spec.Key] == r {
		delete(c.leased, r.Spec.Key)
	}
	err := errors.Join(withdraw(context.WithoutCancel(ctx), r.Put), c.resolve(r.Put.DNS), c.store.remove(r.Spec.Key))
	if err != nil {
		c.o.Log.ErrorContext(ctx, "DHCP: a lease is not gone wholly", "client", r.Spec.Key, "error", err)
	}
}

// resolve puts the name servers of all leases into resolv.conf. When none has
// any, those that a former lease had go, and others stay: somebody else wrote
// them. The kernel's lock is held.
func (c *Clients) resolve(old []netip.Addr) error {
	if c.o.ResolvConf == "" || len(old)+len(c.nameservers()) == 0 {
		return nil
	}
	path, err := resolvconf.Path(c.o.ResolvConf)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	want := c.nameservers()
	if len(want) == 0 {
		want = slices.DeleteFunc(resolvconf.Servers(text), func(s string) bool { return slices.Contains(texts(old), s) })
	}
	if slices.Equal(want, resolvconf.Servers(text)) {
		return nil
	}
	if err := atomicfile.Write(path, resolvconf.Edit(text, want), 0o644); err != nil {
		return fmt.Errorf("name servers: %w", err)
	}
	return nil
}
