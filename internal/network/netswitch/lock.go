// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"govdsm/api"
)

// hold makes the caller the only one who changes networks: in this process by
// the mutex, among processes (supervdsmd, and vdsm-tool as long as no
// supervdsmd runs) by a lock on a file, which goes with its process. Whoever
// comes second is refused.
func (c *Configurator) hold() (release func(), err error) {
	if !c.one.TryLock() {
		return nil, api.ErrResourceUnavailable
	}
	f, err := c.lockFile()
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = api.ErrResourceUnavailable
	}
	if err != nil {
		c.one.Unlock()
		return nil, err
	}
	return func() { _ = f.Close(); c.one.Unlock() }, nil
}

// lockPause is the time between two tries of who has to wait.
const lockPause = 50 * time.Millisecond

// holdPatiently waits while others change networks: what they have under way
// must not be taken for something that a dead process left.
func (c *Configurator) holdPatiently(ctx context.Context) (release func(), err error) {
	for {
		release, err := c.hold()
		if !errors.Is(err, api.ErrResourceUnavailable) {
			return release, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(lockPause):
		}
	}
}

// lockFile returns a nil file, which may be closed, when there is none to lock.
func (c *Configurator) lockFile() (*os.File, error) {
	if c.o.Lock == "" {
		return nil, nil
	}
	if err := os.MkdirAll(filepath.Dir(c.o.Lock), 0o755); err != nil {
		return nil, fmt.Errorf("lock of the networks: %w", err)
	}
	f, err := os.OpenFile(c.o.Lock, os.O_CREATE|os.O_RDWR|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock of the networks: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock of the networks %s: %w", c.o.Lock, err)
	}
	return f, nil
}
