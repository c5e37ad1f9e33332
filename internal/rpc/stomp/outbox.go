// SPDX-License-Identifier: GPL-2.0-or-later

package stomp

import (
	"errors"
	"net"
	"sync"
	"time"
)

// ErrSlowReader is why a connection was cut whose peer left too much unread.
var ErrSlowReader = errors.New("peer does not read what it is sent")

// ErrClosed is the error of writing to a connection that has ended.
var ErrClosed = errors.New("STOMP connection is closed")

// heartBeat is one line feed outside of any frame.
var heartBeat = []byte{'\n'}

// drainTime is how long the frames queued at the end of a connection may take
// to go out.
const drainTime = 2 * time.Second

// keptFrames is how long a list of frames may be to be used again; a longer
// one is what a burst has left behind.
const keptFrames = 256

// outbox is the queue of frames on their way to one peer and the goroutine
// that writes them, one Write each. Putting a frame in never waits for the
// network: a frame that finds the queue empty and the socket free is written at
// once, all others are the goroutine's.
type outbox struct {
	conn      net.Conn
	maxFrames int
	maxBytes  int
	wake      chan struct{} // tells run that something below has changed
	ended     chan struct{} // closed when run has returned

	mu     sync.Mutex
	direct *direct
	frames [][]byte      // not yet taken by run
	count  int           // of all frames not yet written, the heart-beat being written included
	bytes  int           // in them
	beat   time.Duration // a heart-beat is due when nothing was written for so long; 0 for never
	last   time.Time     // of the last write, kept while heart-beats are agreed on
	closed bool          // no frame is taken any more; run writes what there is and ends
	cause  error         // why it was closed
}

func newOutbox(conn net.Conn, maxFrames, maxBytes int) *outbox {
	return &outbox{
		conn: conn, direct: newDirect(conn), maxFrames: maxFrames, maxBytes: maxBytes,
		wake: make(chan struct{}, 1), ended: make(chan struct{}),
	}
}

// put queues a frame. When the queue is full the connection is cut: it holds
// what the peer did not read, and there is no telling which of it matters.
func (o *outbox) put(frame []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return ErrClosed
	}
	if o.count > 0 && (o.count >= o.maxFrames || o.bytes+len(frame) > o.maxBytes) {
		o.end(ErrSlowReader)
		// Wakes the Write that waits for the peer; run closes the connection
		// then. Closing it here could wait, for TLS says farewell.
		_ = o.conn.SetDeadline(time.Unix(1, 0))
		return ErrSlowReader
	}
	if o.count == 0 {
		if frame = o.direct.write(frame); len(frame) == 0 {
			o.written()
			return nil
		}
	}
	o.frames = append(o.frames, frame)
	o.count++
	o.bytes += len(frame)
	o.signal()
	return nil
}

// beatEvery sets the pace of heart-beats.
func (o *outbox) beatEvery(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.beat, o.last = d, time.Now()
	o.signal()
}

// close lets run write what is queued, for a short time, and end.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.end(nil)
		_ = o.conn.SetWriteDeadline(time.Now().Add(drainTime))
	}
}

// end requires mu.
func (o *outbox) end(cause error) {
	if o.closed {
		return
	}
	o.closed, o.cause = true, cause
	o.signal()
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// reason returns why the outbox was closed, nil for an ordinary end.
func (o *outbox) reason() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.cause
}

// run writes until the outbox is closed and empty, or a write fails.
func (o *outbox) run() {
	defer close(o.ended)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var batch [][]byte
	for {
		var beat time.Duration // until the next heart-beat; 0 for never
		var done bool
		if batch, beat, done = o.take(batch); done {
			return
		}
		for i, frame := range batch {
			if !o.write(frame) {
				return
			}
			batch[i] = nil
		}
		switch {
		case len(batch) > 0:
		case beat == 0:
			<-o.wake
		case beat < 0:
			if !o.write(heartBeat) {
				return
			}
		default:
			timer.Reset(beat)
			select {
			case <-o.wake:
			case <-timer.C:
			}
		}
	}
}

// take returns all queued frames and leaves the emptied batch in their place.
// When there are none it returns the time to the next heart-beat, negative when
// that is due: then nobody else writes until it is written.
func (o *outbox) take(batch [][]byte) (frames [][]byte, beat time.Duration, done bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if cap(batch) > keptFrames {
		batch = nil
	}
	frames, o.frames = o.frames, batch[:0]
	if len(frames) > 0 || o.closed {
		return frames, 0, len(frames) == 0
	}
	if o.beat > 0 {
		if beat = time.Until(o.last.Add(o.beat)); beat <= 0 {
			o.count, o.bytes = o.count+1, o.bytes+len(heartBeat)
			beat = -1
		}
	}
	return nil, beat, false
}

func (o *outbox) write(frame []byte) bool {
	if _, err := o.conn.Write(frame); err != nil {
		o.fail(err)
		return false
	}
	o.mu.Lock()
	o.count--
	o.bytes -= len(frame)
	o.written()
	o.mu.Unlock()
	return true
}

// written requires mu.
func (o *outbox) written() {
	if o.beat > 0 {
		o.last = time.Now()
	}
}

// fail ends the connection after a failed write.
func (o *outbox) fail(err error) {
	o.mu.Lock()
	o.end(err)
	o.frames, o.count, o.bytes = nil, 0, 0
	o.mu.Unlock()
	_ = o.conn.Close()
}
