// SPDX-License-Identifier: GPL-2.0-or-later

package crashfs

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// change carries out what changes something.
func (f *disk) change(r *request, n *node) (any, syscall.Errno) {
	switch r.Op {
	case opMknod:
		var in struct{ Mode, Rdev, Mask, _ uint32 }
		r.read(&in)
		return f.make(r, n, r.name(), Create, node{mode: in.Mode &^ in.Mask})
	case opCreate:
		return f.create(r, n)
	case opMkdir:
		var in struct{ Mode, Mask uint32 }
		r.read(&in)
		return f.make(r, n, r.name(), Mkdir, node{mode: syscall.S_IFDIR | in.Mode&^in.Mask})
	case opSymlink:
		name := r.name()
		return f.make(r, n, name, Symlink, node{mode: syscall.S_IFLNK | 0o777, target: r.name()})
	case opUnlink, opRmdir:
		return nil, f.remove(n, r.name(), r.Op == opRmdir)
	case opRename, opRename2:
		return nil, f.rename(r, n)
	case opLink:
		return f.link(r, n)
	case opWrite:
		return f.write(r, n)
	case opFallocate:
		return nil, f.fallocate(r, n)
	case opFsync, opFsyncdir:
		if e := f.step(Flush, f.nameOf(r.Node), 0); e != 0 {
			return nil, e
		}
		f.flush(n)
		return nil, 0
	}
	return nil, syscall.ENOSYS
}

// nameOf finds a name of a node, for messages.
func (f *disk) nameOf(id uint64) string {
	for _, n := range f.nodes {
		for name, at := range n.entries {
			if at == id {
				return name
			}
		}
	}
	return ""
}

func (f *disk) create(r *request, parent *node) (any, syscall.Errno) {
	var in struct{ Flags, Mode, Mask, _ uint32 }
	r.read(&in)
	made, e := f.make(r, parent, r.name(), Create, node{mode: in.Mode &^ in.Mask})
	if e != 0 {
		return nil, e
	}
	return struct {
		Entry entryOut
		Open  openOut
	}{made.(entryOut), openOut{Flags: directIO}}, 0
}

func (f *disk) open(r *request, n *node) (any, syscall.Errno) {
	var in struct{ Flags, _ uint32 }
	r.read(&in)
	if in.Flags&unix.O_TRUNC != 0 && n.live.size > 0 {
		if e := f.step(Truncate, f.nameOf(r.Node), -n.live.beyond(0)); e != 0 {
			return nil, e
		}
		n.resize(0)
	}
	return openOut{Flags: directIO}, 0
}

func (n *node) resize(size int64) {
	n.live, n.set, n.changed = n.live.resize(size), size, time.Now()
}

func (f *disk) remove(parent *node, name string, dir bool) syscall.Errno {
	id, there := parent.entries[name]
	if !there {
		return syscall.ENOENT
	}
	n, kind := f.nodes[id], Unlink
	switch {
	case dir && !n.dir():
		return syscall.ENOTDIR
	case !dir && n.dir():
		return syscall.EISDIR
	case dir && len(n.entries) > 0:
		return syscall.ENOTEMPTY
	case dir:
		kind = Rmdir
	}
	if e := f.step(kind, name, -n.freed()); e != 0 {
		return e
	}
	parent.without(name)
	if dir {
		parent.links--
	}
	f.drop(id)
	return 0
}

func (f *disk) rename(r *request, from *node) syscall.Errno {
	var in struct{ Dir uint64 }
	r.read(&in)
	var flags uint32
	if r.Op == opRename2 {
		var more struct{ Flags, _ uint32 }
		r.read(&more)
		flags = more.Flags
	}
	name, newName := r.name(), r.name()
	to := f.nodes[in.Dir]
	id, there := from.entries[name]
	if !there || to == nil {
		return syscall.ENOENT
	}
	if flags&^unix.RENAME_NOREPLACE != 0 {
		return syscall.EINVAL
	}
	moved := f.nodes[id]
	old, taken := to.entries[newName]
	if taken {
		replaced := f.nodes[old]
		switch {
		case flags != 0:
			return syscall.EEXIST
		case old == id:
			return 0
		case replaced.dir() && !moved.dir():
			return syscall.EISDIR
		case !replaced.dir() && moved.dir():
			return syscall.ENOTDIR
		case len(replaced.entries) > 0:
			return syscall.ENOTEMPTY
		}
	}
	freed := 0
	if taken {
		freed = f.nodes[old].freed()
	}
	if e := f.step(Rename, newName, -freed); e != 0 {
		return e
	}
	if taken {
		f.drop(old)
	}
	from.without(name)
	to.with(newName, id)
	if moved.dir() {
		from.links--
		to.links++
	}
	return 0
}

