// SPDX-License-Identifier: GPL-2.0-or-later

package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// What a guest may tell at most. Real ones are far from it.
const (
	maxReply = 1 << 20 // bytes
	maxDepth = 16      // of lists and objects within each other
	maxText  = 256     // characters of a name
	maxPath  = 4096    // characters of a path

	maxNICs      = 64
	maxAddresses = 64 // of one interface
	maxUsers     = 64
	maxMounts    = 256
	maxDevices   = 256
)

// errNonsense is a reply that cannot be true.
var errNonsense = errors.New("the guest agent talks nonsense")

// decode reads what the reply returns into v.
func decode(reply string, v any) error {
	if len(reply) > maxReply {
		return fmt.Errorf("%w: %d bytes at once", errNonsense, len(reply))
	}
	if depthOf(reply) > maxDepth {
		return fmt.Errorf("%w: too deep", errNonsense)
	}
	var r struct {
		Return json.RawMessage `json:"return"`
	}
	if err := json.Unmarshal([]byte(reply), &r); err != nil {
		return fmt.Errorf("%w: %w", errNonsense, err)
	}
	if r.Return == nil {
		return fmt.Errorf("%w: nothing is returned", errNonsense)
	}
	if err := json.Unmarshal(r.Return, v); err != nil {
		return fmt.Errorf("%w: %w", errNonsense, err)
	}
	return nil
}

// depthOf returns how deep lists and objects nest, at least.
func depthOf(reply string) int {
	depth, deepest, inText := 0, 0, false
	for i := 0; i < len(reply); i++ {
		switch c := reply[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '[' || c == '{':
			depth++
			deepest = max(deepest, depth)
		case c == ']' || c == '}':
			depth--
		}
	}
	return deepest
}

// first returns the beginning of a list that is too long.
func first[T any](list []T, most int) []T { return list[:min(len(list), most)] }

// clean makes a guest's text fit for managers, who store it and put it into
// XML: control characters become U+FFFD, and what is too long is cut.
func clean(text string) string { return cut(text, maxText) }

func cleanPath(path string) string { return cut(path, maxPath) }

func cut(text string, most int) string {
	var out strings.Builder
	n := 0
	for _, r := range text { // of bytes that are no text this makes U+FFFD
		if n++; n > most {
			break
		}
		if !inXML(r) {
			r = utf8.RuneError
		}
		out.WriteRune(r)
	}
	return out.String()
}

// inXML reports whether XML 1.0 can hold the character.
func inXML(r rune) bool {
	switch {
	case r == '\t' || r == '\n' || r == '\r':
		return true
	case r < 0x20, 0x7f <= r && r <= 0x9f, r == 0xfffe, r == 0xffff:
		return false
	}
	return true
}
