// SPDX-License-Identifier: GPL-2.0-or-later

package jsonrpc

import (
	"sync"
	"sync/atomic"
)

// exchange is one message of a client with the replies it is owed. The reply's
// destination lives here and nowhere else, so equal ids of two clients, or of
// two calls, cannot be taken for each other.
type exchange struct {
	server   *Server
	replyTo  string // "" when nobody wants to know
	expected int
	missing  atomic.Int32
	only     [1]call // of a message that is one request, as nearly all are

	mu      sync.Mutex
	replies [][]byte // of a batch, in the order of their ends
}

// answer adds a reply and sends all when it was the last one: a single reply as
// an object, whether asked for in an array or not, several as an array. It
// gives b back.
func (x *exchange) answer(b *buffer) {
	defer x.server.buffers.giveBack(b)
	if x.expected == 1 {
		x.send(b.bytes)
		return
	}
	x.mu.Lock()
	x.replies = append(x.replies, append([]byte(nil), b.bytes...))
	x.mu.Unlock()
	if x.missing.Add(-1) > 0 {
		return
	}
	b.bytes = append(b.bytes[:0], '[')
	for i, r := range x.replies {
		if i > 0 {
			b.bytes = append(b.bytes, ", "...)
		}
		b.bytes = append(b.bytes, r...)
	}
	b.bytes = append(b.bytes, ']')
	x.send(b.bytes)
}

func (x *exchange) send(body []byte) {
	if x.replyTo != "" {
		x.server.options.Publish(x.replyTo, body)
	}
}

// buffer is borrowed for the text of one reply.
type buffer struct{ bytes []byte }

// keptBuffer is the size up to which a buffer is used again; the few large
// replies are left to the garbage collector.
const keptBuffer = 64 << 10

// buffers lends them out.
type buffers struct{ pool sync.Pool }

func (p *buffers) borrow() *buffer {
	if b, ok := p.pool.Get().(*buffer); ok {
		return b
	}
	return &buffer{bytes: make([]byte, 0, 512)}
}

func (p *buffers) giveBack(b *buffer) {
	if cap(b.bytes) <= keptBuffer {
		b.bytes = b.bytes[:0]
		p.pool.Put(b)
	}
}
