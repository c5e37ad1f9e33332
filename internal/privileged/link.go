// SPDX-License-Identifier: GPL-2.0-or-later

package privileged

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// On the wire a message is four bytes with the length of what follows, big
// endian, and a JSON object. Open files are attached to the first byte.

const (
	longest = 8 << 20 // bytes of a message
	// patience is how long a peer may leave a message unread, or half sent.
	patience = 30 * time.Second
)

// message is a request, a cancellation or an answer.
type message struct {
	ID uint64 `json:"id"`

	// of a request
	Op     string          `json:"op,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Millis int64           `json:"millis,omitempty"` // until its deadline
	FlowID string          `json:"flow_id,omitempty"`
	Verb   string          `json:"verb,omitempty"`
	Peer   string          `json:"peer,omitempty"`
	Cancel bool            `json:"cancel,omitempty"` // of the request with this ID

	// of an answer; exactly one is there
	Result json.RawMessage `json:"result,omitempty"`
	Error  *wireError      `json:"error,omitempty"`

	Files []int `json:"files,omitempty"` // the fields of the attached files

	files []*os.File
}

func (m *message) attached() attached { return attached{m.Files, m.files} }

// link sends and receives messages over a connection. Any number of
// goroutines may send; one receives.
type link struct {
	conn    *net.UnixConn
	sending sync.Mutex // a message is written whole before the next
}

var errTooLong = fmt.Errorf("the message is longer than %d bytes", longest)

// packed is a message ready to be written. It holds duplicates of its files.
type packed struct {
	frame  []byte
	rights []byte // control message with the files
	fds    []int
}

func pack(m *message, files []*os.File) (*packed, error) {
	body, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	if len(body) > longest {
		return nil, errTooLong
	}
	p := &packed{frame: append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)}
	for _, f := range files {
		fd, err := duplicate(f)
		if err != nil {
			p.release()
			return nil, fmt.Errorf("file %s: %w", f.Name(), err)
		}
		p.fds = append(p.fds, fd)
	}
	if len(p.fds) > 0 {
		p.rights = unix.UnixRights(p.fds...)
	}
	return p, nil
}

// release closes the duplicates; the ones under way are the receiver's.
func (p *packed) release() {
	for _, fd := range p.fds {
		_ = unix.Close(fd)
	}
	p.fds = nil
}

// duplicate returns another descriptor of f. File.Fd would not do: it makes
// the file blocking, here and for the receiver.
func duplicate(f *os.File) (fd int, err error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return -1, err
	}
	var dupErr error
	err = raw.Control(func(old uintptr) { fd, dupErr = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0) })
	return fd, errors.Join(err, dupErr)
}

// write writes a message. After an error, the connection is of no use for
// writing; the peer has not got the whole message then.
func (l *link) write(p *packed) error {
	defer p.release()
	l.sending.Lock()
	defer l.sending.Unlock()
	if err := l.conn.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	n, _, err := l.conn.WriteMsgUnix(p.frame, p.rights, nil)
	if err == nil && n < len(p.frame) {
		_, err = l.conn.Write(p.frame[n:])
	}
	return err
}

// send packs and writes. The files stay the caller's. After an error other
// than errTooLong the connection is closed.
func (l *link) send(m *message, files []*os.File) error {
	p, err := pack(m, files)
	if err != nil {
		return err
	}
	if err = l.write(p); err != nil {
		l.conn.Close() // wakes the receiver
	}
	return err
}

// receive reads the next message. io.EOF says that the peer closed the
// connection between two messages.
func (l *link) receive() (_ *message, err error) {
	var files []*os.File
	defer func() {
		if err != nil {
			attached{files: files}.close()
		}
	}()
	if err := l.conn.SetReadDeadline(time.Time{}); err != nil {
		return nil, err
	}
	var head [4]byte
	if err := l.read(head[:1], &files); err != nil {
		return nil, err
	}
	if err := l.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	if err := l.read(head[1:], &files); err != nil {
		return nil, notEOF(err)
	}
	size := binary.BigEndian.Uint32(head[:])
	if size > longest {
		return nil, errTooLong
	}
	body := make([]byte, size)
	if err := l.read(body, &files); err != nil {
		return nil, notEOF(err)
	}
	m := new(message)
	if err := json.Unmarshal(body, m); err != nil {
		return nil, err
	}
	m.files = files
	return m, nil
}

func notEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// read fills b and collects files that come along.
func (l *link) read(b []byte, files *[]*os.File) error {
	oob := make([]byte, unix.CmsgSpace(4*mostFiles))
	for len(b) > 0 {
		n, oobn, flags, _, err := l.conn.ReadMsgUnix(b, oob)
		if oobn > 0 {
			got, parseErr := parseFiles(oob[:oobn])
			*files = append(*files, got...)
			err = errors.Join(err, parseErr)
		}
		switch {
		case err != nil:
			return err
		case flags&unix.MSG_CTRUNC != 0 || len(*files) > mostFiles:
			return fmt.Errorf("more than %d files are attached", mostFiles)
		case n == 0:
			return io.EOF
		}
		b = b[n:]
	}
	return nil
}

// parseFiles takes the files out of control messages. The kernel has set
// their close-on-exec flag already.
func parseFiles(oob []byte) (files []*os.File, err error) {
	messages, err := unix.ParseSocketControlMessage(oob)
	for _, m := range messages {
		fds, rightsErr := unix.ParseUnixRights(&m)
		err = errors.Join(err, rightsErr)
		for _, fd := range fds {
			files = append(files, os.NewFile(uintptr(fd), "received:"+strconv.Itoa(fd)))
		}
	}
	return files, err
}
