// SPDX-License-Identifier: GPL-2.0-or-later

package work

import (
	"bytes"
	"context"
	"fmt"
	"runtime/pprof"
	"strings"
)

// labelKey is the profiler label that tells the goroutines of tasks apart. Go
// has no other way to ask where another goroutine is.
const labelKey = "task"

// deepest is how many frames of a stuck task are logged.
const deepest = 12

// markGoroutine labels the calling goroutine, and those it starts from now on.
func markGoroutine(label string) {
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels(labelKey, label)))
}

// stackOf returns where the goroutines with a label are, innermost function
// first, in the form "function file:line < caller file:line". It is "" when
// there is none. All goroutines stop for the look, so it is for the rare case.
func stackOf(label string) string {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return ""
	}
	want := fmt.Sprintf("%q:%q", labelKey, label)
	var stacks []string
	for record := range strings.SplitSeq(profile.String(), "\n\n") {
		if _, frames, ok := strings.Cut(record, "# labels: "); ok && strings.Contains(frames, want) {
			stacks = append(stacks, condense(frames))
		}
	}
	return strings.Join(stacks, " | ")
}

// condense makes one line of a stack in the profile's notation, whose lines are
// "#", address, function+offset and file:line, separated by tabs.
func condense(frames string) string {
	var calls []string
	for line := range strings.SplitSeq(frames, "\n") {
		fields := strings.Fields(strings.TrimPrefix(line, "#"))
		if len(fields) != 3 || !strings.HasPrefix(fields[0], "0x") {
			continue
		}
		function, _, _ := strings.Cut(fields[1], "+0x")
		if function == "govdsm/internal/work.(*Executor).run" {
			break
		}
		if calls = append(calls, function+" "+fields[2]); len(calls) == deepest {
			break
		}
	}
	return strings.Join(calls, " < ")
}
