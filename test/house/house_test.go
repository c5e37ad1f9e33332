// SPDX-License-Identifier: GPL-2.0-or-later

// Package house checks the rules of the house that no linter knows: which
// package may import which, licence headers, and the size of files.
package house

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "govdsm/"

type goPackage struct {
	ImportPath string
	Imports    []string
	Deps       []string
	CgoFiles   []string
	Standard   bool
}

func packages(t *testing.T, args ...string) []goPackage {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports,Deps,CgoFiles,Standard"}, args...)...)
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "GOFLAGS=-tags=libvirt_dlopen")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var list []goPackage
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}

// pillars do not know each other, nor the wire, nor the composition root.
var pillars = []string{"internal/virt", "internal/host", "internal/network", "internal/storage", "internal/gluster"}

func within(path, tree string) bool {
	path = strings.TrimPrefix(path, module)
	return path == tree || strings.HasPrefix(path, tree+"/")
}

func withinAny(path string, trees []string) bool {
	return slices.ContainsFunc(trees, func(t string) bool { return within(path, t) })
}

// forbidden reports why package from must not import package to, or "".
func forbidden(from, to string) string {
	ours := strings.HasPrefix(to, module)
	switch {
	case to == "libvirt.org/go/libvirt" && !within(from, "internal/libvirt"):
		return "only internal/libvirt touches the binding"
	case within(to, "internal/daemon") && !within(from, "cmd/vdsmd") && !within(from, "internal/daemon"):
		return "nobody but main knows the composition root"
	case within(from, "api") && ours:
		return "api imports nothing of ours"
	case within(from, "internal/rpc") && withinAny(to, pillars):
		return "the wire knows no pillar"
	case withinAny(from, pillars) && within(to, "internal/rpc"):
		return "a pillar knows no protocol"
	case withinAny(from, pillars) && within(to, "internal/config"):
		return "a pillar takes options, it does not read the configuration"
	}
	for _, p := range pillars {
		if within(from, p) && withinAny(to, pillars) && !within(to, p) {
			return "pillars do not import each other; declare a small interface"
		}
	}
	return ""
}

func TestImportsPointOneWay(t *testing.T) {
	for _, p := range packages(t, "./...") {
		for _, imported := range p.Imports {
			if why := forbidden(p.ImportPath, imported); why != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, imported, why)
			}
		}
	}
}

// TestOnlyTheDaemonNeedsCgo holds the promise that the tools and the
// privileged daemon are static binaries.
func TestOnlyTheDaemonNeedsCgo(t *testing.T) {
	for _, p := range packages(t, "./cmd/supervdsmd", "./cmd/vdsm-client", "./cmd/vdsm-tool") {
		if slices.Contains(p.Deps, "libvirt.org/go/libvirt") {
			t.Errorf("%s depends on the libvirt binding", p.ImportPath)
		}
	}
}

// TestVdsmdHasNoTemplates: a program with text/template keeps every method
// of every type in it, because a template may name it. In vdsmd these were
// five of twenty megabytes, all of them resident.
func TestVdsmdHasNoTemplates(t *testing.T) {
	for _, p := range packages(t, "./cmd/vdsmd") {
		if slices.Contains(p.Deps, "text/template") {
			t.Errorf("%s depends on text/template", p.ImportPath)
		}
	}
}

var (
	generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)
	initFunc  = regexp.MustCompile(`(?m)^func init\(\)`)
)

const maxLines = 450

func TestFiles(t *testing.T) {
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." && d.Name() != "." || d.Name() == "bin") {
			return fs.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".go" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if generated.Match(text) {
			return nil
		}
		first, _, _ := bufio.NewReader(bytes.NewReader(text)).ReadLine()
		if string(first) != "// SPDX-License-Identifier: GPL-2.0-or-later" {
			t.Errorf("%s: no licence header", path)
		}
		test := strings.HasSuffix(path, "_test.go")
		if lines := bytes.Count(text, []byte("\n")); lines > maxLines && !test {
			t.Errorf("%s: %d lines; split it by purpose (limit %d)", path, lines, maxLines)
		}
		if initFunc.Match(text) {
			t.Errorf("%s: init(); wiring belongs to the composition root", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
