// SPDX-License-Identifier: GPL-2.0-or-later

package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestSkipsHaveListedReasons: a skip shows only where its test cannot run, which
// may be nowhere near its author. So what each can say is held against the
// list here, and not only when it is said.
func TestSkipsHaveListedReasons(t *testing.T) {
	text, err := os.ReadFile("../../hack/test-skips")
	if err != nil {
		t.Fatal(err)
	}
	var listed []*regexp.Regexp
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			listed = append(listed, regexp.MustCompile(line))
		}
	}
	used := make(map[*regexp.Regexp]bool)
	err = filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !skips(call) {
				return true
			}
			reason := reasonOf(call)
			i := slices.IndexFunc(listed, func(r *regexp.Regexp) bool { return r.MatchString(reason) })
			switch {
			case reason == "":
				t.Errorf("%s: a skip whose reason cannot be read here: begin it with a literal", files.Position(call.Pos()))
			case i < 0:
				t.Errorf("%s: skipped for %q, which is not in hack/test-skips", files.Position(call.Pos()), reason)
			default:
				used[listed[i]] = true
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range listed {
		if !used[r] {
			t.Errorf("hack/test-skips lists %q, for which nothing is skipped", r)
		}
	}
}

// skips reports whether a call ends a test: t.Skip, b.Skipf, w.t.SkipNow.
func skips(call *ast.CallExpr) bool {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, method.Sel.Name) {
		return false
	}
	var receiver string
	switch x := method.X.(type) {
	case *ast.Ident:
		receiver = x.Name
	case *ast.SelectorExpr:
		receiver = x.Sel.Name
	}
	return slices.Contains([]string{"t", "b", "f", "tb"}, receiver)
}

var verb = regexp.MustCompile(`%[^a-zA-Z]*[a-zA-Z]`)

// reasonOf returns the literal that a reason begins with; what is put in its
// format becomes a 1.
func reasonOf(call *ast.CallExpr) string {
	if len(call.Args) == 0 {
		return ""
	}
	literal, ok := call.Args[0].(*ast.BasicLit)
	if !ok {
		return ""
	}
	text, err := strconv.Unquote(literal.Value)
	if err != nil {
		return ""
	}
	return verb.ReplaceAllString(text, "1")
}
