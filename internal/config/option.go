// SPDX-License-Identifier: GPL-2.0-or-later

package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Use says what an option does in this implementation.
type Use string

const (
	Used    Use = "yes" // the daemon acts on it
	NotYet  Use = ""    // belongs to a part that is not there yet; read and checked only
	NotHere Use = "no"  // has no meaning here; Option.Why tells why
)

// Option describes one option. It is derived from a field of the section
// structs; nothing else declares options.
type Option struct {
	Section string
	Name    string
	Default string // as it would stand in the file
	Type    string // bool, int, float, seconds, milliseconds, list or text
	OneOf   []string
	Min     string // "" where any number goes
	Max     string
	Use     Use
	Why     string
	Doc     string

	section, field int // index of the field in Config
}

// Options returns all options in the order of the original's own file.
func Options() []Option {
	var all []Option
	sections := reflect.TypeFor[Config]()
	for i := range sections.NumField() {
		section, ok := sections.Field(i).Tag.Lookup("section")
		if !ok {
			continue
		}
		fields := sections.Field(i).Type
		for j := range fields.NumField() {
			o := describe(section, fields.Field(j))
			o.section, o.field = i, j
			all = append(all, o)
		}
	}
	return all
}

func describe(section string, f reflect.StructField) Option {
	o := Option{
		Section: section,
		Name:    f.Tag.Get("name"),
		Default: f.Tag.Get("default"),
		Min:     f.Tag.Get("min"),
		Max:     f.Tag.Get("max"),
		Use:     Use(f.Tag.Get("use")),
		Why:     f.Tag.Get("why"),
		Doc:     f.Tag.Get("doc"),
	}
	if values := f.Tag.Get("oneof"); values != "" {
		o.OneOf = strings.Split(values, ",")
	}
	switch f.Type {
	case reflect.TypeFor[bool]():
		o.Type = "bool"
	case reflect.TypeFor[int]():
		o.Type = "int"
	case reflect.TypeFor[float64]():
		o.Type = "float"
	case reflect.TypeFor[[]string]():
		o.Type = "list"
	case reflect.TypeFor[time.Duration]():
		o.Type = map[string]string{"s": "seconds", "ms": "milliseconds"}[f.Tag.Get("unit")]
	default:
		o.Type = "text"
	}
	return o
}

// set parses value and puts it into the option's field of c.
func (o *Option) set(c *Config, value string) error {
	field := reflect.ValueOf(c).Elem().Field(o.section).Field(o.field)
	v, err := o.parse(value)
	if err != nil {
		return err
	}
	field.Set(reflect.ValueOf(v))
	return nil
}

func (o *Option) parse(value string) (any, error) {
	switch o.Type {
	case "bool":
		return parseBool(value)
	case "int":
		n, err := parseInt(value)
		if err != nil {
			return nil, err
		}
		return n, o.inRange(float64(n))
	case "float":
		f, err := parseFloat(value)
		if err != nil {
			return nil, err
		}
		return f, o.inRange(f)
	case "seconds", "milliseconds":
		return o.parseDuration(value)
	case "list":
		return parseList(value), nil
	default:
		if len(o.OneOf) > 0 && !slices.Contains(o.OneOf, value) {
			return nil, fmt.Errorf("%q is not one of %s", shorten(value), strings.Join(o.OneOf, ", "))
		}
		return value, nil
	}
}

func (o *Option) parseDuration(value string) (any, error) {
	unit := time.Second
	if o.Type == "milliseconds" {
		unit = time.Millisecond
	}
	f, err := parseFloat(value)
	if err != nil {
		return nil, err
	}
	const century = 100 * 365 * 24 * time.Hour
	if d := f * float64(unit); d > float64(century) || d < -float64(century) {
		return nil, fmt.Errorf("%s %s is more than a hundred years", shorten(value), o.Type)
	}
	return time.Duration(f * float64(unit)), o.inRange(f)
}

func (o *Option) inRange(f float64) error {
	if least, err := strconv.ParseFloat(o.Min, 64); err == nil && f < least {
		return fmt.Errorf("%v is less than %s", f, o.Min)
	}
	if most, err := strconv.ParseFloat(o.Max, 64); err == nil && f > most {
		return fmt.Errorf("%v is more than %s", f, o.Max)
	}
	return nil
}

func parseBool(value string) (any, error) {
	switch strings.ToLower(value) {
	case "1", "yes", "true", "on":
		return true, nil
	case "0", "no", "false", "off":
		return false, nil
	}
	return nil, fmt.Errorf("%q is neither true nor false (nor yes, no, on, off, 1, 0)", shorten(value))
}

// parseInt takes what Python's int() takes: "1_000" is a thousand, and leading
// zeros do not make a number octal.
func parseInt(value string) (int, error) {
	n, err := strconv.Atoi(ungroup(strings.TrimSpace(value)))
	if err != nil {
		return 0, fmt.Errorf("%q is not a whole number", shorten(value))
	}
	return n, nil
}

func parseFloat(value string) (float64, error) {
	text := ungroup(strings.TrimSpace(value))
	f, err := strconv.ParseFloat(text, 64)
	// Hexadecimal and infinite values are numbers to Go only, or no time at all.
	if err != nil || strings.ContainsAny(text, "xXnN") {
		return 0, fmt.Errorf("%q is not a number", shorten(value))
	}
	return f, nil
}

// ungroup removes single underscores between digits.
func ungroup(s string) string {
	digit := func(i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }
	var b strings.Builder
	for i := range len(s) {
		if s[i] == '_' && digit(i-1) && digit(i+1) {
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// parseList splits at commas; blanks around the items and empty items go.
func parseList(value string) []string {
	items := []string{}
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
