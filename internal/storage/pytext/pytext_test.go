// SPDX-License-Identifier: GPL-2.0-or-later

package pytext

import (
	"reflect"
	"testing"
)

// What Python 3.9 answers.
func TestLines(t *testing.T) {
	for in, want := range map[string][]string{
		"":                   nil,
		"a":                  {"a"},
		"a\n":                {"a"},
		"a\r\nb\rc\n\nd":     {"a", "b", "c", "", "d"},
		"a\vb\fc\x1cd":       {"a", "b", "c", "d"},
		"a\u0085b\u2028c\td": {"a", "b", "c\td"},
		"\n":                 {""},
		"ß\u2029":            {"ß"},
	} {
		if got := Lines(in); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestByteLines(t *testing.T) {
	got := ByteLines([]byte("a\r\nb\rc\n\nd\x0be"))
	want := [][]byte{[]byte("a"), []byte("b"), []byte("c"), {}, []byte("d\x0be")}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
	if ByteLines(nil) != nil {
		t.Error("lines in nothing")
	}
}

func TestInt(t *testing.T) {
	for in, want := range map[string]int64{
		"0": 0, " 12 ": 12, "-1": -1, "+7": 7, "1_000": 1000, "007": 7, "\t5\n": 5,
	} {
		if n, err := Int64(in); err != nil || n != want {
			t.Errorf("%q: %d, %v", in, n, err)
		}
	}
	for _, in := range []string{"", " ", "x", "-", "1__0", "_1", "1_", "0x10", "1.5", "- 1", "--1", "9223372036854775808"} {
		if n, err := Int64(in); err == nil {
			t.Errorf("%q: %d", in, n)
		}
	}
	if n, err := Uint64("9223372036854775808"); err != nil || n != 1<<63 {
		t.Error(n, err)
	}
	if n, err := Uint64("-1"); err == nil {
		t.Error(n)
	}
}

func TestStrip(t *testing.T) {
	if got := Strip(" \x1f\u00a0a b\u3000\n"); got != "a b" {
		t.Errorf("%q", got)
	}
}
