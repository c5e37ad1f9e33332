// SPDX-License-Identifier: GPL-2.0-or-later

// Package sanlock speaks to the sanlock daemon, which keeps leases on shared
// storage, over its socket. It is a client in plain Go for what its C library
// offers, and knows nothing about storage domains.
//
// Most commands use a connection of their own and end when their context
// does; the daemon finishes what it has begun all the same. A process that
// wants to hold leases registers: see [Client.Register].
//
// A host that cannot renew its membership in a lockspace loses it: the daemon
// terminates and then kills the processes that hold leases in it, and lets the
// watchdog reset the host if that does not help.
package sanlock

import (
	"context"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"time"
)

// DefaultRunDir is where the daemon's socket is.
const DefaultRunDir = "/run/sanlock"

// maxPayload bounds what is read of an answer, in bytes. The daemon's own
// buffers are this large.
const maxPayload = 1 << 20

// Client sends commands to a daemon. It may be used concurrently.
type Client struct{ socket string }

// New returns a client of the daemon with its socket in runDir. It does not
// connect.
func New(runDir string) *Client { return &Client{filepath.Join(runDir, "sanlock.sock")} }

// request is a command and what is sent with it.
type request struct {
	cmd         command
	flags       uint32
	data, data2 uint32
	payload     []byte
}

func (r request) bytes() []byte {
	h := header{r.cmd, r.flags, uint32(headerSize + len(r.payload)), r.data, r.data2}
	return append(h.append(make([]byte, 0, h.length)), r.payload...)
}

func (c *Client) dial(ctx context.Context) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", c.socket)
	if ctx.Err() != nil {
		if err == nil {
			conn.Close()
		}
		return nil, fmt.Errorf("connecting to sanlock: %w", context.Cause(ctx))
	}
	if err != nil {
		// The reason is text only: "no such file" must not be taken for the
		// daemon's answer that there is no such lockspace.
		return nil, fmt.Errorf("%w: %v", ErrNoDaemon, err)
	}
	return conn, nil
}

// answer is what the daemon says: a header, and a payload if the command's
// result allows one.
type answer struct {
	header
	conn io.Reader
	cmd  command
}

// do sends a request on a connection of its own and hands the answer to use,
// which reads the payload. An answer that is an error is returned as one.
func (c *Client) do(ctx context.Context, r request, use func(answer) error) error {
	conn, err := c.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	// The context ends the wait by making the connection time out.
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	err = exchange(conn, r, use)
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("sanlock %v: %w", r.cmd, context.Cause(ctx))
	}
	return err
}

func exchange(conn io.ReadWriter, r request, use func(answer) error) error {
	if _, err := conn.Write(r.bytes()); err != nil {
		return fmt.Errorf("sanlock %v: %w", r.cmd, err)
	}
	h, err := readHeader(conn)
	if err != nil {
		return fmt.Errorf("sanlock %v: %w", r.cmd, err)
	}
	if err := result(r.cmd.String(), int32(h.data)); err != nil || use == nil {
		return err
	}
	return use(answer{h, conn, r.cmd})
}

func readHeader(conn io.Reader) (header, error) {
	var b [headerSize]byte
	if _, err := io.ReadFull(conn, b[:]); err != nil {
		return header{}, err
	}
	return parseHeader(b[:])
}

// read reads n bytes of the payload.
func (a answer) read(n int) ([]byte, error) {
	if n < 0 || n > maxPayload {
		return nil, fmt.Errorf("sanlock %v: an answer of %d bytes", a.cmd, n)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(a.conn, b); err != nil {
		return nil, fmt.Errorf("sanlock %v: %w", a.cmd, err)
	}
	return b, nil
}

// list reads as many structures of a size as the answer's header announces.
func list[T any](a answer, size int, parse func([]byte) T) ([]T, error) {
	if a.data2 > maxPayload/uint32(size) {
		return nil, fmt.Errorf("sanlock %v: %d items", a.cmd, a.data2)
	}
	b, err := a.read(int(a.data2) * size)
	if err != nil {
		return nil, err
	}
	items := make([]T, 0, a.data2)
	for ; len(b) > 0; b = b[size:] {
		items = append(items, parse(b[:size]))
	}
	return items, nil
}

// Version returns the version of the daemon: 3, 8, 5.
func (c *Client) Version(ctx context.Context) (major, minor, patch int, err error) {
	err = c.do(ctx, request{cmd: cmdVersion}, func(a answer) error {
		// The last byte is free.
		major, minor, patch = int(a.data2>>24), int(a.data2>>16&0xff), int(a.data2>>8&0xff)
		return nil
	})
	return
}

// Align returns the alignment that the daemon uses by default for a file or
// device, in bytes.
func (c *Client) Align(ctx context.Context, d Disk) (align int64, err error) {
	payload, err := d.append(nil)
	if err != nil {
		return 0, err
	}
	err = c.do(ctx, request{cmd: cmdAlign, payload: payload}, func(a answer) error {
		align = int64(a.data)
		return nil
	})
	return align, err
}
