// SPDX-License-Identifier: GPL-2.0-or-later

package apidoc

import (
	"encoding/json"
	"strconv"
	"strings"
)

// deepest is how far a skeleton goes into nested objects. Some types hold
// themselves, and nobody fills in more by hand.
const deepest = 4

// Skeleton returns the parameters of a verb as JSON to be filled in: defaults
// where there are some, else the type in angle brackets.
func (a *API) Skeleton(v *Verb) []byte {
	var b strings.Builder
	a.object(&b, v.Params, "")
	return []byte(b.String())
}

func (a *API) object(b *strings.Builder, members []*Member, indent string) {
	if len(members) == 0 {
		b.WriteString("{}")
		return
	}
	b.WriteString("{\n")
	for i, m := range members {
		b.WriteString(indent + "    " + strconv.Quote(m.Name) + ": ")
		if m.Default != "" && m.Default != "null" && json.Valid([]byte(m.Default)) {
			b.WriteString(m.Default)
		} else {
			a.value(b, m.Type, indent+"    ")
		}
		if i < len(members)-1 {
			b.WriteString(",")
		}
		b.WriteString("\n")
	}
	b.WriteString(indent + "}")
}

func (a *API) value(b *strings.Builder, r *TypeRef, indent string) {
	t := a.types[r.Name]
	switch {
	case len(indent)/4 > deepest:
		b.WriteString(strconv.Quote("<" + r.String() + ">"))
	case r.List != nil:
		b.WriteString("[")
		a.value(b, r.List, indent)
		b.WriteString("]")
	case r.Value != nil:
		a.entry(b, r.Key, r.Value, indent)
	case r.Name == "empty":
		b.WriteString("{}")
	case t == nil || t.Kind == Scalar:
		b.WriteString(strconv.Quote("<" + r.Name + ">"))
	case t.Kind == Enum:
		b.WriteString(strconv.Quote("<" + strings.Join(t.Values, "|") + ">"))
	case t.Kind == Map:
		a.entry(b, t.Key, t.Value, indent)
	case t.Kind == Union && len(t.Alternatives) > 0:
		a.value(b, t.Alternatives[0], indent)
	default:
		a.object(b, t.Members, indent)
	}
}

func (a *API) entry(b *strings.Builder, key, value *TypeRef, indent string) {
	b.WriteString("{" + strconv.Quote("<"+key.String()+">") + ": ")
	a.value(b, value, indent)
	b.WriteString("}")
}
