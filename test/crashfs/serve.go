// SPDX-License-Identifier: GPL-2.0-or-later

package crashfs

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// The protocol is that of linux/fuse.h, version 7.31.
const (
	opLookup, opForget, opGetattr, opSetattr, opReadlink, opSymlink        = 1, 2, 3, 4, 5, 6
	opMknod, opMkdir, opUnlink, opRmdir, opRename, opLink, opOpen, opRead  = 8, 9, 10, 11, 12, 13, 14, 15
	opWrite, opStatfs, opRelease, opFsync, opFlush, opInit                 = 16, 17, 18, 20, 25, 26
	opOpendir, opReaddir, opReleasedir, opFsyncdir, opAccess, opCreate     = 27, 28, 29, 30, 34, 35
	opInterrupt, opDestroy, opBatchForget, opFallocate, opRename2, opLseek = 36, 38, 42, 43, 45, 46

	rootID     = 1
	mostWrite  = 1 << 20
	headerSize = 40

	// Of FUSE_INIT: O_TRUNC comes with the open, writes of many pages.
	atomicTruncate, bigWrites, maxPages = 1 << 3, 1 << 5, 1 << 22
	directIO                            = 1 // of an open: no cache
)

type header struct {
	Len, Op       uint32
	Unique, Node  uint64
	UID, GID, PID uint32
	Extension     uint32
}

// request is what the kernel asks.
type request struct {
	header
	body []byte
}

// read reads the fixed part of a body.
func (r *request) read(into any) {
	// What the kernel sends is complete.
	_ = binary.Read(bytes.NewReader(r.body), binary.LittleEndian, into)
	r.body = r.body[min(len(r.body), binary.Size(into)):]
}

// name reads a name that ends with a NUL.
func (r *request) name() string {
	name, rest, _ := bytes.Cut(r.body, []byte{0})
	r.body = rest
	return string(name)
}

// serve answers the kernel until the file system is unmounted.
func (f *disk) serve(device *os.File) {
	buffer := make([]byte, mostWrite+64<<10)
	for {
		n, err := device.Read(buffer)
		switch {
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.ENOENT):
			continue
		case err != nil:
			return
		case n < headerSize:
			panic(fmt.Sprintf("a request of %d bytes", n))
		}
		r := &request{body: buffer[:n]}
		r.read(&r.header)
		if r.Op == opForget || r.Op == opBatchForget || r.Op == opInterrupt {
			continue // which have no answer
		}
		answer, errno := f.answer(r)
		if err := reply(device, r.Unique, answer, errno); err != nil && !errors.Is(err, unix.ENOENT) {
			return // ENOENT: who asked was killed
		}
		if r.Op == opDestroy {
			return
		}
	}
}

func reply(device *os.File, unique uint64, answer any, errno syscall.Errno) error {
	var body bytes.Buffer
	switch a := answer.(type) {
	case nil:
	case []byte:
		body.Write(a)
	default:
		if err := binary.Write(&body, binary.LittleEndian, a); err != nil {
			return err
		}
	}
	if errno != 0 {
		body.Reset()
	}
	out := make([]byte, 0, 16+body.Len())
	out = binary.LittleEndian.AppendUint32(out, uint32(16+body.Len()))
	out = binary.LittleEndian.AppendUint32(out, uint32(-int32(errno)))
	out = binary.LittleEndian.AppendUint64(out, unique)
	_, err := device.Write(append(out, body.Bytes()...))
	return err
}

type initIn struct{ Major, Minor, Readahead, Flags uint32 }

type initOut struct {
	Major, Minor, Readahead, Flags uint32
	Background, Congestion         uint16
	MaxWrite, TimeGranularity      uint32
	MaxPages, MapAlignment         uint16
	_                              [8]uint32
}

// answer carries a request out.
func (f *disk) answer(r *request) (any, syscall.Errno) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch r.Op {
	case opInit:
		var in initIn
		r.read(&in)
		return initOut{
			Major: 7, Minor: 31, Readahead: in.Readahead, Flags: in.Flags & (atomicTruncate | bigWrites | maxPages),
			Background: 64, Congestion: 48, MaxWrite: mostWrite, TimeGranularity: 1, MaxPages: mostWrite / 4096,
		}, 0
	case opDestroy, opAccess, opRelease:
		return nil, 0
	case opStatfs:
		return statfs(), 0
	}
	n := f.nodes[r.Node]
	if n == nil {
		return nil, syscall.ESTALE
	}
	switch r.Op {
	case opLookup:
		return f.entry(n.entries[r.name()])
	case opGetattr:
		return attrOut{Attr: n.attr(r.Node)}, 0
	case opSetattr:
		return f.setattr(r, n)
	case opReadlink:
		return []byte(n.target), 0
	case opRead:
		return f.read(r, n)
	case opLseek:
		return lseek(r, n)
	case opOpen:
		return f.open(r, n)
	case opOpendir:
		return f.opendir(n), 0
	case opReaddir:
		return f.readdir(r), 0
	case opReleasedir:
		var in struct{ Handle uint64 }
		r.read(&in)
		delete(f.opened, in.Handle)
		return nil, 0
	}
	return f.change(r, n)
}
