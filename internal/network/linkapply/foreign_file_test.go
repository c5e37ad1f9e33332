// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"govdsm/internal/network/nmstate"
	"govdsm/internal/network/snapshot"
)

// A name of an option is no way out of the bond's folder: root writes the file.
func TestOptionNamesNoOtherFile(t *testing.T) {
	const name = "../../../../../proc/sys/kernel/core_pattern"
	root := t.TempDir()
	bonding, victim := filepath.Join(root, "sys/class/net/bond0/bonding"), filepath.Join(root, "proc/sys/kernel/core_pattern")
	for file, text := range map[string]string{filepath.Join(bonding, "mode"): "balance-rr 0\n", victim: "core\n"} {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r := newRun(nil, root, &snapshot.State{})
	if err := writeBond(t.Context(), r, "bond0", map[string]string{name: "|/x"}); !errors.Is(err, ErrForeignFile) {
		t.Errorf("option of a bond: %v", err)
	}
	path := "sys/class/net/br0/bridge/" + name
	if err := (&tune{Dev: "br0", Path: path, New: "|/x"}).do(t.Context(), r); !errors.Is(err, ErrForeignFile) {
		t.Errorf("file of a link: %v", err)
	}
	p := &planner{now: &snapshot.State{}, root: root, change: map[string]bondChange{}}
	_, _, err := p.readChanges(nmstate.Interface{Name: "bond0", Bond: &nmstate.Bond{Mode: "0", Options: nmstate.BondOptions{name: "|/x"}}})
	if !errors.Is(err, ErrBadBondOption) {
		t.Errorf("plan: %v", err)
	}
	if text, err := os.ReadFile(victim); err != nil || string(text) != "core\n" {
		t.Errorf("another file was written: %q, %v", text, err)
	}
}
