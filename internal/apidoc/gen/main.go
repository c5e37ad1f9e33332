// SPDX-License-Identifier: GPL-2.0-or-later

// Command gen writes what is generated from the declarations of package api:
// the comments that programs carry, and the reference. It is run by go generate.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"govdsm/internal/apidoc"
	"govdsm/internal/apidoc/extract"
	"govdsm/internal/apidoc/markdown"
)

const (
	commentsFile = "internal/apidoc/comments.json"
	referenceDir = "docs/reference/api"
)

func main() {
	root := flag.String("root", ".", "top of the repository")
	flag.Parse()
	if err := run(*root); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(root string) error {
	files, err := generate(root)
	if err != nil {
		return err
	}
	// A namespace that is gone must not leave its page behind.
	old, err := filepath.Glob(filepath.Join(root, referenceDir, "*.md"))
	if err != nil {
		return err
	}
	for _, file := range old {
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			return err
		}
	}
	return nil
}

// generate returns the content of every generated file by its name below root.
func generate(root string) (map[string][]byte, error) {
	comments, err := extract.Comments(filepath.Join(root, "api"))
	if err != nil {
		return nil, err
	}
	reference := apidoc.Build(comments)
	files := make(map[string][]byte)
	if files[commentsFile], err = lines(comments); err != nil {
		return nil, err
	}
	for name, text := range markdown.Pages(reference) {
		files[referenceDir+"/"+name] = text
	}
	return files, nil
}

// lines writes v as JSON with one member in a line.
func lines(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(v)
	return b.Bytes(), err
}
