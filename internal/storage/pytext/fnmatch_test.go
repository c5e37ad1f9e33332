// SPDX-License-Identifier: GPL-2.0-or-later

package pytext

import "testing"

func TestPattern(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		sensitive     bool
		want          bool
	}{
		{"*.iso", "/a/b.iso", true, true},
		{"*.iso", "/a/b.ISO", true, false},
		{"*.iso", "/a/b.ISO", false, true},
		{"b.iso", "/a/b.iso", true, false},
		{"*/?.iso", "/a/é.iso", true, true},
		{"*[ab].x", "b.x", true, true},
		{"[!ab]", "b", true, false},
		{"[]]", "]", true, true},
		{"[a", "[a", true, true},
		{"a.c", "abc", true, false},
		{"(.*", "(.x", true, true},
		{`[\^]`, "^", true, true},
	} {
		re, err := Pattern(c.pattern, c.sensitive)
		if err != nil || re.MatchString(c.name) != c.want {
			t.Errorf("%q on %q: not %t, %v", c.pattern, c.name, c.want, err)
		}
	}
	if _, err := Pattern("[z-a]", true); err == nil {
		t.Error("a range backwards is understood")
	}
}
