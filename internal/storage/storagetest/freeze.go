// SPDX-License-Identifier: GPL-2.0-or-later

// Package storagetest has storage that goes wrong, for the tests of storage.
package storagetest

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// Freeze puts a file system over a folder whose server never answers: the
// kernel waits for a FUSE daemon, which we are and which says nothing. The
// folder is free again after thaw, or the test. The test may unmount it itself.
func Freeze(t testing.TB, dir string) (thaw func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	server, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no FUSE here: ", err)
	}
	options := fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0", server.Fd())
	if err := unix.Mount("frozen", dir, "fuse", 0, options); err != nil {
		server.Close()
		t.Skip("FUSE cannot be mounted here: ", err)
	}
	thaw = sync.OnceFunc(func() {
		server.Close()                                                                             // lets everybody go
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil && !errors.Is(err, unix.EINVAL) { // EINVAL: nothing is mounted
			t.Error(err)
		}
	})
	t.Cleanup(thaw)
	return thaw
}
