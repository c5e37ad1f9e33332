// SPDX-License-Identifier: GPL-2.0-or-later

// Package pytext reads text the way the original, a Python program, reads it.
// The metadata on storage was defined by what str.splitlines, str.strip and
// int make of it; a reader with other ideas of a line or a number would find
// other keys in the same bytes.
package pytext

import (
	"errors"
	"math/big"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lines splits s at every line boundary that str.splitlines knows. The
// boundaries are not part of the lines, and no empty line follows the last.
func Lines(s string) []string {
	var lines []string
	for s != "" {
		i := strings.IndexFunc(s, EndsLine)
		if i < 0 {
			return append(lines, s)
		}
		lines = append(lines, s[:i])
		if strings.HasPrefix(s[i:], "\r\n") {
			i++
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		s = s[i+size:]
	}
	return lines
}

// ByteLines splits b like bytes.splitlines, which knows fewer boundaries:
// line feed, carriage return and the two together.
func ByteLines(b []byte) [][]byte {
	var lines [][]byte
	start := 0
	for i := 0; i < len(b); i++ {
		if b[i] != '\n' && b[i] != '\r' {
			continue
		}
		lines = append(lines, b[start:i])
		if b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n' {
			i++
		}
		start = i + 1
	}
	if start < len(b) {
		lines = append(lines, b[start:])
	}
	return lines
}

// EndsLine says whether str.splitlines ends a line at r.
func EndsLine(r rune) bool {
	switch r {
	case '\n', '\v', '\f', '\r', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
		return true
	}
	return false
}

// Strip removes the white space around s, as str.strip does.
func Strip(s string) string {
	return strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f
	})
}

// Int reads a decimal number as int does: white space around it, a sign, and
// single underscores between digits are allowed. The number may be of any
// size; digits other than those of ASCII are not taken.
func Int(s string) (*big.Int, error) {
	digits := Strip(s)
	unsigned := digits
	if digits != "" && (digits[0] == '-' || digits[0] == '+') {
		unsigned = digits[1:]
	}
	last := byte('_') // an underscore must follow a digit, so none comes first
	for i := range len(unsigned) {
		c := unsigned[i]
		if c != '_' && (c < '0' || c > '9') || c == '_' && last == '_' {
			return nil, badInt(s)
		}
		last = c
	}
	// Python refuses more than 4300 digits; nothing we read has more than 40.
	if last == '_' || len(unsigned) > 4300 {
		return nil, badInt(s)
	}
	n, ok := new(big.Int).SetString(strings.ReplaceAll(digits, "_", ""), 10)
	if !ok {
		return nil, badInt(s)
	}
	return n, nil
}

// Int64 is Int for numbers that fit.
func Int64(s string) (int64, error) {
	n, err := Int(s)
	if err != nil {
		return 0, err
	}
	if !n.IsInt64() {
		return 0, badInt(s)
	}
	return n.Int64(), nil
}

// Uint64 is Int for numbers that fit and are not negative.
func Uint64(s string) (uint64, error) {
	n, err := Int(s)
	if err != nil {
		return 0, err
	}
	if !n.IsUint64() {
		return 0, badInt(s)
	}
	return n.Uint64(), nil
}

// The text is Python's own: people search logs and forums for it.
func badInt(s string) error {
	return errors.New("invalid literal for int() with base 10: '" + s + "'")
}
