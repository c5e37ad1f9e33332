// SPDX-License-Identifier: GPL-2.0-or-later

package dispatch

import (
	"reflect"
	"strings"
	"sync"
)

// A plan says how to fill one struct type from JSON.
type plan struct {
	fields []planField
	byName map[string]int
}

type planField struct {
	name      string
	index     int
	required  bool
	unchecked bool // any value is taken; what does not fit is left out
	fallback  any  // decoded default of an absent member; nil leaves the zero value
}

var plans sync.Map // reflect.Type -> *plan

func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	p := &plan{byName: make(map[string]int)}
	for i := range t.NumField() {
		f := t.Field(i)
		tag, ok := f.Tag.Lookup("json")
		if !ok {
			continue
		}
		pf := planField{index: i}
		pf.name, _, _ = strings.Cut(tag, ",")
		switch def, has := f.Tag.Lookup("default"); {
		case !has:
			pf.required = true
		case def == "unchecked":
			pf.unchecked = true
		case def == "unset":
		default:
			pf.fallback = fallback(def, f.Type)
		}
		p.byName[pf.name] = len(p.fields)
		p.fields = append(p.fields, pf)
	}
	plans.Store(t, p)
	return p
}

// fallback decodes a default. Some of the original's defaults are of another
// type than the member ("" for a number); as it never looks at them, neither
// do we, and the member stays absent.
func fallback(def string, t reflect.Type) any {
	v, err := parse([]byte(def))
	if err != nil || v == nil {
		return nil
	}
	if err := new(decoding).value("default", v, reflect.New(t).Elem()); err != nil {
		return nil
	}
	return v
}
