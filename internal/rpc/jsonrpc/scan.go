// SPDX-License-Identifier: GPL-2.0-or-later

package jsonrpc

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// maxDepth of nesting in a request. Real ones stay below twenty; Python, which
// the clients know, gives up near a thousand.
const maxDepth = 512

// valid reports whether b is one JSON value in UTF-8 that is not nested too
// deeply. NaN and Infinity, which Python writes, are not JSON.
func valid(b []byte) bool {
	return utf8.Valid(b) && json.Valid(b) && (len(b) <= 2*maxDepth || depth(b) <= maxDepth)
}

func depth(b []byte) int {
	deepest, open := 0, 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i = endOfString(b, i) - 1
		case '{', '[':
			open++
			deepest = max(deepest, open)
		case '}', ']':
			open--
		}
	}
	return deepest
}

// A cursor walks over JSON that is known to be valid, without decoding it.
type cursor struct {
	b []byte
	i int
}

// open steps into an object or array. It reports false for any other value.
func (c *cursor) open(bracket byte) bool {
	c.space()
	if c.i == len(c.b) || c.b[c.i] != bracket {
		return false
	}
	c.i++
	return true
}

// more steps to the next member or element and reports whether there is one.
func (c *cursor) more() bool {
	c.space()
	if c.b[c.i] == ',' {
		c.i++
		c.space()
	}
	return c.b[c.i] != '}' && c.b[c.i] != ']'
}

// member returns the next member of an object: its key, quotes included, and
// its value.
func (c *cursor) member() (key, value []byte) {
	start := c.i
	c.i = endOfString(c.b, c.i)
	key = c.b[start:c.i]
	c.space()
	c.i++ // colon
	return key, c.value()
}

// value returns the next value.
func (c *cursor) value() []byte {
	c.space()
	start := c.i
	switch c.b[c.i] {
	case '"':
		c.i = endOfString(c.b, c.i)
	case '{', '[':
		c.skipNested()
	default:
		for c.i < len(c.b) && !endsScalar(c.b[c.i]) {
			c.i++
		}
	}
	return c.b[start:c.i]
}

// skipNested steps over an object or array.
func (c *cursor) skipNested() {
	for open := 0; ; c.i++ {
		switch c.b[c.i] {
		case '"':
			c.i = endOfString(c.b, c.i) - 1
		case '{', '[':
			open++
		case '}', ']':
			if open--; open == 0 {
				c.i++
				return
			}
		}
	}
}

func endsScalar(b byte) bool {
	switch b {
	case ',', ']', '}', ' ', '\t', '\r', '\n':
		return true
	}
	return false
}

func (c *cursor) space() {
	for c.i < len(c.b) {
		switch c.b[c.i] {
		case ' ', '\t', '\r', '\n':
			c.i++
		default:
			return
		}
	}
}

// endOfString returns the index after the string that begins at i.
func endOfString(b []byte, i int) int {
	for i++; b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// text decodes a JSON string. It reports false for any other value.
func text(raw []byte) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), true
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}
