// SPDX-License-Identifier: GPL-2.0-or-later

package crashfs

import (
	"maps"
	"syscall"
)

// tree is all nodes at one moment. Their maps and contents are not changed.
type tree map[uint64]node

// How the work ended at a point.
type How string

// See the package.
const (
	Killed How = "killed"
	Lost   How = "lost"
	Torn   How = "torn"
	Half   How = "half"
)

// moment is one between two steps, or within one.
type moment struct {
	steps  int
	next   Step
	images map[How]tree
}

func (f *disk) point(next Step) {
	live := f.copyTree()
	f.points = append(f.points, moment{
		steps: f.steps, next: next,
		images: map[How]tree{Killed: live, Lost: f.flushed.withoutMemory(), Torn: live.withoutMemory()},
	})
}

// step is called before a change that needs some blocks. An error forbids it.
func (f *disk) step(k Kind, name string, blocks int) syscall.Errno {
	s := Step{f.steps, k, name}
	if e := f.plan.judge(s, blocks); e != 0 {
		return e
	}
	if f.recording {
		f.point(s)
	}
	f.steps++
	return 0
}

// half adds to the last point the image of a write of which only the first half
// has come.
func (f *disk) half(id uint64, n *node, offset int64, data []byte) {
	if !f.recording || len(data) < 2*sector || len(f.points) == 0 {
		return
	}
	half := len(data) / 2 / sector * sector
	t := f.copyTree()
	changed := t[id]
	changed.live = n.live.write(offset, data[:half])
	t[id] = changed
	f.points[len(f.points)-1].images[Half] = t
}

// settle has everything flushed.
func (f *disk) settle() {
	for _, n := range f.nodes {
		n.safe, n.set = n.live, -1
	}
	f.flushed = f.copyTree()
}

// flush makes the contents of a node, if it is a file, and all names last.
func (f *disk) flush(n *node) {
	n.safe = n.live
	n.set = -1
	f.flushed = f.copyTree()
}

// copyTree returns the nodes that can be reached.
func (f *disk) copyTree() tree {
	t := make(tree, len(f.nodes))
	for id, n := range f.nodes {
		if n.links > 0 {
			t[id] = *n
		}
	}
	return t
}

// withoutMemory returns the tree with only the contents that were flushed, in
// the sizes that were set since: those are kept with the names.
func (t tree) withoutMemory() tree {
	result := make(tree, len(t))
	for id, n := range t {
		n.live = n.safe
		if n.set >= 0 {
			n.live = n.live.resize(n.set)
		}
		n.safe, n.set = n.live, -1
		result[id] = n
	}
	return result
}

const (
	blockSize = 4096
	sector    = 512
)

var zeros [blockSize]byte

// content is what a file holds. It does not change; what changes is a new one.
type content struct {
	size   int64
	blocks map[int64]*[blockSize]byte // by their number; a hole has none
}

func (c content) clone() content { return content{c.size, maps.Clone(c.blocks)} }

func (c content) write(offset int64, data []byte) content {
	c = c.clone()
	if c.blocks == nil {
		c.blocks = make(map[int64]*[blockSize]byte)
	}
	c.size = max(c.size, offset+int64(len(data)))
	for len(data) > 0 {
		number, at := offset/blockSize, offset%blockSize
		b := new([blockSize]byte)
		if old := c.blocks[number]; old != nil {
			*b = *old
		}
		n := copy(b[at:], data)
		c.blocks[number] = b
		offset, data = offset+int64(n), data[n:]
	}
	return c
}

func (c content) resize(size int64) content {
	c = c.clone()
	for number, b := range c.blocks {
		start := number * blockSize
		switch {
		case start >= size:
			delete(c.blocks, number)
		case start+blockSize > size:
			cut := *b
			clear(cut[size-start:])
			c.blocks[number] = &cut
		}
	}
	c.size = size
	return c
}

func (c content) allocate(offset, size int64) content {
	c = c.clone()
	if c.blocks == nil {
		c.blocks = make(map[int64]*[blockSize]byte)
	}
	for number := offset / blockSize; number*blockSize < offset+size; number++ {
		if c.blocks[number] == nil {
			c.blocks[number] = &zeros
		}
	}
	c.size = max(c.size, offset+size)
	return c
}

// punch makes a hole, of whole blocks and zeros.
func (c content) punch(offset, size int64) content {
	c = c.clone()
	for number, b := range c.blocks {
		start := number * blockSize
		from, to := max(offset, start), min(offset+size, start+blockSize)
		switch {
		case from >= to:
		case to-from == blockSize:
			delete(c.blocks, number)
		default:
			cut := *b
			clear(cut[from-start : to-start])
			c.blocks[number] = &cut
		}
	}
	return c
}

// missing counts the blocks that a range needs and has not.
func (c content) missing(offset, size int64) (blocks int) {
	for number := offset / blockSize; number*blockSize < offset+size; number++ {
		if c.blocks[number] == nil {
			blocks++
		}
	}
	return blocks
}

// beyond counts the blocks behind a size.
func (c content) beyond(size int64) (blocks int) {
	for number := range c.blocks {
		if number*blockSize >= size {
			blocks++
		}
	}
	return blocks
}

func (c content) read(offset int64, size int) []byte {
	if offset >= c.size {
		return nil
	}
	b := make([]byte, min(int64(size), c.size-offset))
	for done := 0; done < len(b); {
		at := offset + int64(done)
		n := min(len(b)-done, int(blockSize-at%blockSize))
		if block := c.blocks[at/blockSize]; block != nil {
			copy(b[done:done+n], block[at%blockSize:])
		}
		done += n
	}
	return b
}

// seek finds the next data, or the next hole, from offset on.
func (c content) seek(offset int64, hole bool) (int64, bool) {
	for at := offset; at < c.size; at = (at/blockSize + 1) * blockSize {
		if _, data := c.blocks[at/blockSize]; data != hole {
			return at, true
		}
	}
	return c.size, hole && offset < c.size
}
