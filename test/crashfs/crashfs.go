// SPDX-License-Identifier: GPL-2.0-or-later

// Package crashfs is a file system in memory for tests of crashes: it numbers
// every change that reaches it, whoever makes it, and keeps what the disk would
// hold if all ended there.
//
//	func TestMain(m *testing.M) { crashfs.ServeIfServer(); os.Exit(m.Run()) }
//
//	disks := crashfs.Start(t)
//	fs := disks.New(t)
//	fs.Mount(t, dir)
//	fs.Record(t)
//	… // programs work below dir
//	for _, p := range fs.Points(t) {
//		disks.At(t, p, crashfs.Killed).Mount(t, other)
//		… // what does the next one find?
//	}
//
// It is a FUSE file system without caches: a system call that changes something
// is a step here before it returns, also one of a child process. It is served
// by a process of its own: a Go program that waits for itself, between fork and
// exec say, waits for ever.
//
// What is promised of the images:
//
//   - Killed has all steps before the point and nothing of those after it: the
//     process was killed, the kernel lives.
//   - Lost has only what somebody has flushed. Names are kept in their order,
//     up to the last flush of anything, as in the journals of ext4 and XFS;
//     the contents of a file as they were when it was flushed itself.
//   - Torn has all names and sizes that were set, as when the journal was
//     written at the last moment or a server of NFS keeps them; contents as in
//     Lost. A file that was written and never flushed is empty.
//   - Half is Killed with half of the blocks of a write that was under way.
package crashfs

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// disk is a file system. It is served by one goroutine while it is mounted.
type disk struct {
	mu     sync.Mutex
	nodes  map[uint64]*node
	last   uint64 // number of the newest node
	opened map[uint64][]dirent
	handle uint64

	flushed   tree // names when something was flushed the last time
	steps     int
	recording bool
	points    []moment
	plan      Plan
}

// newDisk returns a file system with what an image holds; nil is empty.
func newDisk(t tree) *disk {
	f := &disk{nodes: make(map[uint64]*node), opened: make(map[uint64][]dirent)}
	if t == nil {
		t = tree{rootID: {mode: syscall.S_IFDIR | 0o755, links: 2, entries: map[string]uint64{}, set: -1}}
	}
	for id, n := range t {
		copied := n
		f.nodes[id] = &copied
		f.last = max(f.last, id)
	}
	f.flushed = f.copyTree()
	return f
}

// mount mounts it, and returns what unmounts it.
func (f *disk) mount(dir string) (unmount func() error, err error) {
	fd, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("no FUSE here: %w", err)
	}
	options := fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd)
	if err := unix.Mount("crashfs", dir, "fuse.crashfs", unix.MS_NOSUID|unix.MS_NODEV, options); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("FUSE cannot be mounted here: %w", err)
	}
	served := make(chan struct{})
	device := os.NewFile(uintptr(fd), "/dev/fuse")
	go func() { // ends when it is closed
		defer close(served)
		f.serve(device)
	}()
	return func() error {
		// Closing ends it also for mount namespaces that were made meanwhile,
		// by whomever, and have a copy.
		err := errors.Join(unix.Unmount(dir, unix.MNT_DETACH), device.Close())
		<-served // how it ends depends on which of both came first
		return err
	}, nil
}
