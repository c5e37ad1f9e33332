// SPDX-License-Identifier: GPL-2.0-or-later

// Command benchtable turns the output of the project's benchmarks, read from
// standard input, into one table: figure, median, spread, target, and the
// command that measures it again.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

func main() {
	missed, err := table(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchtable:", err)
		os.Exit(1)
	}
	if missed > 0 {
		fmt.Printf("\n%d targets missed; on a machine that is not quiet that says little\n", missed)
	}
}

// value is one number of a benchmark's line, with those that belong to it.
type value struct {
	name  string
	parts map[string]float64 // "" for the value, "min", "max", "most", "least"
}

var procsSuffix = regexp.MustCompile(`-\d+$`)

// table copies what is no result, and returns how many targets were missed.
func table(r io.Reader, w io.Writer) (missed int, err error) {
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "FIGURE\tMEDIAN\tSPREAD\tTARGET\t\tCOMMAND")
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		name, ok := strings.CutPrefix(lines.Text(), "Benchmark")
		if !ok || len(fields) < 4 {
			if strings.HasPrefix(lines.Text(), "--- ") || strings.Contains(lines.Text(), "FAIL") {
				fmt.Fprintln(w, lines.Text())
			}
			continue
		}
		name = procsSuffix.ReplaceAllString(strings.Fields(name)[0], "")
		values, err := parse(fields[2:])
		if err != nil {
			return missed, fmt.Errorf("%s: %w", name, err)
		}
		for _, v := range values {
			goal, met := v.verdict()
			if met == "missed" {
				missed++
			}
			fmt.Fprintf(tw, "%s %s\t%s\t%s\t%s\t%s\thack/bench %s\n",
				name, strings.ReplaceAll(v.name, "-", " "), number(v.parts[""]), v.spread(), goal, met, name)
		}
	}
	if err := lines.Err(); err != nil {
		return missed, err
	}
	return missed, tw.Flush()
}

// parse reads the pairs of number and unit of a result.
func parse(fields []string) ([]value, error) {
	var values []value
	for i := 0; i+1 < len(fields); i += 2 {
		n, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return nil, err
		}
		name, part, _ := strings.Cut(fields[i+1], ":")
		at := slices.IndexFunc(values, func(v value) bool { return v.name == name })
		if at < 0 {
			at = len(values)
			values = append(values, value{name, map[string]float64{}})
		}
		values[at].parts[part] = n
	}
	return values, nil
}

func (v value) spread() string {
	low, ok := v.parts["min"]
	if !ok {
		return ""
	}
	return number(low) + " to " + number(v.parts["max"])
}

// verdict returns the target in words and whether it was met.
func (v value) verdict() (goal, met string) {
	ok := true
	if most, has := v.parts["most"]; has {
		goal, ok = "at most "+number(most), v.parts[""] <= most
	} else if least, has := v.parts["least"]; has {
		goal, ok = "at least "+number(least), v.parts[""] >= least
	} else {
		return "", ""
	}
	if !ok {
		return goal, "missed"
	}
	return goal, "met"
}

// number writes three digits, or all of a whole number.
func number(n float64) string {
	switch {
	case n >= 100 || n == float64(int64(n)):
		return strconv.FormatFloat(n, 'f', 0, 64)
	case n >= 10:
		return strconv.FormatFloat(n, 'f', 1, 64)
	default:
		return strconv.FormatFloat(n, 'f', 2, 64)
	}
}
