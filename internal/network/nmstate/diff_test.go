// SPDX-License-Identifier: GPL-2.0-or-later

package nmstate

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// TestDiff shows what people see of the examples. What a host has already is
// no change.
func TestDiff(t *testing.T) {
	for name, e := range examples(t) {
		t.Run(name, func(t *testing.T) {
			state := Generate(e.Canonicalized, e.host())
			got := Text(Diff(e.Current, state))
			golden := filepath.Join("testdata", "diff", strings.TrimSuffix(name, ".json")+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if again := Diff(state.AsCurrent(), state); len(again) > 0 {
				t.Errorf("of what it has made, it would change\n%s", Text(again))
			}
		})
	}
}
