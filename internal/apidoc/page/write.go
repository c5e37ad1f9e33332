// SPDX-License-Identifier: GPL-2.0-or-later

package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"strings"

	"govdsm/api"
	"govdsm/internal/apidoc"
)

// page writes itself. It does without html/template, which calls methods by
// their name: a program with it keeps every method that anything in it has,
// five megabytes in vdsmd (docs/decisions/0031-no-templates.md).
type page struct {
	*apidoc.API
	Options
	out *bytes.Buffer
}

// put writes HTML with texts in it, which it escapes. Values of the type markup
// go out as they are.
func (p *page) put(format string, values ...any) {
	for i, v := range values {
		if s, ok := v.(string); ok {
			values[i] = html.EscapeString(s)
		}
	}
	fmt.Fprintf(p.out, format, values...)
}

// markup is text that is HTML already.
type markup string

const head = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
<style>%s</style>
</head>
<body>
<nav>
<h1><a href="#top">%s</a></h1>
`

const introduction = `<hr>
<a href="#types">Types <span class="dim">%d</span></a>
<a href="#events">Events <span class="dim">%d</span></a>
<a href="#errors">Errors <span class="dim">%d</span></a>
<hr>
<a href="/api/schema.json">JSON schema</a>
</nav>
<main id="top">
<p>Calls are JSON-RPC 2.0 in STOMP messages; parameters go by name, or by position in the order shown.
<code>[T]</code> is a list, <code>{K: V}</code> an object with members of any name.
<code>int</code> and <code>uint</code> are whole numbers, <code>long</code> and <code>ulong</code> may carry a fraction, <code>float</code> always does.
<code>true</code> is the result of a verb that has none.</p>
`

func (p *page) write() {
	p.put(head, p.Title, markup(style), p.Title)
	for _, n := range p.Namespaces {
		p.put("<a href=\"#%s\">%s <span class=\"dim\">%d</span></a>\n", n.Name, n.Name, len(n.Verbs))
	}
	p.put(introduction, len(p.Types), len(p.Events), len(p.Errors))
	for _, n := range p.Namespaces {
		p.namespace(n)
	}
	p.put("<section id=\"types\"><h2>Types</h2></section>\n")
	for _, t := range p.Types {
		p.define(t)
	}
	p.events()
	p.errors()
	p.put("</main>\n</body>\n</html>\n")
}

func (p *page) namespace(n *apidoc.Namespace) {
	p.put("<section id=\"%s\">\n<h2>%s</h2>\n<p>%s</p>\n<table>\n", n.Name, n.Name, n.Doc)
	for _, v := range n.Verbs {
		p.put("<tr><td><a href=\"#%s\">%s</a></td><td>%s</td></tr>\n", v.Name, v.Method, strings.TrimPrefix(v.Summary(), v.Name+" "))
	}
	p.put("</table>\n</section>\n")
	for _, v := range n.Verbs {
		p.verb(v)
	}
}

func (p *page) verb(v *apidoc.Verb) {
	var badge, since markup
	if p.Implemented != nil && !p.Implemented(v.Name) {
		badge = `<span class="badge">not implemented yet</span>`
	}
	if v.Since != "" {
		since = markup(` <span class="dim">· since ` + html.EscapeString(v.Since) + `</span>`)
	}
	p.put("<section id=\"%s\">\n<h3><a href=\"#%s\">%s</a>%s</h3>\n<p>%s</p>\n", v.Name, v.Name, v.Name, badge, v.Doc)
	p.members(v.Params)
	p.put("<p>Result: %s%s</p>\n</section>\n", p.ref(v.Result), since)
}

func (p *page) members(members []*apidoc.Member) {
	if len(members) == 0 {
		return
	}
	p.put("<table>\n")
	for _, m := range members {
		need := markup("required")
		switch {
		case m.Optional && (m.Default == "" || m.Default == "null"):
			need = "optional"
		case m.Optional:
			need = "default " + code(m.Default)
		}
		p.put("<tr><td>%s</td><td>%s</td><td class=\"dim\">%s</td><td>%s</td></tr>\n", m.Name, p.ref(m.Type), need, m.Doc)
	}
	p.put("</table>\n")
}

func (p *page) define(t *apidoc.Type) {
	p.put("<section id=\"type-%s\">\n<h3><a href=\"#type-%s\">%s</a></h3>\n<p>%s</p>\n", t.Name, t.Name, t.Name, t.Doc)
	switch t.Kind {
	case apidoc.Object:
		p.members(t.Members)
	case apidoc.Enum:
		p.put("<p>One of %s.</p>", list(t.Values, func(v string) markup { return code(quote(v)) }))
	case apidoc.Map:
		p.put("<p>An object: {%s: %s}</p>", p.ref(t.Key), p.ref(t.Value))
	case apidoc.Union:
		p.put("<p>One of %s.</p>", list(t.Alternatives, p.ref))
	default:
		p.put("<p>A %s.</p>", code(t.Of))
	}
	p.put("\n</section>\n")
}

func (p *page) events() {
	p.put(`<section id="events">
<h2>Events</h2>
<p>Notifications to <code>jms.queue.events</code>; the method ends in the id of the object, and <code>notify_time</code>, milliseconds of the monotonic clock, is added to the parameters.</p>
`)
	for _, e := range p.Events {
		p.put("<h3>%s</h3>\n<p>%s</p>\n<p>Parameters: %s</p>\n", e.Name, e.Doc, p.ref(e.Params))
	}
	p.put("</section>\n")
}

func (p *page) errors() {
	p.put(`<section id="errors">
<h2>Errors</h2>
<table>
<tr><th>code</th><th>name</th><th>message</th><th>details</th></tr>
`)
	for _, e := range p.Errors {
		p.put("<tr><td>%d</td><td>%s</td><td>%s</td><td class=\"dim\">%s</td></tr>\n", e.Number, e.Name, e.Message, details(e.Format))
	}
	p.put("</table>\n</section>\n")
}

// ref links the use of a type to the type.
func (p *page) ref(r *apidoc.TypeRef) markup {
	switch {
	case r == nil:
		return "notify_time alone"
	case r.List != nil:
		return "[" + p.ref(r.List) + "]"
	case r.Value != nil:
		return "{" + p.ref(r.Key) + ": " + p.ref(r.Value) + "}"
	case p.API.Type(r.Name) == nil:
		return code(r.String())
	}
	return markup(`<a href="#type-`+html.EscapeString(r.Name)+`">`) + code(r.String()) + "</a>"
}

func code(text string) markup { return markup("<code>" + html.EscapeString(text) + "</code>") }

func list[T any](items []T, show func(T) markup) markup {
	var shown []string
	for _, item := range items {
		shown = append(shown, string(show(item)))
	}
	return markup(strings.Join(shown, ", "))
}

func details(f api.Format) string {
	return [...]string{"", "names and values", "values", "return code, output, errors"}[f]
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}
