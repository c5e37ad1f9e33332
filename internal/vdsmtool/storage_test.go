// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmtool

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

func TestStorageCheck(t *testing.T) {
	root := t.TempDir()
	const id = "011fa225-4d3f-427c-85fc-c87f718a0880"
	write(t, root, "rhev/data-center/mnt/_data/"+id+"/dom_md/metadata", "no metadata")
	code, stdout, _ := run(t, root, "storage", "check", id)
	if code != 1 || !strings.Contains(stdout, "dom_md/metadata: ") || !strings.Contains(stdout, "findings\n") {
		t.Errorf("exit %d: %s", code, stdout)
	}
	dir := filepath.Join(root, "rhev/data-center/mnt/_data", id)
	code, stdout, _ = run(t, root, "storage", "check", "--output", "json", dir)
	var report struct {
		Path     string
		Findings []struct{ Path, What string }
	}
	if err := json.Unmarshal([]byte(stdout), &report); err != nil || code != 1 || report.Path != dir || len(report.Findings) != 2 {
		t.Errorf("exit %d: %s: %v", code, stdout, err)
	}
	for _, args := range [][]string{{"check", "/none"}, {"check", "13302f59-4177-4a81-8e58-2e9f4ddfcee4"}, {"check"}, {"check", dir, "--output", "xml"}} {
		if code, stdout, stderr := run(t, root, append([]string{"storage"}, args...)...); code != 1 || stdout != "" || stderr == "" {
			t.Errorf("%q: exit %d, %q, %q", args, code, stdout, stderr)
		}
	}
}
