// SPDX-License-Identifier: GPL-2.0-or-later

package outofprocess

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

var (
	// ErrTimeout says that the file system did not answer in time. It matches
	// syscall.ETIMEDOUT. The operation may have been carried out, or may be
	// later.
	ErrTimeout error = hung{}
	// ErrBusy says that too many calls on the domain run or wait. It matches
	// syscall.EAGAIN. Nothing was done.
	ErrBusy error = busy{}
	// ErrOutside says that a name leads out of the folder it belongs to.
	// Nothing was done.
	ErrOutside = errors.New("the name leads out of its folder")
	// ErrDied says that the helper ended before it answered. The operation may
	// have been carried out or not; the next call gets a new helper.
	ErrDied = errors.New("the I/O helper has died")
	// ErrClosed says that the pool is closed. Nothing was done.
	ErrClosed = errors.New("the I/O helpers are closed")
	// ErrTooLarge says that a file is larger than the caller takes. It matches
	// syscall.EFBIG.
	ErrTooLarge = fmt.Errorf("larger than can be read at once: %w", syscall.EFBIG)
)

// hung has the text of the original, which goes to clients.
type hung struct{}

func (hung) Error() string        { return "Connection timed out" }
func (hung) Is(target error) bool { return target == syscall.ETIMEDOUT }
func (hung) Timeout() bool        { return true }

type busy struct{}

func (busy) Error() string        { return "Resource temporarily unavailable" }
func (busy) Is(target error) bool { return target == syscall.EAGAIN }

// kind numbers the errors that are no errno and keep their identity.
type kind uint8

const (
	plainText kind = iota // nothing but its text is known
	errNumber
	outside
	tooLarge
	cancelled
)

// wireError is an error on its way to the daemon.
type wireError struct {
	Kind  kind
	Errno syscall.Errno
	Text  string
}

func toWire(err error) *wireError {
	if err == nil {
		return nil
	}
	w := &wireError{Text: err.Error()}
	switch {
	case errors.Is(err, ErrTooLarge):
		w.Kind = tooLarge
	case errors.Is(err, ErrOutside):
		w.Kind = outside
	case errors.Is(err, context.Canceled):
		w.Kind = cancelled
	default:
		if n, ok := errors.AsType[syscall.Errno](err); ok {
			w.Kind, w.Errno = errNumber, n
		} else if p, ok := errors.AsType[*fs.PathError](err); ok && escapes(p.Err) {
			w.Kind = outside
		} else if l, ok := errors.AsType[*os.LinkError](err); ok && escapes(l.Err) {
			w.Kind = outside
		}
	}
	return w
}

// escapes recognises the error of os.Root for a name that leads out of it,
// which has no name of its own.
func escapes(err error) bool { return err != nil && err.Error() == "path escapes from parent" }

// fromWire is the reverse of toWire, for an operation on the file at root and
// name.
func fromWire(w *wireError, op, root, name string) error {
	if w == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: filepath.Join(root, name), Err: w.cause()}
}

func (w *wireError) cause() error {
	switch w.Kind {
	case errNumber:
		return w.Errno
	case outside:
		return ErrOutside
	case tooLarge:
		return ErrTooLarge
	case cancelled:
		return context.Canceled
	}
	return errors.New(w.Text)
}
