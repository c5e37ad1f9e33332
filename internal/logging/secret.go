// SPDX-License-Identifier: GPL-2.0-or-later

package logging

import (
	"fmt"
	"log/slog"
	"regexp"
	"strings"
)

// masked stands for a secret, as in the original's log.
const masked = "********"

// Secret is a text that is never logged or printed, only used.
type Secret string

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

// LogValue, Format and MarshalText hide the secret from every usual way into
// a log.
func (s Secret) LogValue() slog.Value { return slog.StringValue(masked) }

// Format hides the secret from fmt, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }

// MarshalText hides the secret from encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }

// secretName reports whether a name says that its value is secret. _X_ marks
// such values in managers' custom properties.
func secretName(name string) bool {
	if strings.HasPrefix(name, "_X_") {
		return true
	}
	name = strings.ToLower(name)
	for _, telling := range []string{"passw", "passphrase", "secret", "credential", "token", "private_key", "privatekey"} {
		if strings.Contains(name, telling) {
			return true
		}
	}
	return false
}

// telltale finds values of secrets in running text: XML attributes, options of
// commands, JSON and Python's notation.
var telltale = regexp.MustCompile(`(?i)((?:passw(?:or)?d|passphrase|_X_\w+)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s"',;&<>{}()]+)`)

// scrub masks what telltale finds. It is the last net: callers hand secrets as
// Secret or do not log them.
func scrub(text string) string {
	if !strings.Contains(text, "_X_") && !strings.Contains(text, "assw") && !strings.Contains(text, "ASSW") &&
		!strings.Contains(text, "assphrase") {
		return text
	}
	return telltale.ReplaceAllString(text, "${1}"+masked)
}
