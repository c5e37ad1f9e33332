// SPDX-License-Identifier: GPL-2.0-or-later

// Package extract reads the comments of the API's declarations from their
// source, for the programs that have no source at hand.
package extract

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"govdsm/internal/apidoc"
)

// Comments reads the comments of the Go package in dir. Names of Go variables
// that declare verbs become the names of the verbs.
func Comments(dir string) (apidoc.Comments, error) {
	c := apidoc.Comments{
		Verbs:  make(map[string]apidoc.Comment),
		Events: make(map[string]apidoc.Comment),
		Types:  make(map[string]string),
		Fields: make(map[string]string),
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return c, err
	}
	if len(files) == 0 {
		return c, &fs.PathError{Op: "read Go files", Path: dir, Err: fs.ErrNotExist}
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return c, err
		}
		for _, d := range parsed.Decls {
			if g, ok := d.(*ast.GenDecl); ok {
				declarations(c, g)
			}
		}
	}
	wireNames(c)
	return c, nil
}

func declarations(c apidoc.Comments, g *ast.GenDecl) {
	for _, spec := range g.Specs {
		switch spec := spec.(type) {
		case *ast.ValueSpec:
			variable(c, text(spec.Doc, g.Doc), spec)
		case *ast.TypeSpec:
			name := spec.Name.Name
			doc := text(spec.Doc, g.Doc)
			if doc != "" && ast.IsExported(name) && !strings.Contains(doc, " are the parameters of ") {
				c.Types[name] = doc
			}
			if s, ok := spec.Type.(*ast.StructType); ok {
				fields(c, name, s)
			}
		}
	}
}

// variable takes the comment of a variable that declares a verb or an event.
func variable(c apidoc.Comments, doc string, spec *ast.ValueSpec) {
	if len(spec.Values) != 1 {
		return
	}
	call, ok := spec.Values[0].(*ast.CallExpr)
	if !ok || len(call.Args) != 2 {
		return
	}
	function := call.Fun
	switch f := function.(type) {
	case *ast.IndexExpr:
		function = f.X
	case *ast.IndexListExpr:
		function = f.X
	}
	ident, ok := function.(*ast.Ident)
	if !ok {
		return
	}
	comment := apidoc.Comment{Go: spec.Names[0].Name, Doc: doc}
	switch ident.Name {
	case "declare":
		c.Verbs[literal(call.Args[0])] = comment
	case "declareEvent":
		c.Events["|"+literal(call.Args[0])+"|"+literal(call.Args[1])+"|"] = comment
	}
}

func fields(c apidoc.Comments, typ string, s *ast.StructType) {
	for _, f := range s.Fields.List {
		if f.Tag == nil {
			continue
		}
		tag, err := strconv.Unquote(f.Tag.Value)
		if err != nil {
			continue
		}
		name, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
		if doc := text(f.Doc, f.Comment); doc != "" && name != "" {
			c.Fields[typ+"."+name] = doc
		}
	}
}

// text returns the first comment there is, as one paragraph.
func text(groups ...*ast.CommentGroup) string {
	for _, g := range groups {
		if g != nil {
			return strings.Join(strings.Fields(g.Text()), " ")
		}
	}
	return ""
}

func literal(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok {
		return ""
	}
	s, _ := strconv.Unquote(lit.Value)
	return s
}

// wireNames puts the names of verbs and events in place of the Go variables'.
func wireNames(c apidoc.Comments) {
	names := make(map[string]string)
	for wire, comment := range c.Verbs {
		names[comment.Go] = wire
	}
	for wire, comment := range c.Events {
		names[comment.Go] = strings.Trim(wire, "|")
	}
	words := regexp.MustCompile(`\b[A-Z]\w+\b`)
	rename := func(doc string) string {
		return words.ReplaceAllStringFunc(doc, func(w string) string {
			if wire, ok := names[w]; ok {
				return wire
			}
			return w
		})
	}
	for _, m := range []map[string]apidoc.Comment{c.Verbs, c.Events} {
		for k, comment := range m {
			comment.Doc = rename(comment.Doc)
			m[k] = comment
		}
	}
	for k, doc := range c.Fields {
		c.Fields[k] = rename(doc)
	}
	for k, doc := range c.Types {
		words := strings.SplitN(doc, " ", 2) // the type's own name may be a verb's, too
		if len(words) == 2 && !slices.Contains([]string{"A", "An", "The"}, words[0]) {
			doc = words[0] + " " + rename(words[1])
		}
		c.Types[k] = doc
	}
}
