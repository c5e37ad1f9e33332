// SPDX-License-Identifier: GPL-2.0-or-later

package config

import (
	"fmt"
	"strings"
)

// nesting is how deep %(name)s may refer to values that refer on, the same as
// configparser.MAX_INTERPOLATION_DEPTH.
const nesting = 10

// longest bounds an interpolated value: references to references to references
// would otherwise multiply without end.
const longest = 1 << 20

// interpolate replaces %% by % and %(name)s by the value that lookup returns.
func interpolate(raw string, lookup func(name string) (string, bool)) (string, error) {
	return expand(raw, lookup, 1)
}

func expand(raw string, lookup func(string) (string, bool), depth int) (string, error) {
	if depth > nesting {
		return "", fmt.Errorf("references are nested deeper than %d", nesting)
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(raw, "%")
		b.WriteString(before)
		switch {
		case !found:
			return b.String(), nil
		case strings.HasPrefix(rest, "%"):
			b.WriteByte('%')
			raw = rest[1:]
			continue
		case !strings.HasPrefix(rest, "("):
			return "", fmt.Errorf("%% must be followed by %% or (, not %q", shorten(rest))
		}
		name, after, closed := strings.Cut(rest[1:], ")")
		if !closed || name == "" || !strings.HasPrefix(after, "s") {
			return "", fmt.Errorf("bad reference %q", shorten("%"+rest))
		}
		value, ok := lookup(strings.ToLower(name))
		if !ok {
			return "", fmt.Errorf("%%(%s)s refers to an option that is not there", name)
		}
		value, err := expand(value, lookup, depth+1)
		if err != nil {
			return "", err
		}
		if b.WriteString(value); b.Len() > longest {
			return "", fmt.Errorf("the value is longer than %d bytes", longest)
		}
		raw = after[1:]
	}
}
