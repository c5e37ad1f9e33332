// SPDX-License-Identifier: GPL-2.0-or-later

package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recorded is what Python's configparser made of a file; testdata/record.py
// writes it.
type recorded struct {
	Refused string
	Lines   []int
	Raw     map[string]map[string]string
	Values  map[string]map[string]*string
}

// TestReadsWhatPythonReads compares with the recordings: the same values, or
// a problem at each line that Python refuses.
func TestReadsWhatPythonReads(t *testing.T) {
	files, err := filepath.Glob("testdata/ini/*.conf")
	if err != nil || len(files) < 10 {
		t.Fatalf("found %d files, error %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want recorded
			b, err := os.ReadFile(strings.TrimSuffix(file, ".conf") + ".json")
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(b, &want); err != nil {
				t.Fatal(err)
			}
			got := make(settings)
			problems := readINI(file, string(content), got)
			if want.Refused != "" {
				checkRefused(t, want, problems)
				return
			}
			for _, p := range problems {
				t.Errorf("Python takes it, we report: %s", p)
			}
			checkValues(t, want, got)
		})
	}
}

func checkRefused(t *testing.T, want recorded, problems []Problem) {
	t.Helper()
	var lines []int
	for _, p := range problems {
		lines = append(lines, p.Line)
	}
	for _, line := range want.Lines {
		if !slices.Contains(lines, line) {
			t.Errorf("Python refuses line %d with %s; we report %v", line, want.Refused, problems)
		}
	}
}

func checkValues(t *testing.T, want recorded, got settings) {
	t.Helper()
	raw := make(map[string]map[string]string)
	values := make(map[string]map[string]*string)
	for section, options := range got {
		if section == defaultSection {
			continue
		}
		raw[section] = make(map[string]string)
		values[section] = make(map[string]*string)
		lookup := func(name string) (string, bool) {
			if v, ok := options[name]; ok {
				return v.raw, true
			}
			v, ok := got[defaultSection][name]
			return v.raw, ok
		}
		for _, inherited := range []map[string]text{got[defaultSection], options} {
			for name, v := range inherited {
				raw[section][name] = v.raw
				values[section][name] = nil
				if s, err := interpolate(v.raw, lookup); err == nil {
					values[section][name] = &s
				}
			}
		}
	}
	if want.Raw == nil {
		want.Raw, want.Values = map[string]map[string]string{}, map[string]map[string]*string{}
	}
	if d := cmp.Diff(want.Raw, raw); d != "" {
		t.Errorf("raw values, -Python +ours:\n%s", d)
	}
	if d := cmp.Diff(want.Values, values); d != "" {
		t.Errorf("values, -Python +ours:\n%s", d)
	}
}

func TestInterpolationIsBounded(t *testing.T) {
	long := strings.Repeat("%(x)s", 1000)
	options := map[string]string{"x": long, "y": "z"}
	lookup := func(name string) (string, bool) { v, ok := options[name]; return v, ok }
	if _, err := interpolate(long, lookup); err == nil {
		t.Error("a value that refers to itself is taken")
	}
	options["x"] = strings.Repeat("a", 100_000)
	if _, err := interpolate(long, lookup); err == nil {
		t.Error("a value of 100 MB is taken")
	}
}

func FuzzReadINI(f *testing.F) {
	files, _ := filepath.Glob("testdata/ini/*.conf")
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Fuzz(func(t *testing.T, content string) {
		set := make(settings)
		lines := 1 + strings.Count(content, "\n") + strings.Count(content, "\r")
		for _, p := range readINI("f", content, set) {
			if p.Line < 1 || p.Line > lines {
				t.Errorf("line %d of %d", p.Line, lines)
			}
		}
		build(set)
	})
}
