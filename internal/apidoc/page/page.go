// SPDX-License-Identifier: GPL-2.0-or-later

// Package page shows the API in a browser: one HTML page without scripts, and
// the JSON schema for programs.
package page

import (
	"bytes"
	_ "embed"
	"io"
	"net/http"
	"strings"
	"sync"

	"govdsm/internal/apidoc"
	"govdsm/internal/apidoc/schema"
)

//go:embed page.css
var style string

// Options say what the page shows beside the declarations.
type Options struct {
	// Title is the heading, "VDSM API" when empty.
	Title string
	// Implemented reports whether a verb has a handler; nil marks none.
	Implemented func(verb string) bool
}

// Write writes the page.
func Write(w io.Writer, a *apidoc.API, o Options) error {
	if o.Title == "" {
		o.Title = "VDSM API"
	}
	var b bytes.Buffer
	p := &page{API: a, Options: o, out: &b}
	p.write()
	_, err := w.Write(b.Bytes())
	return err
}

// Handler serves the page, and the schema below it at schema.json. Both are
// made when they are first asked for and kept.
func Handler(o Options) http.Handler {
	html := sync.OnceValues(func() ([]byte, error) {
		var b bytes.Buffer
		err := Write(&b, apidoc.Reference(), o)
		return b.Bytes(), err
	})
	text := sync.OnceValues(func() ([]byte, error) { return schema.JSON(apidoc.Reference()) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
			return
		}
		kind, content := "text/html; charset=utf-8", html
		if strings.HasSuffix(r.URL.Path, "/schema.json") {
			kind, content = "application/schema+json", text
		}
		body, err := content()
		if err != nil {
			http.Error(w, "the reference cannot be shown: "+err.Error(), http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", kind)
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		h.Set("X-Content-Type-Options", "nosniff")
		if r.Method == http.MethodGet {
			w.Write(body) // the client is gone if that fails
		}
	})
}
