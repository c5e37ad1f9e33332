// SPDX-License-Identifier: GPL-2.0-or-later

package dhcp

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"time"

	"govdsm/internal/network/netlink"
)

// links knows the links of the kernel, and tells when one changes.
type links struct {
	log *slog.Logger

	mu      sync.Mutex
	byIndex map[int]netlink.Link
	changed chan struct{} // closed at the next change
}

func newLinks(log *slog.Logger) *links {
	return &links{log: log, byIndex: map[int]netlink.Link{}, changed: make(chan struct{})}
}

// run follows the kernel until ctx ends.
func (l *links) run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := l.follow(ctx); err != nil && ctx.Err() == nil {
			l.log.ErrorContext(ctx, "DHCP: links cannot be watched", "error", err)
			pause(ctx, time.Second)
		}
	}
}

func (l *links) follow(ctx context.Context) error {
	kernel, err := netlink.Open("")
	if err != nil {
		return err
	}
	defer kernel.Close()
	w, err := kernel.WatchLinks()
	if err != nil {
		return err
	}
	defer w.Close()
	if err := l.readAll(ctx, kernel); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	return w.Run(ctx, func(c netlink.Change) {
		switch {
		case c.Lost:
			stop() // and all is read again
		case c.Link != nil:
			l.take(*c.Link, c.Gone)
		}
	})
}

func (l *links) readAll(ctx context.Context, kernel *netlink.Kernel) error {
	d, err := kernel.Dump(ctx)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.byIndex)
	for _, link := range d.Links {
		l.byIndex[link.Index] = link
	}
	l.tell()
	return nil
}

func (l *links) take(link netlink.Link, gone bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if gone {
		delete(l.byIndex, link.Index)
	} else {
		l.byIndex[link.Index] = link
	}
	l.tell()
}

func (l *links) tell() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// get returns the link of a name, if there is one, and what is closed when
// that may be another.
func (l *links) get(name string) (link netlink.Link, ok bool, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, link := range l.byIndex {
		if link.Name == name {
			return link, true, l.changed
		}
	}
	return netlink.Link{}, false, l.changed
}

// usable waits until a link can carry an exchange. The context that it returns
// ends when the link goes down or away, or becomes another.
func (l *links) usable(ctx context.Context, name string) (netlink.Link, context.Context, context.CancelFunc, error) {
	for {
		link, ok, changed := l.get(name)
		if ctx.Err() == nil && ok && ready(link) {
			session, end := context.WithCancel(ctx)
			go l.guard(session, end, link)
			return link, session, end, nil
		}
		select {
		case <-ctx.Done():
			return link, nil, nil, ctx.Err()
		case <-changed:
		}
	}
}

// guard ends with the session, and the session with the link.
func (l *links) guard(session context.Context, end context.CancelFunc, link netlink.Link) {
	defer end()
	for {
		now, ok, changed := l.get(link.Name)
		if !ok || !ready(now) || now.Index != link.Index || !bytes.Equal(now.Address, link.Address) {
			return
		}
		select {
		case <-session.Done():
			return
		case <-changed:
		}
	}
}

func ready(l netlink.Link) bool { return l.OperUp() && len(l.Address) == 6 }

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
