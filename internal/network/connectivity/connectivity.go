// SPDX-License-Identifier: GPL-2.0-or-later

// Package connectivity tells root's helper that a manager was heard from.
//
// The two daemons meet at a file, as in the original: vdsmd touches it when a
// manager confirms that it reaches the host, and whoever changes the network
// waits for that. So the news passes also when either daemon was started anew
// in between, and other programs of the host can send it.
//
// Source: lib/vdsm/network/connectivity.py, lib/vdsm/common/connectivity.py.
package connectivity

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// DefaultFile is the original's.
const DefaultFile = "/run/vdsm/client.log"

// Confirm says that a manager was heard from now.
func Confirm(file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	now := time.Now()
	return errors.Join(os.Chtimes(file, now, now), f.Close())
}

// Wait returns nil as soon as a manager is heard from, which takes as long as
// the kernel's notice does. Otherwise it returns the cause of the end of ctx.
// What was heard before Wait was called does not count.
func Wait(ctx context.Context, file string) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("wait for a manager: %w", err)
	}
	// The kernel takes some tens of milliseconds to forget a watch: it waits until
	// nobody can be looking at it (fsnotify_wait_marks_destroyed). The caller, who
	// has a manager waiting, need not: it ends by itself.
	defer func() { go w.Close() }()
	// The folder, as the file may not be there yet.
	if err := w.Add(filepath.Dir(file)); err != nil {
		return fmt.Errorf("wait for a manager: %w", err)
	}
	for {
		select {
		case e := <-w.Events:
			if filepath.Clean(e.Name) == filepath.Clean(file) && !e.Has(fsnotify.Remove) && !e.Has(fsnotify.Rename) {
				return nil
			}
		case err := <-w.Errors:
			return fmt.Errorf("wait for a manager: %w", err)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
