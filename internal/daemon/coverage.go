// SPDX-License-Identifier: GPL-2.0-or-later

package daemon

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/logging"
)

// coverage says which declared verbs have a handler.
type coverage struct{ spaces []namespaceCoverage }

type namespaceCoverage struct {
	name          string
	done, missing []string // methods
}

func coverageOf(t *dispatch.Table) coverage {
	var c coverage
	for _, d := range api.Verbs() { // sorted by name
		if n := len(c.spaces); n == 0 || c.spaces[n-1].name != d.Namespace() {
			c.spaces = append(c.spaces, namespaceCoverage{name: d.Namespace()})
		}
		space := &c.spaces[len(c.spaces)-1]
		if t.Implemented(d.Name) {
			space.done = append(space.done, d.Method())
		} else {
			space.missing = append(space.missing, d.Method())
		}
	}
	return c
}

// String is the sum: "38 of 286".
func (c coverage) String() string {
	done, all := 0, 0
	for _, s := range c.spaces {
		done += len(s.done)
		all += len(s.done) + len(s.missing)
	}
	return fmt.Sprintf("%d of %d", done, all)
}

// Coverage prints, by namespace, which verbs have a handler. Nothing is
// started for it.
func Coverage(w io.Writer) error {
	logs, err := logging.Open(logging.Options{Stderr: io.Discard})
	if err != nil {
		return err
	}
	defer logs.Close()
	s, err := read(Options{TLS: new(false)})
	if err != nil {
		return err
	}
	p, err := newPillars(s, logs)
	if err != nil {
		return err
	}
	c := coverageOf(p.table)
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "NAMESPACE\tDONE\tALL\tIMPLEMENTED")
	for _, s := range c.spaces {
		slices.Sort(s.done)
		fmt.Fprintf(tw, "%s\t%d\t%d\t%s\n", s.name, len(s.done), len(s.done)+len(s.missing), strings.Join(s.done, " "))
	}
	fmt.Fprintf(tw, "all\t%s\n", c)
	return tw.Flush()
}
