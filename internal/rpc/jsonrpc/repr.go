// SPDX-License-Identifier: GPL-2.0-or-later

package jsonrpc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"govdsm/api"
)

// maxRepr is the longest request that is quoted in the answer to it.
const maxRepr = 4 << 10

// asPython decodes valid JSON so that api.Repr writes it as Python would, with
// members in the order they came in. A long text is described, not quoted.
func asPython(raw []byte) any {
	if len(raw) > maxRepr {
		return fmt.Sprintf("%d bytes", len(raw))
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return pythonValue(d)
}

func pythonValue(d *json.Decoder) any {
	token, err := d.Token()
	if err != nil {
		return nil
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '{' {
			return pythonDict(d)
		}
		list := []any{}
		for d.More() {
			list = append(list, pythonValue(d))
		}
		_, _ = d.Token() // the closing bracket, which is there
		return list
	case json.Number:
		return pythonNumber(token)
	default:
		return token
	}
}

// pythonDict keeps the place of a key's first value and the value of its last.
func pythonDict(d *json.Decoder) api.PyDict {
	dict := api.PyDict{}
	for d.More() {
		key, _ := d.Token()
		name, _ := key.(string)
		item := api.PyItem{Key: name, Value: pythonValue(d)}
		if i := slices.IndexFunc(dict, func(o api.PyItem) bool { return o.Key == name }); i >= 0 {
			dict[i] = item
		} else {
			dict = append(dict, item)
		}
	}
	_, _ = d.Token()
	return dict
}

func pythonNumber(n json.Number) any {
	if i, err := strconv.ParseInt(n.String(), 10, 64); err == nil {
		return i
	}
	if f, err := n.Float64(); err == nil {
		return f
	}
	return n.String()
}
