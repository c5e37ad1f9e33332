// SPDX-License-Identifier: GPL-2.0-or-later

package sanlock

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
)

const (
	acquireLVB = 0x1
	oneself    = 0xffffffff // in place of the number of another process
)

// Process is this process in the eyes of the daemon, from Register to Close.
// The leases it acquires are its own and end with it.
//
// Commands are sent one after the other. Once sent, a command is waited for
// even if its context ends: nobody could tell whether the lease was taken. The
// daemon bounds the time by its I/O timeouts.
type Process struct {
	conn    net.Conn
	turn    chan struct{} // holds one token; who has it may send
	answers chan answered // from the reader to whoever has the turn; room for one
	lost    chan struct{} // closed by the reader
	closed  sync.Once
}

type answered struct {
	header  header
	payload []byte
}

// Register makes this process known to the daemon. The leases that it acquires
// later are lost when the connection ends: by Close, or because the daemon
// ended.
func (c *Client) Register(ctx context.Context) (*Process, error) {
	conn, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	// The daemon does not answer this one.
	if _, err := conn.Write(request{cmd: cmdRegister}.bytes()); err != nil {
		conn.Close()
		return nil, fmt.Errorf("sanlock register: %w", err)
	}
	p := &Process{
		conn: conn, turn: make(chan struct{}, 1), answers: make(chan answered, 1), lost: make(chan struct{}),
	}
	p.turn <- struct{}{}
	go p.read()
	return p, nil
}

// read hands over answers until the connection ends, which it notices at once
// even if no command is waiting.
func (p *Process) read() {
	defer close(p.lost)
	defer p.conn.Close()
	for {
		h, err := readHeader(p.conn)
		if err != nil {
			return
		}
		payload, err := answer{header: h, conn: p.conn, cmd: h.cmd}.read(int(h.length) - headerSize)
		if err != nil {
			return
		}
		select {
		case p.answers <- answered{h, payload}:
		default:
			return // more answers than questions: this is not the protocol any more
		}
	}
}

// Lost is closed when the connection has ended and with it every lease.
func (p *Process) Lost() <-chan struct{} { return p.lost }

// Close ends the registration. Leases that are still held are released by the
// daemon. It may be called again.
func (p *Process) Close() error {
	p.closed.Do(func() { p.conn.Close() })
	<-p.lost
	return nil
}

// AcquireOptions say how a resource is acquired.
type AcquireOptions struct {
	LVB bool // with the block of data: SetLVB, GetLVB
}

// Acquire takes a resource for this process. The host must be a member of its
// lockspace. Errors to tell apart: AcquireIDLive and its like, another host
// holds it; syscall.EEXIST, this process does; ErrLost.
func (p *Process) Acquire(ctx context.Context, r Resource, o AcquireOptions) error {
	payload, err := r.appendWithDisks(nil)
	if err != nil {
		return err
	}
	payload = append(payload, make([]byte, optionsSize)...)
	_, err = p.do(ctx, request{
		cmd: cmdAcquire, flags: flag(o.LVB, acquireLVB), data: 1, data2: oneself, payload: payload,
	})
	return err
}

// Release gives up a resource that this process holds.
func (p *Process) Release(ctx context.Context, r Resource) error {
	payload, err := r.append(nil)
	if err != nil {
		return err
	}
	_, err = p.do(ctx, request{cmd: cmdRelease, data: 1, data2: oneself, payload: payload})
	return err
}

// Inquire returns the resources that this process holds.
func (p *Process) Inquire(ctx context.Context) ([]Resource, error) {
	a, err := p.do(ctx, request{cmd: cmdInquire, data2: oneself})
	if err != nil {
		return nil, err
	}
	return parseState(untext(a.payload))
}

func (p *Process) do(ctx context.Context, r request) (answered, error) {
	select {
	case <-p.turn:
	case <-ctx.Done():
		return answered{}, fmt.Errorf("sanlock %v: %w", r.cmd, context.Cause(ctx))
	case <-p.lost:
		return answered{}, fmt.Errorf("sanlock %v: %w", r.cmd, ErrLost)
	}
	defer func() { p.turn <- struct{}{} }()
	return p.exchange(r)
}

func (p *Process) exchange(r request) (answered, error) {
	if _, err := p.conn.Write(r.bytes()); err != nil {
		p.conn.Close() // half a request cannot be taken back
	}
	select {
	case a := <-p.answers:
		if a.header.cmd != r.cmd {
			p.conn.Close()
			return answered{}, fmt.Errorf("sanlock %v: %w: an answer to %v", r.cmd, ErrLost, a.header.cmd)
		}
		return a, result(r.cmd.String(), int32(a.header.data))
	case <-p.lost:
		return answered{}, fmt.Errorf("sanlock %v: %w", r.cmd, ErrLost)
	}
}

// parseState reads the list of resources that the daemon sends as text:
// lockspace:resource:path:offset:version, separated by spaces. A colon, a
// space or a backslash within a part follows a backslash.
func parseState(s string) ([]Resource, error) {
	var all []Resource
	for _, item := range splitEscaped(s, ' ') {
		parts := splitEscaped(item, ':')
		if len(parts) < 5 || len(parts)%2 == 0 {
			return nil, fmt.Errorf("sanlock inquire: cannot read %q", item)
		}
		r := Resource{Lockspace: unescape(parts[0]), Name: unescape(parts[1])}
		for disk := parts[2 : len(parts)-1]; len(disk) > 0; disk = disk[2:] {
			offset, err := strconv.ParseInt(disk[1], 10, 64)
			if err != nil {
				return nil, fmt.Errorf("sanlock inquire: offset in %q: %w", item, err)
			}
			r.Disks = append(r.Disks, Disk{unescape(disk[0]), offset})
		}
		var err error
		if last := parts[len(parts)-1]; last == "SH" {
			r.Shared = true
		} else if r.Version, err = strconv.ParseUint(last, 10, 64); err != nil {
			return nil, errors.Join(fmt.Errorf("sanlock inquire: version in %q", item), err)
		}
		all = append(all, r)
	}
	return all, nil
}

// splitEscaped splits s at each separator that does not follow a backslash.
func splitEscaped(s string, separator byte) []string {
	var parts []string
	if s == "" {
		return nil
	}
	start := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case separator:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
