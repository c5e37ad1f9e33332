// SPDX-License-Identifier: GPL-2.0-or-later

package dhcp

import (
	"context"
	"errors"
	"net"
	"os"
	"time"
)

var (
	// errNotOurs passes a message over that answers somebody else, or is
	// nonsense.
	errNotOurs = errors.New("not an answer to this client")
	// errRefused says that a server wants the client to start over.
	errRefused = errors.New("the server refuses the address")
	// errNoAnswer says that there was none in time.
	errNoAnswer = errors.New("no server answers")
)

// exchange sends a message until something is accepted as its answer, with
// growing pauses, or until ctx ends. The socket is its own and closed in the
// end.
func exchange[T any](ctx context.Context, w wire, p pace, message func() []byte, accept func(message []byte, from net.HardwareAddr) (T, error)) (T, error) {
	defer w.Close()
	defer context.AfterFunc(ctx, func() { _ = w.Close() })() // ends the waiting
	var none T
	for try := 0; ; try++ {
		if err := w.Send(message()); err != nil {
			return none, ended(ctx, err)
		}
		if err := w.SetReadDeadline(time.Now().Add(p.wait(try))); err != nil {
			return none, ended(ctx, err)
		}
		for {
			b, from, err := w.Receive()
			if errors.Is(err, os.ErrDeadlineExceeded) {
				break
			}
			if err != nil {
				return none, ended(ctx, err)
			}
			answer, err := accept(b, from)
			if !errors.Is(err, errNotOurs) {
				return answer, err
			}
		}
	}
}

// ended tells the end of patience from a failure.
func ended(ctx context.Context, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return errNoAnswer
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return err
}
