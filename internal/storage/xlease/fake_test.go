// SPDX-License-Identifier: GPL-2.0-or-later

package xlease

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"testing"
	"time"
	"unsafe"
)

const lockspace = "cd613e30-d8f1-4adf-91b7-584a2265b1f5"

var (
	then     = time.Unix(1700000000, 0)
	errStops = errors.New("the storage stops here")
)

// memory is a leases volume that insists on the rules of direct I/O, records
// what is written and can stop at any write, its own or one of a resource.
type memory struct {
	t         testing.TB
	b         []byte // the index; the rest of the volume is not kept
	size      int64
	block     int64
	align     int64
	resources map[int64]string
	writes    [][2]int64
	resWrites []resourceWrite
	left      int // writes until everything stops; negative: it does not
}

type resourceWrite struct {
	Lockspace, Resource   string
	Offset, Align, Sector int64
}

func newMemory(t testing.TB, align, block int64) *memory {
	return &memory{
		t: t, b: make([]byte, indexSize), size: 1024 * align, block: block, align: align,
		resources: map[int64]string{}, left: -1,
	}
}

func (m *memory) volume() Volume {
	return Volume{
		File: m, Resources: m, Alignment: m.align, BlockSize: m.block,
		Log: slog.New(slog.DiscardHandler),
	}
}

func (m *memory) copy() *memory {
	c := *m
	c.b, c.resources, c.left = bytes.Clone(m.b), maps.Clone(m.resources), -1
	c.writes, c.resWrites = nil, nil
	return &c
}

func (m *memory) aligned(b []byte, offset int64) {
	m.t.Helper()
	address := int64(uintptr(unsafe.Pointer(unsafe.SliceData(b))))
	if address%4096 != 0 || offset%m.block != 0 || int64(len(b))%m.block != 0 || len(b) == 0 {
		m.t.Errorf("%d bytes at %d of a buffer at %#x: the kernel would not take it", len(b), offset, address)
	}
}

func (m *memory) ReadAt(b []byte, offset int64) (int, error) {
	m.aligned(b, offset)
	n := copy(b, m.b[min(offset-m.align, int64(len(m.b))):])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (m *memory) step() error {
	if m.left == 0 {
		return errStops
	}
	m.left--
	return nil
}

func (m *memory) WriteAt(b []byte, offset int64) (int, error) {
	m.aligned(b, offset)
	if err := m.step(); err != nil {
		return 0, err
	}
	m.writes = append(m.writes, [2]int64{offset, int64(len(b))})
	return copy(m.b[offset-m.align:], b), nil
}

func (m *memory) Size() (int64, error) { return m.size, nil }

func (m *memory) WriteResource(_ context.Context, lockspace, resource string, offset int64) error {
	if err := m.step(); err != nil {
		return err
	}
	m.resWrites = append(m.resWrites, resourceWrite{lockspace, resource, offset, m.align, m.block})
	if resource == "" {
		delete(m.resources, offset)
	} else {
		m.resources[offset] = resource
	}
	return nil
}

func (m *memory) ReadResource(_ context.Context, offset int64) (string, error) {
	if offset+m.align > m.size {
		m.t.Errorf("read of a resource at %d, after the end", offset)
	}
	resource, ok := m.resources[offset]
	if !ok {
		return "", ErrNoResource
	}
	return resource, nil
}

func formatted(t testing.TB, align, block int64) *memory {
	t.Helper()
	m := newMemory(t, align, block)
	if err := m.volume().Format(lockspace, then); err != nil {
		t.Fatal(err)
	}
	m.writes = nil
	return m
}

func opened(t testing.TB, m *memory) *Index {
	t.Helper()
	x, err := m.volume().Open()
	if err != nil {
		t.Fatal(err)
	}
	return x
}
