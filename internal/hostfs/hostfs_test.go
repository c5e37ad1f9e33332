// SPDX-License-Identifier: GPL-2.0-or-later

package hostfs_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"govdsm/internal/hostfs"
)

func TestCPUList(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]int64{
		"0":              {0},
		"0-3,8\n":        {0, 1, 2, 3, 8},
		"8,0-1,1-2":      {0, 1, 2, 8},
		"":               nil,
		"x,3-,-4,5-4,6":  {6},
		"0-999999999999": nil,
		"0-99999999":     nil,
	} {
		if got := hostfs.CPUList(text); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestMeminfo(t *testing.T) {
	t.Parallel()
	got := hostfs.Meminfo("MemTotal:  12 kB\nNode 3 MemFree: 7 kB\nHugePages_Total: 4\nbad: x kB\nnone\nActive(anon): 2 kB\n")
	if len(got) != 4 || got["MemTotal"] != 12 || got["MemFree"] != 7 || got["HugePages_Total"] != 4 || got["Active(anon)"] != 2 {
		t.Errorf("%v", got)
	}
}

func TestFilesAreBounded(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	huge, err := os.Create(filepath.Join(root, "huge"))
	if err != nil {
		t.Fatal(err)
	}
	defer huge.Close()
	if err := huge.Truncate(1 << 30); err != nil {
		t.Fatal(err)
	}
	fs := hostfs.At(root)
	if _, err := fs.Text("/huge"); err == nil {
		t.Error("a huge file is read")
	}
	if head, err := fs.Head("/huge", 3); err != nil || len(head) != 3 {
		t.Errorf("head: %v, %v", head, err)
	}
	if _, err := fs.Int("/missing"); !os.IsNotExist(err) {
		t.Errorf("missing: %v", err)
	}
	if names := fs.Names("/missing"); names != nil {
		t.Errorf("missing folder: %v", names)
	}
}
