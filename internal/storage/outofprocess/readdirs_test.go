// SPDX-License-Identifier: GPL-2.0-or-later

package outofprocess

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// readDirs returns what ReadDirs does, sorted.
func readDirs(t *testing.T, d *Dir, name string) []Folder {
	t.Helper()
	folders, err := d.ReadDirs(t.Context(), name, ".meta")
	must(t, err)
	slices.SortFunc(folders, func(a, b Folder) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range folders {
		slices.Sort(f.Names)
	}
	return folders
}

// TestReadDirs plants beside folders what is none, or leads elsewhere.
func TestReadDirs(t *testing.T) {
	d := newDir(t)
	for _, name := range []string{"images/a/1", "images/a/1.meta", "images/a/2.meta", "images/b/\xff\n.meta", "images/file.meta", "images/.c/x.meta", "away/x.meta"} {
		put(t, d, name, "x")
	}
	must(t, os.Mkdir(d.Path("images/empty"), 0o755))
	must(t, os.Symlink("a", d.Path("images/link")))
	must(t, os.Symlink("/etc", d.Path("images/etc")))
	must(t, os.Symlink("../away", d.Path("images/away")))
	must(t, unix.Mkfifo(d.Path("images/pipe"), 0o644))
	want := []Folder{{".c", []string{"x.meta"}}, {"a", []string{"1.meta", "2.meta"}}, {"b", []string{"\xff\n.meta"}}, {"empty", []string{}}}
	if diff := cmp.Diff(want, readDirs(t, d, "images")); diff != "" {
		t.Error(diff)
	}
	if _, err := d.ReadDirs(t.Context(), "none", ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	if _, err := d.ReadDirs(t.Context(), "../x", ""); !errors.Is(err, ErrOutside) {
		t.Errorf("a folder outside: %v", err)
	}
	if _, err := d.ReadDirs(t.Context(), "images/pipe", ""); err == nil {
		t.Error("a pipe is listed")
	}
}

// TestReadDirsOfMany has more names than one system call returns, in the folder
// and in one of those in it.
func TestReadDirsOfMany(t *testing.T) {
	d := newDir(t)
	var want []Folder
	for n := range 2000 {
		f := Folder{fmt.Sprintf("folder-%04d", n), []string{}}
		must(t, os.Mkdir(d.Path(f.Name), 0o755))
		if n == 7 {
			for m := range 2000 {
				f.Names = append(f.Names, fmt.Sprintf("%s-%04d.meta", strings.Repeat("x", 100), m))
				put(t, d, f.Name+"/"+f.Names[m], "")
			}
		}
		want = append(want, f)
	}
	if diff := cmp.Diff(want, readDirs(t, d, ".")); diff != "" {
		t.Errorf("%.2000s", diff)
	}
}
