// SPDX-License-Identifier: GPL-2.0-or-later

package logging

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// record is a log record with its attributes flat and masked.
type record struct {
	time      time.Time
	level     slog.Level
	component string
	message   string
	fields    []field
}

type field struct {
	key   string
	value any // string, bool, int64, uint64, float64 or json.RawMessage
}

// timeLayout is local time with milliseconds and zone, as in the original's
// log, so that the files of mixed clusters sort together.
const timeLayout = "2006-01-02 15:04:05,000-0700"

// A format renders a record as one line with its line feed. The head is the
// time, which the journal does not need.
type format func(r *record) line

// line is a rendered record.
type line struct {
	head string
	body []byte
}

func textFormat(r *record) line {
	b := make([]byte, 0, 256)
	name := levelName(r.level)
	b = append(b, name...)
	b = append(b, "     "[min(len(name), 5):]...)
	b = append(b, ' ')
	if r.component != "" {
		b = append(b, '[')
		b = append(b, r.component...)
		b = append(b, "] "...)
	}
	b = append(b, oneLine(r.message)...)
	for _, f := range r.fields {
		b = append(b, ' ')
		b = append(b, f.key...)
		b = append(b, '=')
		b = append(b, f.text()...)
	}
	return line{head: r.time.Format(timeLayout) + " ", body: append(b, '\n')}
}

func (f field) text() string {
	switch v := f.value.(type) {
	case string:
		return quote(v)
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case uint64:
		return strconv.FormatUint(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case json.RawMessage:
		return quote(string(v))
	}
	return "?"
}

func jsonFormat(r *record) line {
	var b bytes.Buffer
	member := func(key string, value any) {
		v, err := json.Marshal(value)
		if err != nil { // NaN and infinite numbers
			v, _ = json.Marshal(field{value: value}.text())
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Quote(key) + ":")
		b.Write(v)
	}
	member("time", r.time.Format("2006-01-02T15:04:05.000Z07:00"))
	member("level", levelName(r.level))
	if r.component != "" {
		member("component", r.component)
	}
	member("msg", r.message)
	for _, f := range r.fields {
		member(f.key, f.value)
	}
	return line{body: append(append([]byte{'{'}, b.Bytes()...), "}\n"...)}
}

// quote puts a value in quotes where it would not read as one word.
func quote(s string) string {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r == '"' || r == '=' || r == utf8.RuneError || !unicode.IsPrint(r)
	}) {
		return strconv.Quote(s)
	}
	return s
}

// oneLine escapes what would break the line or drive a terminal.
func oneLine(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }) {
		q := strconv.Quote(s)
		return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
	}
	return s
}
