// SPDX-License-Identifier: GPL-2.0-or-later

package crashfs

import (
	"encoding/binary"
	"maps"
	"slices"
	"syscall"
	"time"
)

// node is a file, a folder or a link. Maps and contents in it are replaced, and
// not changed.
type node struct {
	mode    uint32
	links   uint32
	uid     uint32
	gid     uint32
	changed time.Time
	entries map[string]uint64 // of a folder
	target  string            // of a symbolic link
	live    content           // of a file
	safe    content           // as it was flushed
	set     int64             // the size that was set since, -1: none
}

type attr struct {
	Ino, Size, Blocks                           uint64
	Atime, Mtime, Ctime                         uint64
	AtimeNS, MtimeNS, CtimeNS                   uint32
	Mode, Links, UID, GID, Rdev, BlockSize, Any uint32
}

type attrOut struct {
	Valid   uint64
	ValidNS uint32
	_       uint32
	Attr    attr
}

type entryOut struct {
	Node, Generation, EntryValid, AttrValid uint64
	EntryValidNS, AttrValidNS               uint32
	Attr                                    attr
}

type openOut struct {
	Handle       uint64
	Flags, Other uint32
}

func (n *node) dir() bool { return n.mode&syscall.S_IFMT == syscall.S_IFDIR }

func (n *node) attr(id uint64) attr {
	size := n.live.size
	if n.mode&syscall.S_IFMT == syscall.S_IFLNK {
		size = int64(len(n.target))
	}
	s, ns := uint64(n.changed.Unix()), uint32(n.changed.Nanosecond())
	return attr{
		Ino: id, Size: uint64(size), Blocks: uint64(len(n.live.blocks)) * (blockSize / sector),
		Atime: s, Mtime: s, Ctime: s, AtimeNS: ns, MtimeNS: ns, CtimeNS: ns,
		Mode: n.mode, Links: n.links, UID: n.uid, GID: n.gid, BlockSize: blockSize,
	}
}

// entry is the answer that names a node.
func (f *disk) entry(id uint64) (any, syscall.Errno) {
	n := f.nodes[id]
	if n == nil {
		return nil, syscall.ENOENT
	}
	return entryOut{Node: id, Attr: n.attr(id)}, 0
}

// make adds a node to a folder.
func (f *disk) make(r *request, parent *node, name string, k Kind, made node) (any, syscall.Errno) {
	if _, there := parent.entries[name]; there {
		return nil, syscall.EEXIST
	}
	blocks := 0
	if made.dir() {
		blocks = 1
	}
	if e := f.step(k, name, blocks); e != 0 {
		return nil, e
	}
	f.last++
	made.uid, made.gid, made.changed, made.set = r.UID, r.GID, time.Now(), -1
	made.links = 1
	if made.dir() {
		made.links, made.entries = 2, map[string]uint64{}
		parent.links++
	}
	f.nodes[f.last] = &made
	parent.with(name, f.last)
	return f.entry(f.last)
}

// with gives a folder an entry.
func (n *node) with(name string, id uint64) {
	n.entries = maps.Clone(n.entries)
	n.entries[name] = id
	n.changed = time.Now()
}

// without takes an entry from a folder.
func (n *node) without(name string) {
	n.entries = maps.Clone(n.entries)
	delete(n.entries, name)
	n.changed = time.Now()
}

// freed is how many blocks a node gives back with a link.
func (n *node) freed() int {
	switch {
	case n.dir():
		return 1
	case n.links > 1:
		return 0
	}
	return len(n.live.blocks)
}

// drop takes one link from a node.
func (f *disk) drop(id uint64) {
	n := f.nodes[id]
	n.links--
	if n.dir() {
		n.links = 0
	}
	// It stays in nodes: somebody may have it open.
}

type dirent struct {
	id   uint64
	name string
	kind uint32
}

func (f *disk) opendir(n *node) openOut {
	var all []dirent
	for _, name := range slices.Sorted(maps.Keys(n.entries)) {
		id := n.entries[name]
		all = append(all, dirent{id, name, f.nodes[id].mode & syscall.S_IFMT >> 12})
	}
	f.handle++
	f.opened[f.handle] = all
	return openOut{Handle: f.handle}
}

type readIn struct {
	Handle, Offset uint64
	Size, _        uint32
	_              [2]uint64
}

func (f *disk) readdir(r *request) []byte {
	var in readIn
	r.read(&in)
	var out []byte
	for i, d := range f.opened[in.Handle] {
		if uint64(i) < in.Offset {
			continue
		}
		size := (24 + len(d.name) + 7) / 8 * 8
		if len(out)+size > int(in.Size) {
			break
		}
		end := len(out) + size
		out = binary.LittleEndian.AppendUint64(out, d.id)
		out = binary.LittleEndian.AppendUint64(out, uint64(i+1))
		out = binary.LittleEndian.AppendUint32(out, uint32(len(d.name)))
		out = binary.LittleEndian.AppendUint32(out, d.kind)
		out = append(out, d.name...)
		out = append(out, make([]byte, end-len(out))...)
	}
	return out
}

func (f *disk) read(r *request, n *node) (any, syscall.Errno) {
	var in readIn
	r.read(&in)
	return n.live.read(int64(in.Offset), int(in.Size)), 0
}

func lseek(r *request, n *node) (any, syscall.Errno) {
	var in struct {
		Handle, Offset uint64
		Whence, _      uint32
	}
	r.read(&in)
	const seekData, seekHole = 3, 4
	if in.Whence != seekData && in.Whence != seekHole {
		return nil, syscall.EINVAL
	}
	at, found := n.live.seek(int64(in.Offset), in.Whence == seekHole)
	if !found {
		return nil, syscall.ENXIO
	}
	return uint64(at), 0
}

func statfs() any {
	const blocks = 64 << 30 / blockSize
	return struct {
		Blocks, Free, Available, Files, FreeFiles uint64
		Size, NameLength, Fragment                uint32
		_                                         [7]uint32
	}{blocks, blocks, blocks, 1 << 20, 1 << 20, blockSize, 255, blockSize, [7]uint32{}}
}
