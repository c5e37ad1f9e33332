// SPDX-License-Identifier: GPL-2.0-or-later

package apidoc

import (
	"cmp"
	"reflect"
	"strings"

	"govdsm/api"
)

// Kind says what a type is made of.
type Kind string

const (
	Object Kind = "object" // fixed members
	Enum   Kind = "enum"   // text with fixed values
	Map    Kind = "map"    // members of any name, all of one type
	Union  Kind = "union"  // one of several types
	Scalar Kind = "scalar" // a scalar with a meaning
)

// Type is a named type.
type Type struct {
	Name         string
	Doc          string
	Kind         Kind
	Members      []*Member  // of an Object
	Values       []string   // of an Enum
	Key, Value   *TypeRef   // of a Map
	Alternatives []*TypeRef // of a Union
	Of           string     // the scalar of a Scalar
}

// TypeRef is the use of a type: a list where List is set, a map where Value is
// set, else the scalar or type called Name.
//
// Scalars are string, int, uint, long and ulong (numbers that may carry a
// fraction), float, boolean and any. "true" is the result of a verb without
// one, "empty" an object without members.
type TypeRef struct {
	Name       string
	List       *TypeRef
	Key, Value *TypeRef
}

// String writes lists as [T] and maps as {K: V}.
func (r *TypeRef) String() string {
	switch {
	case r == nil:
		return "nothing"
	case r.List != nil:
		return "[" + r.List.String() + "]"
	case r.Value != nil:
		return "{" + r.Key.String() + ": " + r.Value.String() + "}"
	case r.Name == "empty":
		return "{}"
	}
	return r.Name
}

var (
	unionType = reflect.TypeFor[api.OneOf]()
	enumType  = reflect.TypeFor[api.Enum]()
	scalars   = map[reflect.Type]string{
		reflect.TypeFor[api.Long]():        "long",
		reflect.TypeFor[api.Ulong]():       "ulong",
		reflect.TypeFor[api.Float]():       "float",
		reflect.TypeFor[api.Tobool]():      "boolean",
		reflect.TypeFor[api.Truth]():       "boolean",
		reflect.TypeFor[api.Numeral]():     "int",
		reflect.TypeFor[api.Nothing]():     "true",
		reflect.TypeFor[api.NoParams]():    "empty",
		reflect.TypeFor[api.EmptyObject](): "empty",
	}
	kinds = map[reflect.Kind]string{
		reflect.String:    "string",
		reflect.Bool:      "boolean",
		reflect.Int:       "int",
		reflect.Int64:     "int",
		reflect.Uint64:    "uint",
		reflect.Float64:   "long",
		reflect.Interface: "any",
	}
)

// usual says what members mean that stand in many places under one name.
var usual = map[string]string{
	"vmID":            "the VM",
	"vmId":            "the VM",
	"storagepoolID":   "the storage pool",
	"poolID":          "the storage pool",
	"storagedomainID": "the storage domain",
	"domainID":        "the storage domain",
	"sd_id":           "the storage domain",
	"imageID":         "the image",
	"img_id":          "the image",
	"volumeID":        "the volume",
	"vol_id":          "the volume",
	"taskID":          "the task",
	"job_id":          "id for the new job, chosen by the caller",
	"volumeName":      "the volume",
}

// builder collects the types that are met.
type builder struct {
	api      *API
	comments Comments
}

func (b *builder) ref(t reflect.Type) *TypeRef {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if name, ok := scalars[t]; ok {
		return &TypeRef{Name: name}
	}
	if t.PkgPath() != "" {
		b.define(t)
		return &TypeRef{Name: t.Name()}
	}
	switch t.Kind() {
	case reflect.Slice:
		return &TypeRef{List: b.ref(t.Elem())}
	case reflect.Map:
		return &TypeRef{Key: b.ref(t.Key()), Value: b.ref(t.Elem())}
	}
	return &TypeRef{Name: kinds[t.Kind()]}
}

func (b *builder) define(t reflect.Type) {
	name := t.Name()
	if b.api.types[name] != nil {
		return
	}
	d := &Type{Name: name, Doc: b.comments.Types[name]}
	b.api.types[name] = d
	b.api.Types = append(b.api.Types, d)
	switch {
	case t.Implements(unionType):
		d.Kind = Union
		for _, a := range reflect.Zero(t).Interface().(api.OneOf).Alternatives() {
			d.Alternatives = append(d.Alternatives, b.ref(reflect.TypeOf(a)))
		}
	case t.Implements(enumType):
		d.Kind, d.Values = Enum, reflect.Zero(t).Interface().(api.Enum).Values()
	case t.Kind() == reflect.Map:
		d.Kind, d.Key, d.Value = Map, b.ref(t.Key()), b.ref(t.Elem())
	case t.Kind() == reflect.Struct:
		d.Kind, d.Members = Object, b.members(t)
	default:
		d.Kind, d.Of = Scalar, kinds[t.Kind()]
	}
}

func (b *builder) members(t reflect.Type) []*Member {
	var members []*Member
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		def, optional := f.Tag.Lookup("default")
		m := &Member{
			Name: name, Doc: cmp.Or(b.comments.Fields[t.Name()+"."+name], usual[name]), Type: b.ref(f.Type),
			Optional: optional || strings.Contains(options, "omit"),
			Object:   f.Tag.Get("api") == "object",
			Secret:   name == "password" || strings.HasPrefix(name, "_X_"),
		}
		if optional && def != "unchecked" && def != "unset" {
			m.Default = def
		}
		members = append(members, m)
	}
	return members
}
