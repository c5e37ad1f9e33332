// SPDX-License-Identifier: GPL-2.0-or-later

package logging

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
)

// longestValue bounds one attribute; domain XML and capabilities are long.
const longestValue = 16 << 10

// appendAttr adds a to fields: groups become dotted names, secrets are masked.
func appendAttr(fields []field, prefix string, a slog.Attr) []field {
	v := a.Value.Resolve()
	if v.Kind() == slog.KindGroup {
		if a.Key != "" {
			prefix += key(a.Key) + "."
		}
		for _, member := range v.Group() {
			fields = appendAttr(fields, prefix, member)
		}
		return fields
	}
	if v.Kind() == slog.KindAny && v.Any() == nil {
		return fields // err=nil says nothing
	}
	name := prefix + key(a.Key)
	if secretName(a.Key) && v.String() != "" {
		return append(fields, field{name, masked})
	}
	return append(fields, field{name, plain(v)})
}

// key makes a word of an attribute's name, so that a hostile one cannot forge
// other attributes.
func key(name string) string {
	if quote(name) != name {
		return strconv.Quote(name)
	}
	return name
}

// plain reduces a value to what field holds.
func plain(v slog.Value) any {
	switch v.Kind() {
	case slog.KindBool:
		return v.Bool()
	case slog.KindInt64:
		return v.Int64()
	case slog.KindUint64:
		return v.Uint64()
	case slog.KindFloat64:
		return v.Float64()
	case slog.KindDuration:
		return v.Duration().Round(time.Microsecond).String()
	case slog.KindTime:
		return v.Time().Format(timeLayout)
	case slog.KindAny:
		return plainAny(v.Any())
	}
	return shorten(scrub(v.String()))
}

func plainAny(v any) any {
	switch v := v.(type) {
	case nil:
		return ""
	case error, fmt.Stringer:
		// Sprint survives methods that cannot cope with a nil receiver.
		return shorten(scrub(fmt.Sprint(v)))
	case []byte:
		return shorten(scrub(string(v)))
	}
	b, err := json.Marshal(v)
	if err != nil {
		return shorten(scrub(fmt.Sprintf("%+v", v)))
	}
	b = maskJSON(b)
	if len(b) > longestValue {
		return shorten(string(b))
	}
	var text string
	if json.Unmarshal(b, &text) == nil {
		return scrub(text)
	}
	return json.RawMessage(b)
}

func shorten(s string) string {
	if len(s) <= longestValue {
		return s
	}
	return strings.ToValidUTF8(s[:longestValue], "") + fmt.Sprintf("…(%d bytes more)", len(s)-longestValue)
}

// maskJSON masks members with telling names in a JSON document.
func maskJSON(b []byte) []byte {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return b
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if enc.Encode(maskMembers(v)) != nil {
		return b
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

func maskMembers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if secretName(name) && member != nil && member != "" {
				v[name] = masked
			} else {
				v[name] = maskMembers(member)
			}
		}
	case []any:
		for i := range v {
			v[i] = maskMembers(v[i])
		}
	case string:
		return scrub(v)
	}
	return v
}
