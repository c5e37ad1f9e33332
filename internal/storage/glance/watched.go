// SPDX-License-Identifier: GPL-2.0-or-later

package glance

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

// watched is a body that ends the transfer when the server is silent: when
// nothing comes of what is read, or nobody asks for more of what is sent.
type watched struct {
	io.Reader
	ctx     context.Context
	cancel  context.CancelCauseFunc
	silence time.Duration
	taken   bool         // the server takes it: it is silent between two reads
	close   func() error // nil: nothing to close

	mu    sync.Mutex
	alarm *time.Timer
}

// Read implements io.Reader.
func (w *watched) Read(p []byte) (int, error) {
	if w.taken {
		w.rest()
		n, err := w.Reader.Read(p)
		if err == nil {
			w.wait()
		}
		return n, err
	}
	w.wait()
	n, err := w.Reader.Read(p)
	w.rest()
	if cause := context.Cause(w.ctx); err != nil && !errors.Is(err, io.EOF) && cause != nil {
		err = cause
	}
	return n, err
}

// wait begins to count the server's silence.
func (w *watched) wait() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.alarm = time.AfterFunc(w.silence, func() { w.cancel(errSilent) })
}

// rest ends it.
func (w *watched) rest() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.alarm != nil {
		w.alarm.Stop()
		w.alarm = nil
	}
}

// Close implements io.Closer. net/http closes what it sends, too.
func (w *watched) Close() error {
	w.rest()
	if w.close == nil {
		return nil
	}
	err := w.close()
	w.cancel(nil)
	return err
}
