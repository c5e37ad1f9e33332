// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmclient

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// printNetworkTable writes networks and links as one row each.
func printNetworkTable(w io.Writer, c capabilities, states map[string]string) error {
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "NAME\tKIND\tSTATE\tON\tMTU\tADDRESSES\tDETAIL")
	for _, i := range c.items() {
		row(tw, i.name, i.kind, stateOf(i, states), strings.Join(i.on, " "), i.mtu, i.addresses, i.detail)
	}
	return tw.Flush()
}

// printNetworkTree draws what lies on what, from the cards up.
func printNetworkTree(w io.Writer, c capabilities, states map[string]string) error {
	d := &drawing{
		w:     tabwriter.NewWriter(w, 0, 4, 2, ' ', 0),
		above: make(map[string][]item), states: states, drawn: make(map[string]bool),
	}
	all := c.items()
	for _, i := range all {
		for _, below := range i.on {
			d.above[below] = append(d.above[below], i)
		}
	}
	fmt.Fprintln(d.w, "NAME\tKIND\tSTATE\tMTU\tADDRESSES\tDETAIL")
	slices.SortStableFunc(all, func(a, b item) int {
		return cmp.Or(rank(a, c)-rank(b, c), byKind(b.kind)-byKind(a.kind)) // cards first
	})
	for _, i := range all {
		if rank(i, c) == 0 || !d.drawn[key(i)] { // what lies on itself is drawn, too
			d.draw(i, "", "")
		}
	}
	return d.w.Flush()
}

// rank is 0 for what lies on nothing that is there.
func rank(i item, c capabilities) int {
	for _, below := range i.on {
		if c.isLink(below) {
			return 1
		}
	}
	return 0
}

// drawing is a tree under way.
type drawing struct {
	w      *tabwriter.Writer
	above  map[string][]item // by the link that they lie on
	states map[string]string
	drawn  map[string]bool
}

// key tells a bridge from the network of the same name.
func key(i item) string { return i.kind + " " + i.name }

// draw draws an item and what lies on it, each once: a bond stands in full
// below its first card only.
func (d *drawing) draw(i item, prefix, indent string) {
	if d.drawn[key(i)] {
		row(d.w, prefix+cell(i.name), i.kind, "", "", "", "see above")
		return
	}
	d.drawn[key(i)] = true
	row(d.w, prefix+cell(i.name), i.kind, stateOf(i, d.states), i.mtu, i.addresses, i.detail)
	if i.kind == kindNetwork {
		return
	}
	above := slices.SortedFunc(slices.Values(d.above[i.name]), func(a, b item) int { return strings.Compare(a.name, b.name) })
	for n, upper := range above {
		if n == len(above)-1 {
			d.draw(upper, indent+"└─ ", indent+"   ")
		} else {
			d.draw(upper, indent+"├─ ", indent+"│  ")
		}
	}
}

// stateOf is a link's; a network has that of the link it lies on.
func stateOf(i item, states map[string]string) string {
	if i.kind == kindNetwork {
		return states[strings.Join(i.on, " ")]
	}
	return states[i.name]
}

// row writes cells, none of which breaks the table.
func row(w io.Writer, cells ...string) {
	for i, text := range cells {
		cells[i] = cmp.Or(cell(text), "-")
	}
	fmt.Fprintln(w, strings.Join(cells, "\t"))
}
