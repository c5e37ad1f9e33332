// SPDX-License-Identifier: GPL-2.0-or-later

package outofprocess

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Several hosts remove what is left of an image, each when it opens the domain:
// what another one has removed is no failure.
func TestRemoveTreeThatOthersRemove(t *testing.T) {
	top := t.TempDir()
	for n := range 300 {
		must(t, os.MkdirAll(filepath.Join(top, "tree", fmt.Sprint(n), "below"), 0o755))
	}
	var hosts sync.WaitGroup
	for range 3 {
		p := New(Options{})
		t.Cleanup(func() { p.Close() })
		hosts.Go(func() {
			if err := p.Dir(top).RemoveTree(t.Context(), "tree"); err != nil {
				t.Error(err)
			}
		})
	}
	hosts.Wait()
	if _, err := os.Lstat(filepath.Join(top, "tree")); !os.IsNotExist(err) {
		t.Error(err)
	}
}
