// SPDX-License-Identifier: GPL-2.0-or-later

package main

import (
	"regexp"
	"strings"
	"testing"
)

func TestSummarize(t *testing.T) {
	t.Parallel()
	const pass = `{"Action":"output","Package":"p","Test":"TestA","Output":"noise\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\n"}
{"Action":"pass","Package":"p"}
`
	const skip = `{"Action":"output","Package":"p","Test":"TestB","Output":"=== RUN   TestB\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:3: no such thing\n"}
{"Action":"skip","Package":"p","Test":"TestB"}
`
	for name, tc := range map[string]struct {
		in, allowed, want, not string
		good                   bool
	}{
		"pass":                 {in: pass, want: "ok  \tp", not: "noise", good: true},
		"allowed skip":         {in: pass + skip, allowed: "no such", want: "p TestB: b_test.go:3: no such thing", not: "may not", good: true},
		"other skip":           {in: pass + skip, allowed: "never", want: "may not be skipped:"},
		"package without test": {in: `{"Action":"skip","Package":"p"}`, not: "skipped", good: true},
		"failure": {in: `{"Action":"output","Package":"p","Test":"TestC","Output":"it is wrong\n"}
{"Action":"fail","Package":"p","Test":"TestC"}`, want: "it is wrong"},
		"does not build": {in: `{"Action":"build-output","ImportPath":"p","Output":"syntax error\n"}
{"Action":"build-fail","ImportPath":"p"}`, want: "syntax error"},
		"not JSON": {in: "go: cannot find main module\n", want: "cannot find", good: true},
	} {
		var allowed []*regexp.Regexp
		if tc.allowed != "" {
			allowed = append(allowed, regexp.MustCompile(tc.allowed))
		}
		var b strings.Builder
		if good := summarize(strings.NewReader(tc.in), &b, allowed); good != tc.good {
			t.Errorf("%s: good is %v", name, good)
		}
		if !strings.Contains(b.String(), tc.want) || tc.not != "" && strings.Contains(b.String(), tc.not) {
			t.Errorf("%s: said\n%s", name, b.String())
		}
	}
}
