// SPDX-License-Identifier: GPL-2.0-or-later

package libvirt

import (
	"fmt"
	"sync"
	"time"

	binding "libvirt.org/go/libvirt"
)

// Loop runs libvirt's event loop. The loop belongs to the process, not to a
// connection: there must be one Loop, started before the first connection is
// dialled and closed after the last one.
type Loop struct {
	stop chan struct{}
	done chan struct{}
	once sync.Once
	err  error // why the loop ended by itself; read after done
}

// StartLoop registers libvirt's default event loop and runs it in a goroutine
// of its own until Close.
func StartLoop() (*Loop, error) {
	if err := binding.EventRegisterDefaultImpl(); err != nil {
		return nil, fmt.Errorf("register the event loop of libvirt: %w", err)
	}
	l := &Loop{stop: make(chan struct{}), done: make(chan struct{})}
	go l.run()
	return l, nil
}

func (l *Loop) run() {
	defer close(l.done)
	for {
		select {
		case <-l.stop:
			return
		default:
		}
		if err := binding.EventRunDefaultImpl(); err != nil {
			l.err = fmt.Errorf("run the event loop of libvirt: %w", err)
			return
		}
	}
}

// pass returns once the loop has finished what it was doing when pass was
// called, or has ended, or after a while.
func (l *Loop) pass() {
	passed := make(chan struct{})
	var once sync.Once
	timer, err := binding.EventAddTimeout(0, func(int) { once.Do(func() { close(passed) }) })
	if err != nil {
		return
	}
	defer func() { _ = binding.EventRemoveTimeout(timer) }()
	select {
	case <-passed:
	case <-l.done:
	case <-time.After(passLimit):
	}
}

// passLimit bounds a pass of the loop. Callbacks take microseconds.
const passLimit = 5 * time.Second

// Close ends the loop. Its goroutine is gone when Close returns.
func (l *Loop) Close() error {
	l.once.Do(func() {
		close(l.stop)
		// The loop sleeps until something happens, so let something happen.
		if timer, err := binding.EventAddTimeout(0, func(int) {}); err == nil {
			defer func() { _ = binding.EventRemoveTimeout(timer) }()
			<-l.done
		}
	})
	return l.err
}
