// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmclient

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"govdsm/api"
)

// usageError is a fault of the command line: exit code 2.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usage(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// params are the parameters of a call as given, in their order: the order
// shows in error texts.
type params api.PyDict

// MarshalJSON writes an object with the members in order.
func (p params) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, it := range p {
		if i > 0 {
			b = append(b, ", "...)
		}
		for j, v := range []any{it.Key, it.Value} {
			if d, ok := v.(api.PyDict); ok {
				v = params(d)
			}
			one, err := json.Marshal(v)
			if err != nil {
				return nil, err
			}
			if j > 0 {
				b = append(b, ": "...)
			}
			b = append(b, one...)
		}
	}
	return append(b, '}'), nil
}

// paramsOf takes parameters from name=value arguments, which always are text,
// or from a file of JSON ("-" is standard input); both at once is refused.
func paramsOf(args []string, file string, stdin io.Reader) (params, error) {
	if file == "" {
		return fromArgs(args)
	}
	if len(args) > 0 {
		return nil, usage("Conflicting command line parameters: %s and file option: %s", api.Repr(args), api.Repr(file))
	}
	var data []byte
	var err error
	if file == "-" {
		data, err = io.ReadAll(stdin)
	} else {
		data, err = os.ReadFile(file)
	}
	if err != nil {
		return nil, usage("%s", err)
	}
	if len(data) == 0 {
		return nil, usage("File is empty")
	}
	return fromJSON(data)
}

func fromArgs(args []string) (params, error) {
	p := make(params, 0, len(args))
	for _, a := range args {
		name, value, ok := strings.Cut(a, "=")
		if !ok {
			return nil, usage("Invalid param %s", api.Repr(a))
		}
		p = append(p, api.PyItem{Key: name, Value: value})
	}
	return p, nil
}

func fromJSON(data []byte) (params, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	v, err := orderedValue(dec)
	if err != nil {
		return nil, usage("%s", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, usage("more than one JSON value")
	}
	d, ok := v.(api.PyDict)
	if !ok {
		return nil, usage("parameters must be a JSON object")
	}
	return params(d), nil
}

// orderedValue reads one JSON value; objects keep the order of their members.
func orderedValue(dec *json.Decoder) (any, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch tok {
	case json.Delim('{'):
		d := api.PyDict{}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return nil, err
			}
			v, err := orderedValue(dec)
			if err != nil {
				return nil, err
			}
			d = append(d, api.PyItem{Key: key.(string), Value: v})
		}
		_, err := dec.Token()
		return d, err
	case json.Delim('['):
		l := []any{}
		for dec.More() {
			v, err := orderedValue(dec)
			if err != nil {
				return nil, err
			}
			l = append(l, wireValue(v))
		}
		_, err := dec.Token()
		return l, err
	}
	return tok, nil
}

// wireValue makes objects inside lists marshal in order as well.
func wireValue(v any) any {
	if d, ok := v.(api.PyDict); ok {
		return params(d)
	}
	return v
}
