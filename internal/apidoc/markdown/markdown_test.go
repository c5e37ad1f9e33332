// SPDX-License-Identifier: GPL-2.0-or-later

package markdown_test

import (
	"regexp"
	"strings"
	"testing"

	"govdsm/internal/apidoc"
	"govdsm/internal/apidoc/markdown"
)

var (
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	link    = regexp.MustCompile(`\]\(([^)#]*)(?:#([^)]*))?\)`)
	drop    = regexp.MustCompile(`[^a-z0-9 _-]`)
)

func TestLinksLeadSomewhere(t *testing.T) {
	pages := markdown.Pages(apidoc.Reference())
	anchors := make(map[string]bool)
	for name, text := range pages {
		for _, m := range heading.FindAllSubmatch(text, -1) {
			id := drop.ReplaceAllString(strings.ToLower(string(m[1])), "")
			at := name + "#" + strings.ReplaceAll(id, " ", "-")
			if anchors[at] {
				t.Errorf("%s stands for two headings", at)
			}
			anchors[at] = true
		}
	}
	for name, text := range pages {
		for _, m := range link.FindAllSubmatch(text, -1) {
			page := string(m[1])
			if page == "" {
				page = name
			}
			if _, ok := pages[page]; !ok {
				t.Errorf("%s links to %s, which is not there", name, page)
			}
			if len(m[2]) > 0 && !anchors[page+"#"+string(m[2])] {
				t.Errorf("%s links to %s#%s, which is not there", name, page, m[2])
			}
		}
	}
}

func TestTablesAreEven(t *testing.T) {
	for name, text := range markdown.Pages(apidoc.Reference()) {
		columns := 0
		for i, line := range strings.Split(string(text), "\n") {
			n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
			switch {
			case !strings.HasPrefix(line, "|"):
				columns = 0
			case columns == 0:
				columns = n
			case n != columns:
				t.Errorf("%s:%d: %d bars in a table with %d: %s", name, i+1, n, columns, line)
			}
		}
	}
}
