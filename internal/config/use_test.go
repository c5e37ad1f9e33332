// SPDX-License-Identifier: GPL-2.0-or-later

package config

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestOptionsInUseAreMarkedSo looks for selectors such as cfg.Vars.SSL in the
// programs and the composition root. An option that they act on must not be
// described as one without effect.
func TestOptionsInUseAreMarkedSo(t *testing.T) {
	unmarked := make(map[string]string)
	for _, o := range Options() {
		section := reflect.TypeFor[Config]().Field(o.section)
		if o.Use != Used {
			unmarked[section.Name+"."+section.Type.Field(o.field).Name] = o.Section + "." + o.Name
		}
	}
	for _, dir := range []string{"../../cmd", "../daemon", "../sandbox"} {
		_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") {
				return nil
			}
			for _, selector := range selectors(t, path) {
				if option, ok := unmarked[selector]; ok {
					t.Errorf(`%s uses %s: mark its field with use:"yes"`, path, option)
				}
			}
			return nil
		})
	}
}

// TestMarkedOptionsAreInUse looks for the fields of marked options by name: a
// page that says an option does something must be right.
func TestMarkedOptionsAreInUse(t *testing.T) {
	used := make(map[string]bool)
	for _, dir := range []string{"../../cmd", "../daemon", "../sandbox", "../supervdsm"} {
		_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") {
				return nil
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok {
					used[s.Sel.Name] = true
				}
				return true
			})
			return nil
		})
	}
	for _, o := range Options() {
		name := reflect.TypeFor[Config]().Field(o.section).Type.Field(o.field).Name
		if o.Use == Used && !used[name] {
			t.Errorf("%s.%s is marked as used, and nothing uses it", o.Section, o.Name)
		}
	}
}

// selectors returns the "Section.Field" of every x.Section.Field in a file.
func selectors(t *testing.T, path string) (found []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if field, ok := n.(*ast.SelectorExpr); ok {
			if section, ok := field.X.(*ast.SelectorExpr); ok {
				found = append(found, section.Sel.Name+"."+field.Sel.Name)
			}
		}
		return true
	})
	return found
}
