// SPDX-License-Identifier: GPL-2.0-or-later

package rtnl

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Message is a request, or a part of an answer.
type Message struct {
	Type  uint16 // unix.RTM_NEWLINK and its like
	Flags uint16 // beyond NLM_F_REQUEST and NLM_F_ACK
	Body  []byte // the fixed header and the attributes
}

// Result is what became of one request of a batch.
type Result struct {
	Err   error     // *Error for the kernel's refusal
	Reply []Message // of RTM_GET…
}

// LinkHeader returns a struct ifinfomsg. Flags are set where change has ones.
func LinkHeader(family uint8, index int32, flags, change uint32) []byte {
	b := make([]byte, SizeLink, 128)
	b[0] = family
	binary.NativeEndian.PutUint32(b[4:], uint32(index))
	binary.NativeEndian.PutUint32(b[8:], flags)
	binary.NativeEndian.PutUint32(b[12:], change)
	return b
}

// appendTo writes the message with its header behind b.
func (m Message) appendTo(b []byte, seq uint32, flags uint16) []byte {
	b = binary.NativeEndian.AppendUint32(b, uint32(sizeHeader+len(m.Body)))
	b = binary.NativeEndian.AppendUint16(b, m.Type)
	b = binary.NativeEndian.AppendUint16(b, m.Flags|flags|unix.NLM_F_REQUEST)
	b = binary.NativeEndian.AppendUint32(b, seq)
	b = binary.NativeEndian.AppendUint32(b, 0) // port: the kernel
	b = append(b, m.Body...)
	return append(b, make([]byte, align(len(m.Body))-len(m.Body))...)
}

// header is a struct nlmsghdr.
type header struct {
	typ, flags uint16
	seq        uint32
}

// next takes the first message off b.
func next(b []byte) (h header, body, rest []byte, ok bool) {
	if len(b) < sizeHeader {
		return h, nil, nil, false
	}
	n := int(binary.NativeEndian.Uint32(b))
	if n < sizeHeader || n > len(b) {
		return h, nil, nil, false
	}
	h.typ = binary.NativeEndian.Uint16(b[4:])
	h.flags = binary.NativeEndian.Uint16(b[6:])
	h.seq = binary.NativeEndian.Uint32(b[8:])
	return h, b[sizeHeader:n], b[min(align(n), len(b)):], true
}

// Error is the kernel's refusal of a request.
type Error struct {
	Errno unix.Errno
	Text  string // what the kernel adds, "" on most paths
}

// Error returns the kernel's words, as far as there are any.
func (e *Error) Error() string {
	if e.Text == "" {
		return e.Errno.Error()
	}
	return e.Errno.Error() + ": " + e.Text
}

// Unwrap makes errors.Is find the error number.
func (e *Error) Unwrap() error { return e.Errno }

// verdict reads a struct nlmsgerr; nil is an acknowledgement.
func verdict(h header, body []byte) error {
	if len(body) < 4 {
		return &Error{Errno: unix.EPROTO}
	}
	code := int32(binary.NativeEndian.Uint32(body))
	if code == 0 {
		return nil
	}
	e := &Error{Errno: unix.Errno(-code)}
	if h.flags&unix.NLM_F_ACK_TLVS == 0 || len(body) < 4+sizeHeader {
		return e
	}
	// The request follows, whole or, when capped, its header only.
	skip := 4 + sizeHeader
	if h.flags&unix.NLM_F_CAPPED == 0 {
		skip = 4 + align(int(binary.NativeEndian.Uint32(body[4:])))
	}
	if skip < len(body) {
		e.Text = Text(Find(body[skip:], unix.NLMSGERR_ATTR_MSG))
	}
	return e
}
