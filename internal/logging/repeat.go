// SPDX-License-Identifier: GPL-2.0-or-later

package logging

import (
	"hash/maphash"
	"log/slog"
	"sync"
	"time"
)

const (
	// variants is how many different lines of one message are printed within
	// its window: fifty VMs that fail for fifty reasons make a few lines.
	variants = 10
	// longestWindow is where the window stops growing. Something that goes on
	// for days costs one line an hour.
	longestWindow = time.Hour
	// mostTracked bounds the memory; messages beyond it are printed.
	mostTracked = 1024
)

// repeats counts records that say the same again. The first one is printed at
// once and opens a window; at its end one line tells how many there were, and
// as long as they go on each window is twice as long as the last.
type repeats struct {
	window time.Duration
	emit   func(*record)
	seed   maphash.Seed

	mu     sync.Mutex
	seen   map[message]*episode
	closed bool
}

// message is what makes two records the same kind.
type message struct {
	component string
	level     slog.Level
	text      string
}

type episode struct {
	window  time.Duration
	timer   *time.Timer
	printed map[uint64]bool // hashes of the attributes of printed lines
	counted int
	last    *record // the newest that was not printed
}

func newRepeats(window time.Duration, emit func(*record)) *repeats {
	return &repeats{window: window, emit: emit, seed: maphash.MakeSeed(), seen: make(map[message]*episode)}
}

// admit reports whether r is to be printed now.
func (p *repeats) admit(r *record) bool {
	if p.window < 0 {
		return true
	}
	m := message{r.component, r.level, r.message}
	hash := p.hash(r.fields)
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.seen[m]
	if e == nil {
		if p.closed || len(p.seen) >= mostTracked {
			return true
		}
		e = &episode{window: p.window, printed: make(map[uint64]bool)}
		e.timer = time.AfterFunc(e.window, func() { p.end(m) })
		p.seen[m] = e
	}
	if !e.printed[hash] && len(e.printed) < variants {
		e.printed[hash] = true
		return true
	}
	e.counted++
	e.last = r
	return false
}

func (p *repeats) hash(fields []field) uint64 {
	var h maphash.Hash
	h.SetSeed(p.seed)
	for _, f := range fields {
		h.WriteString(f.key)
		h.WriteByte(0)
		h.WriteString(f.text())
		h.WriteByte(0)
	}
	return h.Sum64()
}

// end closes the window of a message: silence forgets it, more of the same
// opens a longer one.
func (p *repeats) end(m message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.seen[m]
	if e == nil || p.closed {
		return
	}
	if e.counted == 0 {
		delete(p.seen, m)
		return
	}
	p.summarise(e)
	e.window = min(2*e.window, longestWindow)
	e.timer.Reset(e.window)
}

// summarise prints the newest of the counted records with their number.
func (p *repeats) summarise(e *episode) {
	r := *e.last
	r.time = time.Now()
	r.fields = append(r.fields, field{"repeated", int64(e.counted)}, field{"within", e.window.String()})
	e.counted, e.last = 0, nil
	p.emit(&r)
}

// close prints what is still counted.
func (p *repeats) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, e := range p.seen {
		e.timer.Stop()
		if e.counted > 0 {
			p.summarise(e)
		}
	}
	clear(p.seen)
}
