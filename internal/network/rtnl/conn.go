// SPDX-License-Identifier: GPL-2.0-or-later

package rtnl

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

const (
	// mostTogether is how many requests go into one system call. Their
	// answers, some of them 2 KiB, must fit into the receive buffer.
	mostTogether  = 128
	receiveBuffer = 4 << 20
	mostRetries   = 20 // of a dump that changes interrupt
	// largestAnswer holds a datagram. The kernel fills up to 32 KiB of those of a
	// dump (netlink_dump in af_netlink.c), unless a single object takes more.
	largestAnswer = 1 << 16
)

// ErrInterrupted says that the kernel's state did not hold still for a dump.
var ErrInterrupted = errors.New("the network changes too quickly to be read")

// Conn is a socket in the network namespace of the thread that dialled. It is
// for one goroutine at a time, and reads into the same memory all its life.
type Conn struct {
	fd       int
	seq      uint32
	together int
	out, in  []byte
}

// Dial opens a socket for requests.
func Dial() (*Conn, error) { return open(unix.NETLINK_ROUTE) }

// DialGeneric opens a socket for requests to other parts of the kernel, in the
// same form: see Family.
func DialGeneric() (*Conn, error) { return open(unix.NETLINK_GENERIC) }

// Subscribe opens a socket for what the kernel tells the groups of its own
// accord: unix.RTNLGRP_LINK and its like. See Told.
func Subscribe(groups ...int) (*Conn, error) { return open(unix.NETLINK_ROUTE, groups...) }

func open(protocol int, groups ...int) (*Conn, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		return nil, fmt.Errorf("netlink socket: %w", err)
	}
	c := &Conn{fd: fd, together: mostTogether, in: make([]byte, largestAnswer)}
	if err := c.configure(groups); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("netlink socket: %w", err)
	}
	return c, nil
}

func (c *Conn) configure(groups []int) error {
	if err := unix.Bind(c.fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	for _, g := range groups {
		if err := unix.SetsockoptInt(c.fd, unix.SOL_NETLINK, unix.NETLINK_ADD_MEMBERSHIP, g); err != nil {
			return err
		}
	}
	// Without root the default size stays, which is enough for reading.
	_ = unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, receiveBuffer)
	// Old kernels have no texts in their refusals.
	_ = unix.SetsockoptInt(c.fd, unix.SOL_NETLINK, unix.NETLINK_EXT_ACK, 1)
	_ = unix.SetsockoptInt(c.fd, unix.SOL_NETLINK, unix.NETLINK_CAP_ACK, 1)
	// Kernels before 4.20 tell all, whatever a dump asks for.
	_ = unix.SetsockoptInt(c.fd, unix.SOL_NETLINK, unix.NETLINK_GET_STRICT_CHK, 1)
	return nil
}

// Fd returns the descriptor, for poll(2). It is the connection's.
func (c *Conn) Fd() int { return c.fd }

// Close closes the socket.
func (c *Conn) Close() error { return unix.Close(c.fd) }

// SetTogether limits how many requests share a system call: tests that stop
// between two requests set 1.
func (c *Conn) SetTogether(n int) { c.together = max(1, min(n, mostTogether)) }

// Do sends the requests, in order, and returns what became of each. The kernel
// carries them out one after the other, also those behind a refused one. The
// error is for what keeps all of them from an answer; some may have been
// carried out then. A context that ends stops between two system calls, never
// within one.
func (c *Conn) Do(ctx context.Context, requests []Message) ([]Result, error) {
	results := make([]Result, 0, len(requests))
	for len(requests) > 0 {
		if err := ctx.Err(); err != nil {
			return results, context.Cause(ctx)
		}
		n := min(c.together, len(requests))
		part, err := c.exchange(requests[:n])
		results = append(results, part...)
		if err != nil {
			return results, err
		}
		requests = requests[n:]
	}
	return results, nil
}

func (c *Conn) exchange(requests []Message) ([]Result, error) {
	first := c.seq + 1
	c.out = c.out[:0]
	for _, m := range requests {
		c.seq++
		c.out = m.appendTo(c.out, c.seq, unix.NLM_F_ACK)
	}
	if err := c.send(); err != nil {
		return nil, err
	}
	results := make([]Result, len(requests))
	for open := len(requests); open > 0; {
		b, err := c.receive(0)
		if err != nil {
			return results, err
		}
		for {
			h, body, rest, ok := next(b)
			if !ok {
				break
			}
			b = rest
			i := h.seq - first
			if i >= uint32(len(results)) {
				continue // a late answer to what was given up
			}
			if h.typ == unix.NLMSG_ERROR {
				results[i].Err = verdict(h, body)
				open--
				continue
			}
			results[i].Reply = append(results[i].Reply, Message{Type: h.typ, Body: append([]byte(nil), body...)})
		}
	}
	return results, nil
}

// Told calls each with every message of the next datagram of news, if there is
// one. Bodies are valid until each returns. unix.ENOBUFS says that news came
// faster than they were taken, and some are lost.
func (c *Conn) Told(each func(Message)) error {
	b, err := c.receive(unix.MSG_DONTWAIT)
	if errors.Is(err, unix.EAGAIN) {
		return nil
	}
	if err != nil {
		return err
	}
	for {
		h, body, rest, ok := next(b)
		if !ok {
			return nil
		}
		b = rest
		each(Message{Type: h.typ, Body: body})
	}
}

// Dump asks for all objects of a kind and calls each with every one. Bodies are
// valid until each returns. A dump that a change interrupted misses things, so
// it is taken again: reset is called before every try. The message's header may
// say what is wanted; older kernels tell all nonetheless.
func (c *Conn) Dump(ctx context.Context, m Message, reset func(), each func(Message)) error {
	for range mostRetries {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		reset()
		c.seq++
		c.out = m.appendTo(c.out[:0], c.seq, unix.NLM_F_DUMP)
		if err := c.send(); err != nil {
			return err
		}
		whole, err := c.collect(each)
		if err != nil || whole {
			return err
		}
	}
	return ErrInterrupted
}

// collect reads one dump to its end and tells whether nothing interrupted it.
func (c *Conn) collect(each func(Message)) (whole bool, err error) {
	whole = true
	for {
		b, err := c.receive(0)
		if err != nil {
			return false, err
		}
		for {
			h, body, rest, ok := next(b)
			if !ok {
				break
			}
			b = rest
			if h.seq != c.seq {
				continue
			}
			whole = whole && h.flags&unix.NLM_F_DUMP_INTR == 0
			switch h.typ {
			case unix.NLMSG_DONE:
				return whole, verdict(h, body)
			case unix.NLMSG_ERROR:
				return false, verdict(h, body)
			default:
				each(Message{Type: h.typ, Body: body})
			}
		}
	}
}

func (c *Conn) send() error {
	for {
		err := unix.Sendto(c.fd, c.out, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// receive returns the next datagram, which is valid until the next call.
func (c *Conn) receive(flags int) ([]byte, error) {
	for {
		n, from, err := unix.Recvfrom(c.fd, c.in, flags|unix.MSG_TRUNC) // n is the whole length
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return nil, fmt.Errorf("netlink answer: %w", err)
		}
		if a, ok := from.(*unix.SockaddrNetlink); ok && a.Pid != 0 {
			continue // not the kernel's word: root may send to any socket
		}
		if n > len(c.in) {
			return nil, fmt.Errorf("netlink answer of %d bytes is longer than %d", n, len(c.in))
		}
		return c.in[:n], nil
	}
}