func (f *disk) link(r *request, parent *node) (any, syscall.Errno) {
	var in struct{ Old uint64 }
	r.read(&in)
	name, n := r.name(), f.nodes[in.Old]
	if n == nil {
		return nil, syscall.ENOENT
	}
	if _, taken := parent.entries[name]; taken {
		return nil, syscall.EEXIST
	}
	if e := f.step(Link, name, 0); e != 0 {
		return nil, e
	}
	n.links++
	n.changed = time.Now()
	parent.with(name, in.Old)
	return f.entry(in.Old)
}

func (f *disk) write(r *request, n *node) (any, syscall.Errno) {
	var in struct {
		Handle, Offset uint64
		Size, _        uint32
		Owner          uint64
		Flags, _       uint32
	}
	r.read(&in)
	data := r.body[:in.Size]
	if e := f.step(Write, f.nameOf(r.Node), n.live.missing(int64(in.Offset), int64(in.Size))); e != 0 {
		return nil, e
	}
	f.half(r.Node, n, int64(in.Offset), data)
	n.live, n.changed = n.live.write(int64(in.Offset), data), time.Now()
	return struct{ Size, _ uint32 }{in.Size, 0}, 0
}

func (f *disk) fallocate(r *request, n *node) syscall.Errno {
	var in struct {
		Handle, Offset, Length uint64
		Mode, _                uint32
	}
	r.read(&in)
	const keepSize, punch, zero = unix.FALLOC_FL_KEEP_SIZE, unix.FALLOC_FL_PUNCH_HOLE, unix.FALLOC_FL_ZERO_RANGE
	if in.Mode&^(keepSize|punch|zero) != 0 {
		return syscall.EOPNOTSUPP
	}
	if e := f.step(Allocate, f.nameOf(r.Node), n.live.missing(int64(in.Offset), int64(in.Length))); e != 0 {
		return e
	}
	offset, length, size := int64(in.Offset), int64(in.Length), n.live.size
	if in.Mode&(punch|zero) != 0 {
		n.live = n.live.punch(offset, length)
	}
	if in.Mode&punch == 0 {
		n.live = n.live.allocate(offset, length)
	}
	if in.Mode&keepSize != 0 {
		n.live.size = size
	}
	if n.live.size != size {
		n.set = n.live.size
	}
	n.changed = time.Now()
	return 0
}

// setattr sets sizes, permissions and owners.
func (f *disk) setattr(r *request, n *node) (any, syscall.Errno) {
	var in struct {
		Valid, _             uint32
		Handle, Size, Owner  uint64
		Times                [3]uint64
		Nanoseconds          [3]uint32
		Mode, _, UID, GID, _ uint32
	}
	r.read(&in)
	const mode, uid, gid, size = 1, 2, 4, 8
	if in.Valid&size != 0 {
		if e := f.step(Truncate, f.nameOf(r.Node), -n.live.beyond(int64(in.Size))); e != 0 {
			return nil, e
		}
		n.resize(int64(in.Size))
	}
	if in.Valid&(mode|uid|gid) != 0 {
		if e := f.step(Chmod, f.nameOf(r.Node), 0); e != 0 {
			return nil, e
		}
	}
	if in.Valid&mode != 0 {
		n.mode = n.mode&syscall.S_IFMT | in.Mode&^syscall.S_IFMT
	}
	if in.Valid&uid != 0 {
		n.uid = in.UID
	}
	if in.Valid&gid != 0 {
		n.gid = in.GID
	}
	n.changed = time.Now()
	return attrOut{Attr: n.attr(r.Node)}, 0
}
