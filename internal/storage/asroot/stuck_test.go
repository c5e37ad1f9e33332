// SPDX-License-Identifier: GPL-2.0-or-later

package asroot

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// freeze mounts a file system whose server takes each request and answers none:
// who has asked it cannot be killed before it ends.
func freeze(t *testing.T, target string) {
	t.Helper()
	fd, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skip("no FUSE here: ", err)
	}
	options := fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd)
	if err := unix.Mount("frozen", target, "fuse", 0, options); err != nil {
		t.Skip("FUSE cannot be mounted here: ", err)
	}
	t.Cleanup(func() { // lets everybody go
		_ = unix.Unmount(target, unix.MNT_FORCE|unix.MNT_DETACH)
		_ = unix.Close(fd)
	})
	b := make([]byte, 1<<20)
	n, err := unix.Read(fd, b) // FUSE_INIT; see linux/fuse.h
	must(t, err)
	if n < 40 || binary.NativeEndian.Uint32(b[4:]) != 26 {
		t.Fatalf("the first request is %d", binary.NativeEndian.Uint32(b[4:]))
	}
	answer := make([]byte, 16+64)
	binary.NativeEndian.PutUint32(answer, uint32(len(answer)))
	copy(answer[8:16], b[8:16]) // its number
	binary.NativeEndian.PutUint32(answer[16:], 7)
	binary.NativeEndian.PutUint32(answer[20:], 31)
	_, err = unix.Write(fd, answer)
	must(t, err)
	go func() { // ends with the mount
		for {
			if _, err := unix.Read(fd, b); err != nil && err != unix.EINTR {
				return
			}
		}
	}()
}

// A child that hangs in the kernel is left to it; who waits for it is not.
func TestChildThatCannotBeKilled(t *testing.T) {
	needsRoot(t)
	s, target := repository(t)
	freeze(t, target)
	s.users = []User{{Name: "root"}}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	returned := make(chan error, 1)
	go func() { returned <- s.Access(ctx, target) }()
	select {
	case err := <-returned:
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
	case <-time.After(30 * time.Second):
		t.Error("it does not return")
		_ = unix.Unmount(target, unix.MNT_FORCE|unix.MNT_DETACH)
		<-returned
	}
}
