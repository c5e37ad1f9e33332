// SPDX-License-Identifier: GPL-2.0-or-later

package httpserver

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
)

// About is what the first page says of this host.
type About struct {
	Host    string // its name
	Version string // of this program
	Facts   []Fact // in the order in which they are shown
}

// Fact is one line of the page.
type Fact struct{ Name, Value string }

const aboutHead = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>%[1]s</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; color: #222 }
h1 { font-size: 1.4rem }
th { text-align: left; font-weight: 600; padding-right: 2rem; vertical-align: top }
footer { margin-top: 2rem; color: #666 }
</style>
</head>
<body>
<h1>%[1]s</h1>
<p>A virtualization host. Its agent is govdsm %[2]s.</p>
<table>
`

const aboutFoot = `</table>
<footer><a href="/api/">API</a> · <a href="/metrics">metrics</a> · <a href="/healthz">health</a></footer>
</body>
</html>
`

// about serves the first page. Why it does without html/template:
// docs/decisions/0031-no-templates.md.
func (s *Server) about(w http.ResponseWriter, r *http.Request) {
	about := About{Host: "virtualization host"}
	if s.options.About != nil {
		about = s.options.About(r.Context())
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, aboutHead, html.EscapeString(about.Host), html.EscapeString(about.Version))
	for _, f := range about.Facts {
		fmt.Fprintf(&out, "<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n", html.EscapeString(f.Name), html.EscapeString(f.Value))
	}
	out.WriteString(aboutFoot)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(out.Bytes()) // a client that has left misses nothing
}
