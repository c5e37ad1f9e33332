// SPDX-License-Identifier: GPL-2.0-or-later

package config

import (
	"fmt"
	"strings"
	"unicode"
)

// defaultSection is the section whose options every other section inherits.
const defaultSection = "DEFAULT"

// text is what one option is set to, as written, and where.
type text struct {
	raw  string
	file string
	line int // of the option's name, counted from 1
}

// settings are the raw values by section and folded option name.
type settings map[string]map[string]text

// iniReader reads one file by the rules of Python's configparser (its
// ConfigParser class with nothing changed), for files written for the original
// have to mean the same here. Where that one gives up, the reader notes a
// problem and goes on with the next line.
type iniReader struct {
	file     string
	into     settings
	problems []Problem

	section  string
	option   string
	indent   int // of the line that began the option or section
	lines    []string
	started  int // line of the option
	sections map[string]bool
	options  map[[2]string]bool
}

// readINI adds the options of a file to into; those of earlier files are
// replaced. The problems come in the order of their lines.
func readINI(file, content string, into settings) []Problem {
	r := &iniReader{
		file: file, into: into,
		sections: make(map[string]bool),
		options:  make(map[[2]string]bool),
	}
	content = strings.TrimPrefix(content, "\ufeff")
	content = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(content)
	content = strings.TrimSuffix(content, "\n")
	number := 0
	for line := range strings.SplitSeq(content, "\n") {
		number++
		r.line(number, line)
	}
	r.finish()
	return r.problems
}

func (r *iniReader) line(number int, line string) {
	value := strings.TrimSpace(line)
	switch {
	case value == "":
		if r.option != "" { // blank lines may be part of a value
			r.lines = append(r.lines, "")
		}
		return
	case value[0] == '#' || value[0] == ';':
		return
	}
	indent := strings.IndexFunc(line, func(c rune) bool { return !unicode.IsSpace(c) })
	if r.option != "" && indent > r.indent {
		r.lines = append(r.lines, value)
		return
	}
	r.indent = indent
	if name, ok := header(value); ok {
		r.begin(number, name)
		return
	}
	if r.section == "" {
		r.report(number, Syntax, "", "the line comes before any [section]")
		return
	}
	r.assignment(number, value)
}

// header returns the name in "[name]". What follows the last bracket is
// ignored, as there.
func header(line string) (name string, ok bool) {
	end := strings.LastIndexByte(line, ']')
	if line[0] != '[' || end < 2 {
		return "", false
	}
	return line[1:end], true
}

func (r *iniReader) begin(number int, name string) {
	r.finish()
	r.section, r.option = name, ""
	if r.sections[name] && name != defaultSection {
		r.report(number, Syntax, "", "the section is in this file already; both are read")
	}
	r.sections[name] = true
	if r.into[name] == nil {
		r.into[name] = make(map[string]text)
	}
}

func (r *iniReader) assignment(number int, line string) {
	at := strings.IndexAny(line, "=:")
	if at < 0 {
		// The option before goes on: a continuation may follow the bad line.
		r.report(number, Syntax, "", fmt.Sprintf("neither = nor : in %q", shorten(line)))
		return
	}
	r.finish()
	r.option = strings.ToLower(strings.TrimSpace(line[:at]))
	if r.option == "" {
		r.report(number, Syntax, "", "there is no option name before "+line[at:at+1])
		return
	}
	if key := [2]string{r.section, r.option}; r.options[key] {
		r.report(number, Syntax, r.option, "the option is in this section already; the last one counts")
	} else {
		r.options[key] = true
	}
	r.started = number
	r.lines = []string{strings.TrimSpace(line[at+1:])}
}

// finish stores the option that was being read.
func (r *iniReader) finish() {
	if r.option != "" {
		raw := strings.TrimRightFunc(strings.Join(r.lines, "\n"), unicode.IsSpace)
		r.into[r.section][r.option] = text{raw: raw, file: r.file, line: r.started}
	}
	r.option, r.lines = "", nil
}

func (r *iniReader) report(line int, kind Kind, option, why string) {
	r.problems = append(r.problems, Problem{
		Kind: kind, File: r.file, Line: line, Section: r.section, Option: option, Text: why,
	})
}

func shorten(s string) string {
	const most = 60
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
