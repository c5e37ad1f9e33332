// SPDX-License-Identifier: GPL-2.0-or-later

package restore

import (
	"context"

	"govdsm/internal/network/netlink"
)

// cards tells when links come, go or are renamed.
type cards struct {
	changed chan struct{}
	stop    func()
}

// watch begins before anything is read, so that no card is missed.
func (r *Restorer) watch(ctx context.Context) (*cards, error) {
	w, err := r.o.Kernel.WatchLinks()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	c := &cards{changed: make(chan struct{}, 1)}
	done := make(chan struct{})
	c.stop = func() { cancel(); <-done; w.Close() }
	go func() {
		defer close(done)
		err := w.Run(ctx, func(change netlink.Change) {
			if change.Link == nil && !change.Lost {
				return
			}
			select {
			case c.changed <- struct{}{}:
			default: // somebody looks soon anyway
			}
		})
		if err != nil && ctx.Err() == nil {
			r.o.Log.WarnContext(ctx, "cards that come late are not noticed", "error", err)
		}
	}()
	return c, nil
}
