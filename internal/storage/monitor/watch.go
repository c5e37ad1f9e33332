// SPDX-License-Identifier: GPL-2.0-or-later

package monitor

import (
	"context"
	"sync"
	"time"

	"govdsm/internal/storage/domainmd"
)

// watch watches one domain.
type watch struct {
	m              *Monitors
	id             string
	hostID         int
	cancel         context.CancelFunc
	ended          chan struct{} // closed when the host id is given back
	poke           chan struct{} // the path was read: the host id may be due
	pool, stopping bool          // under Monitors.mu

	refreshed time.Time // of run

	telling sync.Mutex // keeps changes and what is told of them in one order

	mu                   sync.Mutex
	domain               Domain // nil until it was found
	status               Status
	pathErr, domainErr   error
	pathDone, domainDone bool // once at least
	reading              bool // the path, now
}

// run checks the domain until ctx ends, and then gives the host id back.
func (w *watch) run(ctx context.Context) {
	defer w.finish()
	var reads sync.WaitGroup
	defer reads.Wait()
	ticker := time.NewTicker(w.m.o.Interval)
	defer ticker.Stop()
	for {
		if d := w.find(ctx); d != nil {
			w.readPath(ctx, d, &reads)
			w.checkDomain(ctx, d)
			w.acquire(ctx, d)
		}
		for waiting := true; waiting; {
			select {
			case <-w.poke:
				w.acquire(ctx, w.known())
			case <-ticker.C:
				waiting = false
			case <-ctx.Done():
				return
			}
		}
	}
}

// known returns the domain, nil when it was not found yet.
func (w *watch) known() Domain {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.domain
}

func (w *watch) snapshot() Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status
}

// find returns the domain. While there is none, that is what is wrong with it.
func (w *watch) find(ctx context.Context) Domain {
	if d := w.known(); d != nil {
		return d
	}
	d, err := w.m.o.Find(ctx, w.id)
	if err != nil {
		w.update(ctx, func() { w.domainErr, w.domainDone = err, true })
		return nil
	}
	w.refreshed = time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.domain = d
	return d
}

// readPath begins to read the path, unless it is being read still.
func (w *watch) readPath(ctx context.Context, d Domain, reads *sync.WaitGroup) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.reading {
		return
	}
	w.reading = true
	reads.Go(func() {
		limited, cancel := context.WithTimeout(ctx, w.m.o.Timeout)
		defer cancel()
		delay, err := d.Check(limited)
		if err != nil {
			delay = 0
		}
		w.update(ctx, func() {
			w.reading = false
			w.pathErr, w.pathDone, w.status.Delay = err, true, delay
		})
		select {
		case w.poke <- struct{}{}:
		default:
		}
	})
}

// checkDomain asks the domain how it does.
func (w *watch) checkDomain(ctx context.Context, d Domain) {
	now := Status{Version: unknownVersion}
	err := w.ask(ctx, d, &now)
	w.update(ctx, func() {
		w.domainErr, w.domainDone = err, true
		if err != nil {
			now = Status{Version: unknownVersion}
		}
		w.status.Version, w.status.HasHostID, w.status.Space = now.Version, now.HasHostID, now.Space
		w.status.MasterMounted, w.status.MasterValid = now.MasterMounted, now.MasterValid
	})
}

func (w *watch) ask(ctx context.Context, d Domain, s *Status) error {
	d, err := w.refresh(ctx, d)
	if err != nil {
		return err
	}
	if s.Space, err = d.Space(ctx); err != nil {
		return err
	}
	if s.MasterMounted, s.MasterValid, err = d.CheckMaster(ctx); err != nil {
		return err
	}
	s.HasHostID = d.Lock().HasHostID(ctx, w.hostID)
	s.Version = int(d.Known().Version)
	return nil
}

// refresh has the metadata read anew from time to time, in the domain that
// everybody uses by now: it may have been opened anew. What failed is tried
// again the next time.
func (w *watch) refresh(ctx context.Context, d Domain) (Domain, error) {
	if time.Since(w.refreshed) <= w.m.o.Refresh {
		return d, nil
	}
	d, err := w.m.o.Find(ctx, w.id)
	if err != nil {
		return nil, err
	}
	if _, err := d.Metadata(ctx); err != nil {
		return nil, err
	}
	w.refreshed = time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.domain = d
	return d, nil
}

// update changes what is known and tells whoever wants to know when the domain
// became valid or stopped being so. What ended with the watching tells nothing
// about the domain.
func (w *watch) update(ctx context.Context, change func()) {
	if ctx.Err() != nil {
		return
	}
	w.telling.Lock()
	defer w.telling.Unlock()
	was, s := w.change(change)
	valid := s.Err == nil
	if !s.Actual || was.Actual && valid == (was.Err == nil) {
		return
	}
	if valid {
		w.m.o.Log.InfoContext(ctx, "a storage domain became valid", "domain", w.id)
	} else {
		w.m.o.Log.ErrorContext(ctx, "a storage domain became invalid", "domain", w.id, "err", s.Err)
	}
	if w.m.o.Changed != nil {
		w.m.o.Changed(ctx, w.id, valid)
	}
}

// change changes the status and returns it as it was and as it is.
func (w *watch) change(change func()) (was, is Status) {
	w.mu.Lock()
	defer w.mu.Unlock()
	was = w.status
	change()
	s := &w.status
	s.Checked = time.Now()
	s.Err = w.pathErr
	if s.Err == nil {
		s.Err = w.domainErr
	}
	// A failure is actual at once; to be well both checks are needed.
	s.Actual = s.Err != nil || w.pathDone && w.domainDone
	return was, *s
}

// acquire begins to take the host id in a domain that does well and where this
// host has none. A domain of discs is not for one pool alone and has none.
func (w *watch) acquire(ctx context.Context, d Domain) {
	s := w.snapshot()
	if !s.Actual || s.Err != nil || s.HasHostID || d.Known().Class == domainmd.ISO || ctx.Err() != nil {
		return
	}
	lock := d.Lock()
	if err := lock.AcquireHostID(ctx, w.hostID, false); err != nil {
		w.m.o.Log.ErrorContext(ctx, "cannot acquire the host id of a storage domain", "domain", w.id, "host_id", w.hostID, "err", err)
		return
	}
	if lock.HasHostID(ctx, w.hostID) { // at once, where nobody has to be waited for
		w.mu.Lock()
		defer w.mu.Unlock()
		w.status.HasHostID = true
	}
}

// finish gives the host id back, unless the daemon ends.
func (w *watch) finish() {
	defer w.forget()
	d, s := w.known(), w.snapshot()
	ctx := w.m.ctx
	if d == nil || ctx.Err() != nil || !s.Actual || d.Known().Class == domainmd.ISO {
		return
	}
	// It may have been asked for without being held yet; giving it back is
	// right then too.
	if err := d.Lock().ReleaseHostID(ctx, w.hostID, true, true); err != nil {
		w.m.o.Log.ErrorContext(ctx, "the host id stays in a storage domain", "domain", w.id, "host_id", w.hostID, "err", err)
	}
}

func (w *watch) forget() {
	w.m.mu.Lock()
	defer w.m.mu.Unlock()
	if w.m.byID[w.id] == w {
		delete(w.m.byID, w.id)
	}
	close(w.ended)
}
