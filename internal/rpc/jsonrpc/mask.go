// SPDX-License-Identifier: GPL-2.0-or-later

package jsonrpc

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
)

// maxLogged is how much of a call's parameters a log line holds.
const maxLogged = 2 << 10

// secret is what stands in the log for a value nobody is to read.
const secret = "********"

// masked shows parameters in a log line without the values of members that
// hold secrets, at any depth. The work is done only if the line is written.
type masked json.RawMessage

// LogValue returns the parameters as text.
func (m masked) LogValue() slog.Value {
	if len(m) == 0 {
		return slog.StringValue("")
	}
	d := json.NewDecoder(bytes.NewReader(m))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return slog.StringValue("not JSON")
	}
	shown, err := json.Marshal(hide(v))
	if err != nil {
		return slog.StringValue("not JSON")
	}
	if len(shown) > maxLogged {
		return slog.StringValue(string(shown[:maxLogged]) + "...")
	}
	return slog.StringValue(string(shown))
}

func hide(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			if k == "password" || k == "headers" || strings.HasPrefix(k, "_X_") { // headers: those of HTTP, with tokens
				v[k] = secret
			} else {
				v[k] = hide(v[k])
			}
		}
	case []any:
		for i := range v {
			v[i] = hide(v[i])
		}
	}
	return v
}
