// SPDX-License-Identifier: GPL-2.0-or-later

package outofprocess

import (
	"cmp"
	"log/slog"
	"path/filepath"
	"sync"
	"time"
)

// Options configure a Pool. A zero member means the default.
type Options struct {
	Timeout time.Duration // of a call, the time it waits included; default 60 s
	Idle    time.Duration // after which a helper without calls ends; default 60 s
	Slots   int           // calls of a domain at one time; default 10
	Queue   int           // calls of a domain that wait; default 10; negative means none
	// Silent is how many helpers of a domain may have fallen silent and not
	// ended yet before its calls are refused; default 3.
	Silent int
	Log    *slog.Logger
}

// Pool keeps the helpers, one for each key. Its methods may be called at once.
type Pool struct {
	o    Options
	wait sync.WaitGroup // goroutines of helpers

	mu      sync.Mutex
	domains map[string]*domain
	closed  bool
}

// New returns a pool without helpers: they start with the first call. Close
// ends it.
func New(o Options) *Pool {
	o.Timeout = cmp.Or(o.Timeout, time.Minute)
	o.Idle = cmp.Or(o.Idle, time.Minute)
	o.Slots = cmp.Or(o.Slots, 10)
	o.Queue = max(0, cmp.Or(o.Queue, 10))
	o.Silent = cmp.Or(o.Silent, 3)
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	return &Pool{o: o, domains: make(map[string]*domain)}
}

// Dir returns the folder at root, an absolute path, with a helper of its own.
// It does no I/O. Links in root itself are followed.
func (p *Pool) Dir(root string) *Dir { return p.Keyed(root, root) }

// Keyed is Dir with a helper that all folders of the key share.
func (p *Pool) Keyed(key, root string) *Dir {
	return &Dir{pool: p, key: key, root: filepath.Clean(root)}
}

// Close kills all helpers. Calls under way fail. Helpers that the kernel does
// not let go yet are left to it.
func (p *Pool) Close() error {
	p.mu.Lock()
	p.closed = true
	for _, d := range p.domains {
		d.close()
	}
	p.mu.Unlock()
	ended := make(chan struct{})
	go func() { // ends with the last helper, at the latest when its server is back
		p.wait.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		p.o.Log.Warn("an I/O helper hangs in the kernel and is left behind")
	}
	return nil
}

// domain returns the helpers of a key.
func (p *Pool) domain(key string) (*domain, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	d, ok := p.domains[key]
	if !ok {
		d = &domain{pool: p, key: key, silent: make(map[*helper]bool), checks: make(map[string]bool)}
		p.domains[key] = d
	}
	return d, nil
}
