// SPDX-License-Identifier: GPL-2.0-or-later

// Package markdown writes the reference of the API as Markdown pages: one for
// each namespace, one each for types, events and errors, and an index.
package markdown

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"govdsm/api"
	"govdsm/internal/apidoc"
)

const generated = "<!-- Generated from api/*.go by go generate ./internal/apidoc. Do not edit. -->\n\n"

// Pages returns the pages by file name.
func Pages(a *apidoc.API) map[string][]byte {
	w := &writer{api: a}
	pages := map[string][]byte{
		"README.md": w.index(),
		"types.md":  w.types(),
		"events.md": w.events(),
		"errors.md": w.errors(),
	}
	for _, n := range a.Namespaces {
		pages[n.Name+".md"] = w.namespace(n)
	}
	return pages
}

type writer struct {
	api  *apidoc.API
	page string // file name of the page being written
	bytes.Buffer
}

func (w *writer) begin(page, title string) {
	w.Buffer = bytes.Buffer{}
	w.page = page
	w.WriteString(generated + "# " + title + "\n\n")
}

func (w *writer) index() []byte {
	w.begin("README.md", "API reference")
	w.WriteString("Calls are JSON-RPC 2.0 in STOMP messages. Parameters go by name or by position, in the order given here.\n\n")
	w.WriteString("| namespace | verbs | about |\n|---|---|---|\n")
	for _, n := range w.api.Namespaces {
		fmt.Fprintf(w, "| [%s](%s.md) | %d | %s |\n", n.Name, n.Name, len(n.Verbs), cell(n.Doc))
	}
	w.WriteString("\nSee also [types](types.md), [events](events.md), [errors](errors.md). A running host serves this reference at `/api` and a JSON schema of it at `/api/schema.json`.\n\n")
	w.WriteString("## How to read it\n\n" +
		"- `[T]` is a list, `{K: V}` an object with members of any name. Numbers as member names are text, as JSON wants it.\n" +
		"- `int` and `uint` are whole numbers, the second not negative; `long` and `ulong` may carry a fraction; `float` always carries one.\n" +
		"- `true` is the result of a verb that has none.\n" +
		"- A *default* is what an absent parameter becomes; *optional* ones stay absent.\n")
	return w.Bytes()
}

func (w *writer) namespace(n *apidoc.Namespace) []byte {
	w.begin(n.Name+".md", n.Name)
	w.WriteString(n.Doc + "\n\n| verb | |\n|---|---|\n")
	for _, v := range n.Verbs {
		fmt.Fprintf(w, "| [%s](#%s) | %s |\n", v.Method, anchor(v.Name), cell(strings.TrimPrefix(v.Summary(), v.Name+" ")))
	}
	for _, v := range n.Verbs {
		fmt.Fprintf(w, "\n## %s\n\n%s\n", v.Name, v.Doc)
		if len(v.Params) > 0 {
			w.WriteString("\n")
			w.members("parameter", v.Params)
		}
		fmt.Fprintf(w, "\nResult: %s", w.ref(v.Result))
		if v.Since != "" {
			fmt.Fprintf(w, " · since %s", v.Since)
		}
		w.WriteString("\n")
	}
	return w.Bytes()
}

func (w *writer) types() []byte {
	w.begin("types.md", "Types")
	for i, t := range w.api.Types {
		if i > 0 {
			w.WriteString("\n")
		}
		fmt.Fprintf(w, "## %s\n\n%s\n", t.Name, t.Doc)
		switch t.Kind {
		case apidoc.Object:
			if len(t.Members) > 0 {
				w.WriteString("\n")
				w.members("member", t.Members)
			}
		case apidoc.Enum:
			quoted := make([]string, len(t.Values))
			for i, v := range t.Values {
				quoted[i] = "`" + strconv.Quote(v) + "`"
			}
			w.WriteString("\nOne of " + strings.Join(quoted, ", ") + ".\n")
		case apidoc.Map:
			fmt.Fprintf(w, "\nAn object: {%s: %s}\n", w.ref(t.Key), w.ref(t.Value))
		case apidoc.Union:
			var refs []string
			for _, a := range t.Alternatives {
				refs = append(refs, w.ref(a))
			}
			w.WriteString("\nOne of " + strings.Join(refs, ", ") + ".\n")
		case apidoc.Scalar:
			fmt.Fprintf(w, "\nA `%s`.\n", t.Of)
		}
	}
	return w.Bytes()
}

func (w *writer) members(head string, members []*apidoc.Member) {
	fmt.Fprintf(w, "| %s | type | | |\n|---|---|---|---|\n", head)
	for _, m := range members {
		presence := "required"
		switch {
		case m.Optional && m.Default != "" && m.Default != "null":
			presence = "default `" + m.Default + "`"
		case m.Optional:
			presence = "optional"
		}
		fmt.Fprintf(w, "| `%s` | %s | %s | %s |\n", m.Name, w.ref(m.Type), presence, cell(m.Doc))
	}
}

func (w *writer) events() []byte {
	w.begin("events.md", "Events")
	w.WriteString("Events are JSON-RPC notifications to the destination `jms.queue.events`. The method ends in the id of the object. " +
		"`notify_time`, milliseconds of the host's monotonic clock, is added to the parameters of each.\n")
	for _, e := range w.api.Events {
		fmt.Fprintf(w, "\n## `%s`\n\n%s\n\nParameters: ", e.Name, e.Doc)
		if e.Params == nil {
			w.WriteString("`notify_time` alone")
		} else {
			w.WriteString(w.ref(e.Params))
		}
		w.WriteString("\n")
	}
	return w.Bytes()
}

func (w *writer) errors() []byte {
	w.begin("errors.md", "Errors")
	w.WriteString("A failed call answers one of these codes. Details follow the message in the notation of Python. Codes above 5000 are the manager's own.\n\n" +
		"| code | name | message | details |\n|---|---|---|---|\n")
	for _, c := range w.api.Errors {
		details := map[api.Format]string{
			api.Plain: "", api.Context: "names and values", api.Value: "values", api.GlusterFormat: "return code, output, errors",
		}[c.Format]
		message := c.Message
		if message == "" {
			message = "*from the place of failure*"
		}
		fmt.Fprintf(w, "| %d | %s | %s | %s |\n", c.Number, c.Name, cell(message), details)
	}
	return w.Bytes()
}

// ref writes the use of a type with a link to it.
func (w *writer) ref(r *apidoc.TypeRef) string {
	switch {
	case r.List != nil:
		return `\[` + w.ref(r.List) + `\]`
	case r.Value != nil:
		return "{" + w.ref(r.Key) + ": " + w.ref(r.Value) + "}"
	case w.api.Type(r.Name) == nil:
		return "`" + r.String() + "`"
	}
	page := "types.md"
	if w.page == page {
		page = ""
	}
	return "[" + r.Name + "](" + page + "#" + anchor(r.Name) + ")"
}

// anchor is what Markdown readers make of a heading.
func anchor(heading string) string {
	return strings.ToLower(strings.ReplaceAll(heading, ".", ""))
}

// cell makes text fit into a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(text)
}
