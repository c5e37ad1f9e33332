// SPDX-License-Identifier: GPL-2.0-or-later

package rtnl

import (
	"bytes"
	"encoding/binary"
	"iter"
	"slices"
)

// Sizes of the fixed headers in front of a message's attributes, in bytes.
const (
	SizeLink  = 16 // struct ifinfomsg
	SizeAddr  = 8  // struct ifaddrmsg
	SizeRoute = 12 // struct rtmsg
	SizeRule  = 12 // struct fib_rule_hdr
)

const (
	sizeHeader = 16 // struct nlmsghdr
	sizeAttr   = 4  // struct nlattr
	flagNested = 0x8000
	typeMask   = 0x3fff
)

func align(n int) int { return (n + 3) &^ 3 }

// Put appends an attribute.
func Put(b []byte, typ uint16, value []byte) []byte {
	b = binary.NativeEndian.AppendUint16(b, uint16(sizeAttr+len(value)))
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = append(b, value...)
	return append(b, make([]byte, align(len(value))-len(value))...)
}

// PutString appends a text with the zero byte that ends it.
func PutString(b []byte, typ uint16, s string) []byte { return Put(b, typ, append([]byte(s), 0)) }

// PutU32 appends a number in the machine's byte order.
func PutU32(b []byte, typ uint16, v uint32) []byte {
	return Put(b, typ, binary.NativeEndian.AppendUint32(nil, v))
}

// PutU16 appends a number in the machine's byte order.
func PutU16(b []byte, typ uint16, v uint16) []byte {
	return Put(b, typ, binary.NativeEndian.AppendUint16(nil, v))
}

// PutU8 appends a number.
func PutU8(b []byte, typ uint16, v uint8) []byte { return Put(b, typ, []byte{v}) }

// PutNested appends attributes inside one.
func PutNested(b []byte, typ uint16, attrs []byte) []byte { return Put(b, typ|flagNested, attrs) }

// Cut takes the first attribute off b. The value points into b. There is none,
// and nothing is taken, where one does not fit, as for the kernel.
func Cut(b []byte) (typ uint16, value, rest []byte, ok bool) {
	if len(b) < sizeAttr {
		return 0, nil, b, false
	}
	n := int(binary.NativeEndian.Uint16(b))
	if n < sizeAttr || n > len(b) {
		return 0, nil, b, false
	}
	return binary.NativeEndian.Uint16(b[2:]) & typeMask, b[sizeAttr:n], b[min(align(n), len(b)):], true
}

// Attrs walks attributes. Values point into b. It ends at the first one that
// does not fit.
func Attrs(b []byte) iter.Seq2[uint16, []byte] {
	return func(yield func(uint16, []byte) bool) {
		for {
			typ, value, rest, ok := Cut(b)
			if !ok || !yield(typ, value) {
				return
			}
			b = rest
		}
	}
}

// Find returns the value of the first attribute of the type, nil if none.
func Find(b []byte, typ uint16) []byte {
	for t, v := range Attrs(b) {
		if t == typ {
			return v
		}
	}
	return nil
}

// Keep returns the attributes whose type is listed, in their order.
func Keep(b []byte, types ...uint16) []byte {
	var kept []byte
	for t, v := range Attrs(b) {
		if slices.Contains(types, t) {
			kept = Put(kept, t, v)
		}
	}
	return kept
}

// U32 reads a number of up to four bytes; what is shorter than its type is 0.
func U32(v []byte) uint32 {
	switch len(v) {
	case 1:
		return uint32(v[0])
	case 2:
		return uint32(binary.NativeEndian.Uint16(v))
	case 4:
		return binary.NativeEndian.Uint32(v)
	}
	return 0
}

// Text reads a text, with or without the zero byte that ends it.
func Text(v []byte) string {
	if i := bytes.IndexByte(v, 0); i >= 0 {
		v = v[:i]
	}
	return string(v)
}
