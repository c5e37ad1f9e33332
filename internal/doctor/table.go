// SPDX-License-Identifier: GPL-2.0-or-later

package doctor

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// WriteTable prints the findings for people, the worst first, each with the
// next command below it.
func WriteTable(w io.Writer, found []Finding, now time.Time) error {
	order := []State{Failure, Warning, Unknown, OK}
	sorted := slices.SortedStableFunc(slices.Values(found), func(a, b Finding) int {
		return slices.Index(order, a.State) - slices.Index(order, b.State)
	})
	width := 0
	for _, f := range sorted {
		width = max(width, len(f.Check))
	}
	var b strings.Builder
	for _, f := range sorted {
		// One line each, whatever the text of an error contains.
		text := strings.Join(strings.Fields(f.Text), " ")
		fmt.Fprintf(&b, "%-4s  %-*s  %s%s\n", f.State, width, f.Check, text, since(f.Since, now))
		if f.Next != "" {
			fmt.Fprintf(&b, "      %*s  next: %s\n", width, "", f.Next)
		}
	}
	b.WriteString(summary(found))
	_, err := io.WriteString(w, b.String())
	return err
}

func since(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	return fmt.Sprintf(" (since %s, %s)", t.Local().Format("2006-01-02 15:04"), ago(now.Sub(t)))
}

// ago says how long something is: in the largest unit that fits twice.
func ago(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	}
	return fmt.Sprintf("%d seconds", int(d.Seconds()))
}

func summary(found []Finding) string {
	count := make(map[State]int)
	for _, f := range found {
		count[f.State]++
	}
	if count[OK] == len(found) {
		return "\nAll is well.\n"
	}
	return fmt.Sprintf("\n%d failed, %d to look at, %d unknown, %d fine.\n",
		count[Failure], count[Warning], count[Unknown], count[OK])
}
