// SPDX-License-Identifier: GPL-2.0-or-later

package domainmd

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"govdsm/api"
)

// tagPrefix marks the tags of a volume group that are lines of metadata.
const tagPrefix = "MDT_"

// ParseTags reads the metadata among the tags of a volume group, in any order.
// Errors are [api.ErrMetaDataSealIsBroken].
func ParseTags(tags []string) (Metadata, error) {
	lines, err := taggedLines(tags)
	if err != nil {
		return Metadata{}, err
	}
	return parseLines(lines)
}

func taggedLines(tags []string) ([]string, error) {
	var lines []string
	for _, tag := range tags {
		encoded, ok := strings.CutPrefix(tag, tagPrefix)
		if !ok {
			continue
		}
		line := DecodeTag(encoded)
		if !utf8.ValidString(line) {
			return nil, api.ErrMetaDataSealIsBroken.OfText("not UTF-8")
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// Tags returns the tags that hold m, sorted. Errors are those of Lines.
func (m Metadata) Tags() ([]string, error) {
	lines, err := m.Lines()
	if err != nil {
		return nil, err
	}
	for i, line := range lines {
		lines[i] = tagPrefix + EncodeTag(line)
	}
	return lines, nil
}

// TagChange says how the tags of a volume group become those of m: what to
// remove and what to add, in one command. Tags that are no metadata are left
// alone. With nothing in both, nothing is to be written. Errors are those of
// Lines.
func (m Metadata) TagChange(current []string) (remove, add []string, err error) {
	want, err := m.Tags()
	if err != nil {
		return nil, nil, err
	}
	for _, tag := range current {
		if strings.HasPrefix(tag, tagPrefix) && !slices.Contains(want, tag) {
			remove = append(remove, tag)
		}
	}
	for _, tag := range want {
		if !slices.Contains(current, tag) {
			add = append(add, tag)
		}
	}
	return remove, add, nil
}

// EncodeTag writes s with the characters that LVM allows in a tag. Every other
// one becomes &N&, N being its code point in decimal.
func EncodeTag(s string) string {
	var b strings.Builder
	for _, r := range s {
		if tagged(r) {
			b.WriteRune(r)
		} else {
			b.WriteString("&" + strconv.Itoa(int(r)) + "&")
		}
	}
	return b.String()
}

func tagged(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' ||
		strings.ContainsRune("_+.-/=!:#", r)
}

var encodedRune = regexp.MustCompile(`&([0-9]+)&`)

// DecodeTag is the inverse of EncodeTag. What is no encoded character stays as
// it is.
func DecodeTag(s string) string {
	return encodedRune.ReplaceAllStringFunc(s, func(code string) string {
		n, err := strconv.ParseInt(code[1:len(code)-1], 10, 32)
		if err != nil || !utf8.ValidRune(rune(n)) {
			return code
		}
		return string(rune(n))
	})
}
