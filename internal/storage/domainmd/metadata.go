// SPDX-License-Identifier: GPL-2.0-or-later

// Package domainmd reads and writes the metadata of storage domains: lines of
// KEY=value sealed by a checksum, kept in a file of a file domain or in tags
// of the volume group of a block domain.
//
// The package knows bytes only. It promises that what it writes is what the
// original writes for the same keys and values, that a text whose checksum
// does not fit is refused, and that keys it does not know stay as they are.
//
// Source: lib/vdsm/storage/{persistent,sd,fileSD,blockSD,spbackends}.py.
package domainmd

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"govdsm/api"
	"govdsm/internal/storage/pytext"
)

// checksumKey is the key of the last line, which seals the others.
const checksumKey = "_SHA_CKSUM"

// Metadata is what is written about a domain: texts by key, without the
// checksum. The zero value is the metadata of no domain. It is not safe for
// concurrent use; a change is made on a Clone and written whole.
type Metadata struct {
	values map[string]string
}

// ParseFile reads the contents of the file dom_md/metadata. NULs at the end,
// which reading whole blocks leaves behind, are not part of it. Errors are
// [api.ErrMetaDataSealIsBroken].
func ParseFile(content []byte) (Metadata, error) {
	content = bytes.TrimRight(content, "\x00")
	if !utf8.Valid(content) {
		return Metadata{}, api.ErrMetaDataSealIsBroken.OfText("not UTF-8")
	}
	return parseLines(pytext.Lines(string(content)))
}

// parseLines reads lines and checks their checksum. A line without "=" is no
// line of metadata; of a key that is there twice, the later line counts. Text
// without a checksum is taken as it is: so hosts wrote it before checksums.
func parseLines(lines []string) (Metadata, error) {
	values := make(map[string]string, len(lines))
	for _, line := range lines {
		if key, value, ok := strings.Cut(line, "="); ok {
			values[pytext.Strip(key)] = value
		}
	}
	declared, sealed := values[checksumKey]
	delete(values, checksumKey)
	m := Metadata{values}
	if !sealed || m.Empty() {
		return m, nil
	}
	if computed := checksum(m.plainLines()); computed != declared {
		return Metadata{}, api.ErrMetaDataSealIsBroken.OfText(
			fmt.Sprintf("cksum = %s, computed_cksum = %s", declared, computed))
	}
	return m, nil
}

// Empty says that nothing is written: there is no domain.
func (m Metadata) Empty() bool { return len(m.values) == 0 }

// Get returns the text of a key and whether it is there.
func (m Metadata) Get(key string) (string, bool) {
	value, ok := m.values[key]
	return value, ok
}

// Keys returns the keys in the order in which they are written.
func (m Metadata) Keys() []string { return slices.Sorted(maps.Keys(m.values)) }

// Set writes the text of a key.
func (m *Metadata) Set(key, value string) {
	if m.values == nil {
		m.values = map[string]string{}
	}
	m.values[key] = value
}

// Remove removes a key.
func (m *Metadata) Remove(key string) { delete(m.values, key) }

// Clone returns a copy that can be changed by itself.
func (m Metadata) Clone() Metadata { return Metadata{maps.Clone(m.values)} }

// Equal says whether writing other would change anything.
func (m Metadata) Equal(other Metadata) bool { return maps.Equal(m.values, other.values) }

// Lines returns the lines as they are written, the checksum last. A key or a
// value that would not be read back as it is, because a line ends in it for
// instance, is refused with [api.ErrInvalidParameterException].
func (m Metadata) Lines() ([]string, error) {
	for key, value := range m.values {
		if !writable(key, value) {
			return nil, api.ErrInvalidParameterException.OfText(key + "=" + strconv.QuoteToASCII(value))
		}
	}
	lines := m.plainLines()
	return append(lines, checksumKey+"="+checksum(lines)), nil
}

// File returns the contents of the file dom_md/metadata. Errors are those of
// Lines.
func (m Metadata) File() ([]byte, error) {
	lines, err := m.Lines()
	if err != nil {
		return nil, err
	}
	return []byte(strings.Join(lines, "\n") + "\n"), nil
}

func (m Metadata) plainLines() []string {
	lines := make([]string, 0, len(m.values)+1)
	for _, key := range m.Keys() {
		lines = append(lines, key+"="+m.values[key])
	}
	return lines
}

// writable says whether a line of key and value is read back as both.
func writable(key, value string) bool {
	return key == pytext.Strip(key) && key != checksumKey &&
		!strings.Contains(key, "=") &&
		utf8.ValidString(key) && utf8.ValidString(value) &&
		strings.IndexFunc(key+value, pytext.EndsLine) < 0
}

// checksum is SHA-1 over the lines without anything between them. What is not
// ASCII counts as its decimal character reference, although it is written as
// UTF-8.
func checksum(lines []string) string {
	h := sha1.New()
	var b []byte
	for _, line := range lines {
		b = b[:0]
		for _, r := range line {
			if r < utf8.RuneSelf {
				b = append(b, byte(r))
			} else {
				b = append(strconv.AppendInt(append(b, "&#"...), int64(r), 10), ';')
			}
		}
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))
}
