// SPDX-License-Identifier: GPL-2.0-or-later

package clusterlock

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/sanlock"
)

// Options are what a Host is made of.
type Options struct {
	RunDir    string        // of the sanlock daemon
	IOTimeout time.Duration // for new lockspaces and for joining (sanlock:io_timeout)
	Log       *slog.Logger
	// OnLost is called, once, when the connection to the daemon ended while
	// this process held leases. They are gone, and other hosts may have them
	// by now: the process must end at once, without a further write.
	OnLost func(error)
}

// Host is this host and this process towards the sanlock daemon: one for all
// domains. It is closed when the process ends.
type Host struct {
	o      Options
	client *sanlock.Client

	mu     sync.Mutex
	wanted map[string]bool // lockspaces whose host id was asked for and not given back

	// turn holds one token. Who has it may use what follows. It is held
	// while the daemon works, which can be long: hence no mutex.
	turn    chan struct{}
	process *sanlock.Process // nil: not registered
	leases  int
	lost    sync.Once
}

// NewHost returns the host. It connects to the daemon when a lease is needed.
func NewHost(o Options) *Host {
	h := &Host{o: o, client: sanlock.New(o.RunDir), wanted: map[string]bool{}, turn: make(chan struct{}, 1)}
	h.turn <- struct{}{}
	return h
}

// Available says whether the daemon answers.
func (h *Host) Available(ctx context.Context) error {
	_, _, _, err := h.client.Version(ctx)
	return err
}

// Close ends the registration; leases that are still held are released.
func (h *Host) Close() {
	<-h.turn
	defer func() { h.turn <- struct{}{} }()
	if p := h.process; p != nil {
		h.forget() // losing them now is meant
		p.Close()
	}
}

// Held returns the leases that this process holds, by lockspace. Errors are
// [api.ErrSanlockInquire].
func (h *Host) Held(ctx context.Context) (map[string][]Lease, error) {
	held := map[string][]Lease{}
	err := h.use(ctx, func(p *sanlock.Process) error {
		if p == nil {
			return nil // who is not registered holds none
		}
		resources, err := p.Inquire(ctx)
		for _, r := range resources {
			if len(r.Disks) > 0 {
				held[r.Lockspace] = append(held[r.Lockspace], Lease{r.Name, r.Disks[0].Path, r.Disks[0].Offset})
			}
		}
		return err
	})
	if err != nil {
		return nil, api.ErrSanlockInquire.Of(errno(err), err.Error()).Caused(err)
	}
	return held, nil
}

// acquire registers this process if need be, and once more if the daemon was
// restarted since.
func (h *Host) acquire(ctx context.Context, r sanlock.Resource, o sanlock.AcquireOptions) error {
	return h.use(ctx, func(*sanlock.Process) error {
		err := h.acquireOnce(ctx, r, o)
		if errors.Is(err, sanlock.ErrLost) && h.leases == 0 {
			h.o.Log.WarnContext(ctx, "the connection to sanlock ended, registering again")
			h.process = nil
			err = h.acquireOnce(ctx, r, o)
		}
		return err
	})
}

func (h *Host) acquireOnce(ctx context.Context, r sanlock.Resource, o sanlock.AcquireOptions) error {
	if h.process == nil {
		p, err := h.client.Register(ctx)
		if err != nil {
			return err
		}
		h.process = p
		go h.watch(p)
	}
	err := h.process.Acquire(ctx, r, o)
	if err == nil {
		h.leases++
	}
	return err
}

func (h *Host) release(ctx context.Context, r sanlock.Resource) error {
	return h.use(ctx, func(p *sanlock.Process) error {
		if p == nil {
			return fmt.Errorf("no lease is held")
		}
		err := p.Release(ctx, r)
		if err == nil {
			h.leases--
		}
		return err
	})
}

// use calls f when it is its turn, and tells the owner if f found out that
// leases are lost.
func (h *Host) use(ctx context.Context, f func(*sanlock.Process) error) error {
	select {
	case <-h.turn:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	err := f(h.process)
	lost := 0
	if errors.Is(err, sanlock.ErrLost) {
		lost = h.forget()
	}
	h.turn <- struct{}{}
	h.tell(lost)
	return err
}

// watch tells the owner of lost leases even when nobody uses the connection.
// It ends with the registration.
func (h *Host) watch(p *sanlock.Process) {
	<-p.Lost()
	<-h.turn
	lost := 0
	if h.process == p {
		lost = h.forget()
	}
	h.turn <- struct{}{}
	h.tell(lost)
}

// forget ends the registration and returns how many leases went with it.
func (h *Host) forget() int {
	held := h.leases
	h.process, h.leases = nil, 0
	return held
}

func (h *Host) tell(lost int) {
	if lost > 0 {
		h.lost.Do(func() {
			h.o.OnLost(fmt.Errorf("%w while %d leases were held", sanlock.ErrLost, lost))
		})
	}
}

func (h *Host) want(lockspace string, wanted bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wanted[lockspace] = wanted
}

func (h *Host) isWanted(lockspace string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.wanted[lockspace]
}
