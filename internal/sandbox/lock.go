// SPDX-License-Identifier: GPL-2.0-or-later

package sandbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// ErrInUse is returned for a folder that another program runs as a sandbox.
var ErrInUse = errors.New("the sandbox is in use")

// Claim is the right to run the sandbox in a folder. One program has it at a
// time: until it closes the claim, stops the sandbox or ends, however that is.
type Claim struct {
	layout Layout
	file   *os.File
}

// NewClaim makes the folder if it is missing and claims it, so that a program
// can be sure of it before it writes there. A folder in use is ErrInUse.
func NewClaim(dir string) (*Claim, error) {
	layout, err := newLayout(dir)
	if err != nil {
		return nil, err
	}
	file, err := lock(layout)
	if err != nil {
		return nil, err
	}
	return &Claim{layout, file}, nil
}

// Close gives a claim up that Start has not been given.
func (c *Claim) Close() error { return c.file.Close() }

// lock makes this program the only owner of the sandbox until the file is
// closed. A killed owner loses it at once; its daemons never had it.
func lock(l Layout) (*os.File, error) {
	name := filepath.Join(l.Run(), "sandbox.lock")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		if errors.Is(err, unix.EWOULDBLOCK) {
			owner, _ := os.ReadFile(name) // only for the message
			err = fmt.Errorf("%w: %s is run by process %s", ErrInUse, l.Dir, owner)
		}
		return nil, errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Truncate(0), writeOwner(f)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func writeOwner(f *os.File) error {
	_, err := fmt.Fprintf(f, "%d", os.Getpid())
	return err
}
