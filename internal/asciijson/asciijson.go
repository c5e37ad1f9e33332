// SPDX-License-Identifier: GPL-2.0-or-later

// Package asciijson writes JSON as Python's json module does: all that is not
// printable ASCII is escaped. What the original sends, keeps and prints is so.
package asciijson

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// Append appends JSON with what is not ASCII escaped. Such bytes occur in
// strings alone, so there is no need to look for those.
func Append(b, raw []byte) []byte {
	for {
		n := plain(raw)
		b = append(b, raw[:n]...)
		if raw = raw[n:]; len(raw) == 0 {
			return b
		}
		r, size := utf8.DecodeRune(raw)
		b = AppendRune(b, r)
		raw = raw[size:]
	}
}

// AppendRune appends one character, escaped, as it stands in a string.
func AppendRune(b []byte, r rune) []byte {
	if r > 0xffff {
		hi, lo := utf16.EncodeRune(r)
		return AppendRune(AppendRune(b, hi), lo)
	}
	const hex = "0123456789abcdef"
	return append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}

// del is a character of ASCII that Python escapes and Go does not.
const del = 0x7f

// plain returns how many bytes at the start stay as they are. It looks at eight
// at a time, as large documents are all ASCII.
func plain(b []byte) int {
	n := 0
	for len(b)-n >= 8 {
		// With one more, DEL has its highest bit set, too.
		eight := binary.LittleEndian.Uint64(b[n:])
		if (eight|(eight+0x0101010101010101))&0x8080808080808080 != 0 {
			break
		}
		n += 8
	}
	for n < len(b) && b[n] < del {
		n++
	}
	return n
}
