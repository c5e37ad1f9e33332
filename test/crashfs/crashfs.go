// SPDX-License-Identifier: GPL-2.0-or-later

// Package crashfs is a file system in memory for tests of crashes: it numbers
// every change that reaches it, whoever makes it, and keeps what the disk would
// hold if all ended there.
//
//	fs := crashfs.New(nil)
//	fs.Mount(t, dir)
//	fs.Record()
//	… // programs work below dir
//	for _, p := range fs.Points() {
//		crashfs.New(p.Image(crashfs.Killed)).Mount(t, other)
//		… // what does the next one find?
//	}
//
// It is a FUSE file system without caches: a system call that changes something
// is a step here before it returns, also one of a child process.
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
	"testing"

	"golang.org/x/sys/unix"
)

// FS is a file system. It is served by one goroutine while it is mounted.
type FS struct {
	mu     sync.Mutex
	nodes  map[uint64]*node
	last   uint64 // number of the newest node
	opened map[uint64][]dirent
	handle uint64

	flushed   tree // names when something was flushed the last time
	steps     int
	recording bool
	points    []Point
	judge     func(Step) syscall.Errno
}

// Kind is what a step does.
type Kind string

// Kinds of steps.
const (
	Create   Kind = "create"
	Mkdir    Kind = "mkdir"
	Symlink  Kind = "symlink"
	Link     Kind = "link"
	Unlink   Kind = "unlink"
	Rmdir    Kind = "rmdir"
	Rename   Kind = "rename"
	Write    Kind = "write"
	Truncate Kind = "truncate"
	Allocate Kind = "allocate"
	Chmod    Kind = "chmod"
	Flush    Kind = "flush"
)

// NeedsRoom says whether a step may fail on a full disk.
func (k Kind) NeedsRoom() bool {
	switch k {
	case Create, Mkdir, Symlink, Link, Write, Allocate:
		return true
	}
	return false
}

// Step is a change that is about to be made.
type Step struct {
	N    int // from 0
	Kind Kind
	Name string // last element of the path
}

func (s Step) String() string { return fmt.Sprintf("%d %s %s", s.N, s.Kind, s.Name) }

// New returns a file system with what an image holds; nil is empty.
func New(i *Image) *FS {
	f := &FS{nodes: make(map[uint64]*node), opened: make(map[uint64][]dirent)}
	if i == nil {
		i = &Image{tree{rootID: {mode: syscall.S_IFDIR | 0o755, links: 2, entries: map[string]uint64{}}}}
	}
	for id, n := range i.tree {
		copied := n
		f.nodes[id] = &copied
		f.last = max(f.last, id)
	}
	f.nodes[pollID] = &node{mode: syscall.S_IFREG | 0o600, set: -1}
	f.flushed = f.copyTree()
	return f
}

// Judge has f asked before each step: an error is what the step fails with, and
// it is not made. nil lets all pass.
func (f *FS) Judge(judge func(Step) syscall.Errno) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.judge = judge
}

// Steps returns how many steps were made.
func (f *FS) Steps() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.steps
}

// Now returns what the disk would hold if the process that works on it was
// killed.
func (f *FS) Now() *Image {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &Image{f.copyTree()}
}

// Mount mounts it until the test ends, or until the function that is returned
// is called. A machine without FUSE skips the test.
func (f *FS) Mount(t testing.TB, dir string) (unmount func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	fd, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skip("no FUSE here: ", err)
	}
	options := fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd)
	if err := unix.Mount("crashfs", dir, "fuse.crashfs", unix.MS_NOSUID|unix.MS_NODEV, options); err != nil {
		unix.Close(fd)
		t.Skip("FUSE cannot be mounted here: ", err)
	}
	served := make(chan error, 1)
	go func() { served <- f.serve(fd) }() // ends with the mount
	var once sync.Once
	unmount = func() {
		once.Do(func() {
			if err := unix.Unmount(dir, 0); err != nil {
				// Somebody still has a file open: the last close ends it.
				t.Logf("%s is busy: %v", dir, err)
				if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
					t.Error(err)
					return
				}
			}
			if err := <-served; err != nil && !errors.Is(err, unix.ENODEV) {
				t.Error(err)
			}
		})
	}
	t.Cleanup(unmount)
	if err := noPoll(dir); err != nil {
		t.Fatal(err)
	}
	return unmount
}
