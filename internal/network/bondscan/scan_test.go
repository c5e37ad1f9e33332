// SPDX-License-Identifier: GPL-2.0-or-later

package bondscan

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govdsm/lab"
)

func TestScan(t *testing.T) {
	lab.Needs(t, lab.Bonding).Run(func(t *testing.T) {
		before := links(t)
		dir := filepath.Join(t.TempDir(), "vdsm")
		found, err := Known(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if after := links(t); after != before {
			t.Errorf("links before\n%s\nand after\n%s", before, after)
		}
		if len(found.Defaults) != modes || len(found.Numbers) != modes {
			t.Fatalf("%d and %d modes", len(found.Defaults), len(found.Numbers))
		}
		for mode, options := range found.Defaults {
			if !slices.Equal(options["mode"], []string{"balance-rr", "0"}) {
				t.Errorf("mode %s: the usual mode is %q", mode, options["mode"])
			}
			if p, has := options["primary"]; !has || len(p) != 0 {
				t.Errorf("mode %s: primary is %q, %v", mode, p, has)
			}
			for _, status := range []string{"slaves", "mii_status", "ad_partner_mac"} {
				if _, has := options[status]; has {
					t.Errorf("mode %s: %s counts as an option", mode, status)
				}
			}
		}
		if m := found.Defaults["4"]["miimon"]; !slices.Equal(m, []string{"100"}) {
			t.Errorf("miimon of mode 4 is %q", m)
		}
		if m := found.Defaults["1"]["miimon"]; !slices.Equal(m, []string{"0"}) {
			t.Errorf("miimon of mode 1 is %q", m)
		}
		hash := found.Numbers["2"]["xmit_hash_policy"]
		if hash["layer2"] != "0" || hash["layer3+4"] != "1" || hash["layer2+3"] != "2" {
			t.Errorf("hash policies: %v", hash)
		}
		if rate := found.Numbers["4"]["lacp_rate"]; rate["fast"] != "1" {
			t.Errorf("LACP rates: %v", rate)
		}
		again, err := Load(dir)
		if diff := cmp.Diff(found, again); err != nil || diff != "" {
			t.Errorf("%v, (-found +stored)\n%s", err, diff)
		}
		// What is stored counts, until somebody breaks it.
		mark := `{"0": {"mode": ["mark"]}}`
		if err := os.WriteFile(filepath.Join(dir, DefaultsFile), []byte(mark), 0o644); err != nil {
			t.Fatal(err)
		}
		if o, err := Known(t.Context(), dir); err != nil || o.Defaults["0"]["mode"][0] != "mark" {
			t.Errorf("%v, %v", o.Defaults, err)
		}
		if err := os.WriteFile(filepath.Join(dir, DefaultsFile), []byte(mark[:9]), 0o644); err != nil {
			t.Fatal(err)
		}
		if o, err := Known(t.Context(), dir); err != nil || cmp.Diff(found, o) != "" {
			t.Errorf("%v, %v", o.Defaults, err)
		}
	})
}

func links(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "sh", "-c", "ip -br link; ls /sys/class/net; grep -c sysfs /proc/mounts").CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
