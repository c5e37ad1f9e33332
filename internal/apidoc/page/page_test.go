// SPDX-License-Identifier: GPL-2.0-or-later

package page_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"govdsm/internal/apidoc"
	"govdsm/internal/apidoc/page"
)

func TestLinksLeadSomewhere(t *testing.T) {
	html := get(t, page.Handler(page.Options{}), "/api").Body.String()
	ids := make(map[string]bool)
	for _, m := range regexp.MustCompile(`\bid="([^"]*)"`).FindAllStringSubmatch(html, -1) {
		if ids[m[1]] {
			t.Errorf("two elements have the id %q", m[1])
		}
		ids[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(html, -1) {
		if !ids[m[1]] {
			t.Errorf("a link leads to %q, which is not there", m[1])
		}
	}
	for _, n := range apidoc.Reference().Namespaces {
		for _, v := range n.Verbs {
			if !ids[v.Name] {
				t.Errorf("%s is not on the page", v.Name)
			}
		}
	}
	for _, foreign := range []string{"<script", "http://", "https://", "ZgotmplZ"} {
		if strings.Contains(html, foreign) {
			t.Errorf("the page contains %q", foreign)
		}
	}
}

func TestElementsAreClosed(t *testing.T) {
	html := get(t, page.Handler(page.Options{}), "/api").Body.String()
	var open []string
	for _, m := range regexp.MustCompile(`<(/?)([a-z][a-z0-9]*)[^>]*>`).FindAllStringSubmatch(html, -1) {
		switch closing, name := m[1] != "", m[2]; {
		case name == "meta" || name == "hr":
		case !closing:
			open = append(open, name)
		case len(open) == 0 || open[len(open)-1] != name:
			t.Fatalf("</%s> closes %v", name, open)
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%v stay open", open)
	}
}

func TestMarksVerbsWithoutHandler(t *testing.T) {
	o := page.Options{Title: "host <one>", Implemented: func(verb string) bool { return verb != "Host.ping2" }}
	html := get(t, page.Handler(o), "/api").Body.String()
	if n := strings.Count(html, "not implemented yet"); n != 1 {
		t.Errorf("%d verbs are marked, want 1", n)
	}
	if !strings.Contains(html, "<title>host &lt;one&gt;</title>") {
		t.Error("the title is not there, or not escaped")
	}
}

func TestHandler(t *testing.T) {
	h := page.Handler(page.Options{})
	schema := get(t, h, "/api/schema.json")
	if got := schema.Header().Get("Content-Type"); got != "application/schema+json" {
		t.Errorf("content type of the schema is %q", got)
	}
	if !json.Valid(schema.Body.Bytes()) {
		t.Error("the schema is not JSON")
	}

	head := httptest.NewRecorder()
	h.ServeHTTP(head, httptest.NewRequest(http.MethodHead, "/api", nil))
	if head.Code != http.StatusOK || head.Body.Len() != 0 {
		t.Errorf("HEAD answers %d with %d bytes", head.Code, head.Body.Len())
	}
	post := httptest.NewRecorder()
	h.ServeHTTP(post, httptest.NewRequest(http.MethodPost, "/api", nil))
	if post.Code != http.StatusMethodNotAllowed || post.Header().Get("Allow") == "" {
		t.Errorf("POST answers %d", post.Code)
	}
}

func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s answers %d: %s", path, w.Code, w.Body)
	}
	return w
}
