// SPDX-License-Identifier: GPL-2.0-or-later

package pytext

import (
	"regexp"
	"strings"
)

// Pattern compiles a shell pattern as Python's fnmatch does: a star stands for
// any text, slashes included, and a bracket without an end for itself. Sets
// that mean nothing are an error.
func Pattern(pattern string, caseSensitive bool) (*regexp.Regexp, error) {
	var re strings.Builder
	re.WriteString(`(?s)`)
	if !caseSensitive {
		re.WriteString(`(?i)`)
	}
	re.WriteString(`\A`)
	runes := []rune(pattern)
	for i := 0; i < len(runes); i++ {
		switch c := runes[i]; c {
		case '*':
			re.WriteString(`.*`)
		case '?':
			re.WriteString(`.`)
		case '[':
			end := setEnd(runes, i+1)
			if end < 0 {
				re.WriteString(`\[`)
				continue
			}
			re.WriteString(set(string(runes[i+1 : end])))
			i = end
		default:
			re.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	re.WriteString(`\z`)
	return regexp.Compile(re.String())
}

// setEnd returns where the set ends that begins at from, -1 for nowhere. A
// bracket that comes first is a member.
func setEnd(pattern []rune, from int) int {
	i := from
	if i < len(pattern) && pattern[i] == '!' {
		i++
	}
	for i++; i < len(pattern); i++ {
		if pattern[i] == ']' {
			return i
		}
	}
	return -1
}

func set(members string) string {
	rest, not := strings.CutPrefix(members, "!")
	rest = strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `^`, `\^`).Replace(rest)
	if not {
		return "[^" + rest + "]"
	}
	return "[" + rest + "]"
}
