// SPDX-License-Identifier: GPL-2.0-or-later

package asciijson

import (
	"strings"
	"testing"
)

// What is wanted is the output of Python's json.dumps.
func TestAppend(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		``:                      ``,
		`{"a": [1, "\n"]}`:      `{"a": [1, "\n"]}`,
		`"Grüße"`:               `"Gr\u00fc\u00dfe"`,
		`"€ 𝄞"`:                 `"\u20ac \ud834\udd1e"`,
		"\"\x7f\"":              `"\u007f"`,
		"\"~\x7f~ and \u0080\"": `"~\u007f~ and \u0080"`,
		"\"cut \xc3\"":          `"cut \ufffd"`,
		"\"\xff\xff\"":          `"\ufffd\ufffd"`,
	} {
		if got := string(Append(nil, []byte(in))); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

// A character is found wherever it stands among the eight bytes looked at.
func TestPlaces(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ char, want string }{{"\x7f", `\u007f`}, {"é", `\u00e9`}, {"\xff", `\ufffd`}} {
		for n := range 20 {
			text := strings.Repeat("~", n)
			if got, want := string(Append([]byte("x"), []byte(text+c.char+text))), "x"+text+c.want+text; got != want {
				t.Errorf("%q after %d: %s, want %s", c.char, n, got, want)
			}
		}
	}
}
