// SPDX-License-Identifier: GPL-2.0-or-later

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestGeneratedFilesAreFresh(t *testing.T) {
	const root = "../../.."
	files, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Errorf("%v; run go generate ./internal/apidoc", err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("%s is stale; run go generate ./internal/apidoc", name)
		}
	}
	pages, err := filepath.Glob(filepath.Join(root, referenceDir, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		if _, ok := files[referenceDir+"/"+filepath.Base(page)]; !ok {
			t.Errorf("%s is left over; run go generate ./internal/apidoc", page)
		}
	}
}

func TestRunWritesAndTidies(t *testing.T) {
	root := t.TempDir()
	if err := os.CopyFS(filepath.Join(root, "api"), os.DirFS("../../../api")); err != nil {
		t.Fatal(err)
	}
	leftOver := filepath.Join(root, referenceDir, "Gone.md")
	if err := os.MkdirAll(filepath.Dir(leftOver), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(leftOver, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run(root); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(leftOver); !os.IsNotExist(err) {
		t.Errorf("page of a namespace that is gone: %v", err)
	}
	if _, err := os.Stat(filepath.Join(root, referenceDir, "VM.md")); err != nil {
		t.Error(err)
	}
}

func TestRunWithoutDeclarations(t *testing.T) {
	if err := run(t.TempDir()); err == nil {
		t.Error("no error without declarations")
	}
}
