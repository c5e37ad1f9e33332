// SPDX-License-Identifier: GPL-2.0-or-later

package apidoc

import (
	"fmt"
	"io"
	"strings"
)

// WriteUsage explains a verb on the command line: the call, the parameters
// with types and defaults, the result, and the parameters as JSON for a file.
// Program is how the reader calls the command line, "vdsm-client" as a rule.
func (a *API) WriteUsage(w io.Writer, program string, v *Verb) error {
	b, table := new(strings.Builder), columns{}
	fmt.Fprintf(b, "Usage: %s %s %s", program, v.Namespace(), v.Method)
	for _, p := range v.Params {
		argument := p.Name + "=" + p.Type.String()
		if p.Optional {
			argument = "[" + argument + "]"
		}
		b.WriteString(" " + argument)
	}
	b.WriteString("\n\n" + wrap(v.Doc, "") + "\n")
	if len(v.Params) > 0 {
		b.WriteString("\nParameters:\n")
		for _, p := range v.Params {
			table.add("  "+p.Name, p.Type.String(), p.presence(), a.explain(p))
		}
		table.write(b)
	}
	fmt.Fprintf(b, "\nResult: %s\n", v.Result)
	if t := a.types[v.Result.Name]; t != nil && t.Doc != "" {
		b.WriteString(wrap(t.Doc, "  ") + "\n")
	}
	if v.Since != "" {
		fmt.Fprintf(b, "\nSince VDSM %s.\n", v.Since)
	}
	if len(v.Params) > 0 {
		fmt.Fprintf(b, "\nThe parameters as JSON, for %s -f FILE %s %s:\n%s\n", program, v.Namespace(), v.Method, a.Skeleton(v))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteUsage lists the verbs of a namespace on the command line.
func (n *Namespace) WriteUsage(w io.Writer, program string) error {
	b, table := new(strings.Builder), columns{}
	fmt.Fprintf(b, "Usage: %s %s VERB [name=value ...]\n\n%s\n\nVerbs:\n", program, n.Name, wrap(n.Doc, ""))
	for _, v := range n.Verbs {
		summary := strings.TrimPrefix(v.Summary(), v.Name+" ")
		table.add("  "+v.Method, strings.TrimSuffix(summary, "."))
	}
	table.write(b)
	_, err := io.WriteString(w, b.String())
	return err
}

// columns are lines of text whose parts stand below each other.
type columns [][]string

func (c *columns) add(parts ...string) { *c = append(*c, parts) }

func (c columns) write(b *strings.Builder) {
	var widths []int
	for _, line := range c {
		for i, part := range line {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], len(part))
		}
	}
	for _, line := range c {
		var text strings.Builder
		for i, part := range line {
			fmt.Fprintf(&text, "%-*s  ", widths[i], part)
		}
		b.WriteString(strings.TrimRight(text.String(), " ") + "\n")
	}
}

func (m *Member) presence() string {
	switch {
	case !m.Optional:
		return "required"
	case m.Default == "" || m.Default == "null":
		return "optional"
	default:
		return "default " + m.Default
	}
}

// explain describes a member in a line: its own words, else the values or the
// description of its type.
func (a *API) explain(m *Member) string {
	t := a.types[m.Type.Name]
	switch {
	case t != nil && t.Kind == Enum:
		return strings.TrimPrefix(m.Doc+"; one of "+strings.Join(quoted(t.Values), ", "), "; ")
	case m.Doc != "" || t == nil || t.Kind == Scalar:
		return m.Doc
	}
	return strings.TrimSuffix(strings.TrimPrefix(firstSentence(t.Doc), t.Name+" "), ".")
}

func quoted(values []string) []string {
	q := make([]string, len(values))
	for i, v := range values {
		q[i] = v
		if v == "" || strings.Contains(v, " ") {
			q[i] = fmt.Sprintf("%q", v)
		}
	}
	return q
}

// wrap breaks text into lines of at most 78 columns.
func wrap(text, indent string) string {
	var b strings.Builder
	column := 0
	for word := range strings.FieldsSeq(text) {
		switch {
		case column == 0:
			b.WriteString(indent)
			column = len(indent)
		case column+1+len(word) > 78:
			b.WriteString("\n" + indent)
			column = len(indent)
		default:
			b.WriteString(" ")
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}
