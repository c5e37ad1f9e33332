// SPDX-License-Identifier: GPL-2.0-or-later

package pool

import (
	"context"
	"sync"
	"time"
)

// unwatched is the Monitor where there is none: it knows who would be watched,
// gives host ids back, and looks at a domain when it is asked.
type unwatched struct {
	o  *Options
	mu sync.Mutex
	id map[string]int // host ids by domain
}

func (u *unwatched) Start(_ context.Context, domain string, hostID int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.id[domain] = hostID
}

func (u *unwatched) Stop(ctx context.Context, domain string) {
	u.mu.Lock()
	hostID, ok := u.id[domain]
	delete(u.id, domain)
	u.mu.Unlock()
	if !ok {
		return
	}
	d, err := u.o.Domains.Domain(ctx, domain)
	if err == nil {
		lock, _ := u.o.Lock(d)
		err = lock.ReleaseHostID(ctx, hostID, true, true)
	}
	if err != nil {
		u.o.Log.WarnContext(ctx, "host id stays in a domain", "domain", domain, "err", err)
	}
}

func (u *unwatched) Watches(domain string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	_, ok := u.id[domain]
	return ok
}

func (u *unwatched) Health(ctx context.Context, domain string) (Health, bool) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	d, err := u.o.Domains.Domain(ctx, domain)
	if err != nil {
		return Health{}, false
	}
	h := Health{Version: int(d.Known().Version)}
	if space, err := d.Space(ctx); err == nil {
		h.Total, h.Free = space.Total, space.Available
	}
	return h, true
}
