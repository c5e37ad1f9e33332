// SPDX-License-Identifier: GPL-2.0-or-later

// Command testsum reads what go test -json writes and tells it shorter: a line
// for each package, the output of what failed, and every test that was skipped
// with its reason. Skips for a reason that the file of its argument does not
// allow are failures: a test that does not run proves nothing.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go test -json ... | testsum ALLOWED-SKIPS")
		os.Exit(2)
	}
	allowed, err := readAllowed(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "testsum:", err)
		os.Exit(2)
	}
	if !summarize(os.Stdin, os.Stdout, allowed) {
		os.Exit(1)
	}
}

// readAllowed reads regular expressions, one a line; # begins a comment.
func readAllowed(file string) ([]*regexp.Regexp, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var allowed []*regexp.Regexp
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		r, err := regexp.Compile(line)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		allowed = append(allowed, r)
	}
	return allowed, nil
}

// event is one line of go test -json (go doc test2json), and of the build
// output that comes between.
type event struct {
	Action, Package, ImportPath, Test, Output string
}

// mostOutput bounds what is shown of one failed test; its end is what counts.
const mostOutput = 64 << 10

// summarize reports whether everything passed and only allowed tests were
// skipped.
func summarize(r io.Reader, w io.Writer, allowed []*regexp.Regexp) bool {
	good := true
	output := make(map[[2]string]string) // by package and test
	var skipped, refused []string
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) == 0 && err != nil {
			break
		}
		var e event
		if json.Unmarshal(line, &e) != nil {
			fmt.Fprintf(w, "%s", line) // not of a test: go's own complaint
			continue
		}
		key := [2]string{e.Package, e.Test}
		switch e.Action {
		case "build-output":
			fmt.Fprint(w, e.Output)
		case "build-fail":
			good = false
		case "output":
			text := output[key] + e.Output
			output[key] = text[max(0, len(text)-mostOutput):]
			if e.Test == "" && summaryLine(e.Output) {
				fmt.Fprint(w, e.Output)
			}
		case "fail":
			good = false
			fmt.Fprintf(w, "-- %s %s:\n%s", e.Package, e.Test, output[key])
			delete(output, key)
		case "skip":
			if e.Test == "" {
				continue // a package without tests
			}
			entry := fmt.Sprintf("%s %s: %s", e.Package, e.Test, reason(output[key]))
			skipped = append(skipped, entry)
			if !slices.ContainsFunc(allowed, func(r *regexp.Regexp) bool { return r.MatchString(reason(output[key])) }) {
				refused = append(refused, entry)
			}
			delete(output, key)
		case "pass":
			delete(output, key)
		}
	}
	list(w, "skipped:", skipped)
	list(w, "may not be skipped:", refused)
	return good && len(refused) == 0
}

func summaryLine(text string) bool {
	return strings.HasPrefix(text, "ok ") || strings.HasPrefix(text, "FAIL\t") || strings.HasPrefix(text, "panic:")
}

// reason is what a test said before it was skipped, on one line.
func reason(output string) string {
	var said []string
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(line, "--- ") {
			said = append(said, line)
		}
	}
	return strings.Join(said, " ")
}

func list(w io.Writer, title string, entries []string) {
	if len(entries) == 0 {
		return
	}
	fmt.Fprintf(w, "-- %s\n", title)
	for _, e := range entries {
		fmt.Fprintf(w, "   %s\n", e)
	}
}
