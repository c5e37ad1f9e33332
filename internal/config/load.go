// SPDX-License-Identifier: GPL-2.0-or-later

package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// MainFile and DropInDirs are where the configuration is read from. Drop-ins
// end in .conf and are read in the order of their names, whatever directory
// they are in; of two with the same name the one of the later directory is
// read later. (lib/vdsm/common/config.py.in of the original)
const MainFile = "/etc/vdsm/vdsm.conf"

// DropInDirs returns the directories of drop-ins, the last one the strongest.
func DropInDirs() []string {
	return []string{
		"/usr/lib/vdsm/vdsm.conf.d",
		"/run/vdsm/vdsm.conf.d",
		"/etc/vdsm/vdsm.conf.d",
	}
}

// maxFile bounds a configuration file; real ones are a few kilobytes.
const maxFile = 4 << 20

// Kind says what is wrong.
type Kind string

const (
	Unreadable Kind = "unreadable" // the file cannot be read
	Syntax     Kind = "syntax"     // a line that is no option, section or comment, or a repeated one
	Unknown    Kind = "unknown"    // an option or section that does not exist
	Malformed  Kind = "malformed"  // a value that does not fit; the default is used
	NoEffect   Kind = "no effect"  // well-formed, but does nothing here: a note rather than a fault
)

// Problem is something in the configuration that does not do what its author
// meant.
type Problem struct {
	Kind    Kind
	File    string
	Line    int // counted from 1; 0 when it is about the whole file
	Section string
	Option  string
	Text    string
}

// String gives the problem on one line, as compilers do: file:line: text.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	b.WriteString(": ")
	if p.Section != "" {
		fmt.Fprintf(&b, "[%s] ", p.Section)
	}
	if p.Option != "" {
		fmt.Fprintf(&b, "%s: ", p.Option)
	}
	b.WriteString(p.Text)
	return b.String()
}

// Default returns the configuration of a host without a configuration file.
func Default() *Config {
	c, _ := build(make(settings))
	return c
}

// Load reads the configuration below root, which is "" or "/" for that of the
// host. The files need not be there. The problems are sorted by file, in the
// order the files were read, and by line.
func Load(root string) (*Config, []Problem) {
	set := make(settings)
	var problems []Problem
	files, errs := Files(root)
	for _, err := range errs {
		problems = append(problems, Problem{Kind: Unreadable, File: pathOf(err), Text: reason(err)})
	}
	order := make(map[string]int, len(files))
	for i, file := range files {
		order[file] = i
		content, err := readFile(file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			problems = append(problems, Problem{Kind: Unreadable, File: file, Text: reason(err)})
		default:
			problems = append(problems, readINI(file, content, set)...)
		}
	}
	c, more := build(set)
	problems = append(problems, more...)
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(order[a.File], order[b.File]), cmp.Compare(a.Line, b.Line))
	})
	return c, problems
}

// Files returns the main file, whether it is there or not, and the drop-ins
// found, in the order they are read. The errors are those of directories that
// are there and cannot be listed.
func Files(root string) (files []string, errs []error) {
	var dropIns []string
	for _, dir := range DropInDirs() {
		dir = filepath.Join(root, dir)
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
		for _, e := range entries {
			// Like a shell's *.conf, which leaves hidden files out.
			if name := e.Name(); strings.HasSuffix(name, ".conf") && name[0] != '.' {
				dropIns = append(dropIns, filepath.Join(dir, name))
			}
		}
	}
	slices.SortStableFunc(dropIns, func(a, b string) int {
		return cmp.Compare(filepath.Base(a), filepath.Base(b))
	})
	return append([]string{filepath.Join(root, MainFile)}, dropIns...), errs
}

func readFile(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	// A pipe would hang the start, a huge file would eat the memory.
	if !info.Mode().IsRegular() {
		return "", errors.New("is not a regular file")
	}
	if info.Size() > maxFile {
		return "", fmt.Errorf("is larger than %d bytes", maxFile)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if !utf8.Valid(content) {
		return "", errors.New("is not UTF-8 text")
	}
	return string(content), nil
}

func pathOf(err error) string {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Path
	}
	return ""
}

// reason leaves out the path, which the problem names already.
func reason(err error) string {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err.Error()
	}
	return err.Error()
}

// build turns raw values into the typed configuration.
func build(set settings) (*Config, []Problem) {
	c := new(Config)
	var problems []Problem
	known := make(map[[2]string]bool)
	sections := make(map[string]bool)
	defaults := defaultsBySection()
	for _, o := range Options() {
		known[[2]string{o.Section, o.Name}] = true
		sections[o.Section] = true
		lookup := func(name string) (string, bool) {
			for _, from := range []map[string]text{set[o.Section], defaults[o.Section], set[defaultSection]} {
				if t, ok := from[name]; ok {
					return t.raw, true
				}
			}
			return "", false
		}
		if p, bad := o.load(c, set[o.Section], lookup); bad {
			problems = append(problems, p)
		}
	}
	return c, append(problems, strangers(set, known, sections)...)
}

func defaultsBySection() settings {
	s := make(settings)
	for _, o := range Options() {
		if s[o.Section] == nil {
			s[o.Section] = make(map[string]text)
		}
		s[o.Section][o.Name] = text{raw: o.Default}
	}
	return s
}

// load sets the option from the section's values, or to its default.
func (o *Option) load(c *Config, section map[string]text, lookup func(string) (string, bool)) (p Problem, bad bool) {
	t, given := section[o.Name]
	if given {
		value, err := interpolate(t.raw, lookup)
		if err == nil {
			err = o.set(c, value)
		}
		p = Problem{File: t.file, Line: t.line, Section: o.Section, Option: o.Name}
		if err == nil {
			p.Kind, p.Text = NoEffect, o.effect()
			return p, o.Use != Used
		}
		p.Kind, p.Text = Malformed, fmt.Sprintf("%v; the default %q is used", err, o.Default)
	}
	value, err := interpolate(o.Default, lookup)
	if err != nil {
		// The default refers to an option whose value is malformed, which is
		// reported where that one is read.
		value = o.Default
	}
	if err := o.set(c, value); err != nil {
		p = Problem{Kind: Malformed, Section: o.Section, Option: o.Name, Text: "default: " + err.Error()}
		return p, true
	}
	return p, given
}

func (o *Option) effect() string {
	if o.Use == NotHere {
		return "has no effect: " + o.Why
	}
	return "has no effect yet: the part it belongs to is not implemented"
}

// strangers reports what is set but not declared: sections once, options of
// known sections each.
func strangers(set settings, known map[[2]string]bool, sections map[string]bool) []Problem {
	var problems []Problem
	for section, options := range set {
		if section == defaultSection {
			continue
		}
		byLine := slices.SortedFunc(maps.Keys(options), func(a, b string) int {
			return cmp.Or(cmp.Compare(options[a].line, options[b].line), cmp.Compare(a, b))
		})
		for _, name := range byLine {
			if known[[2]string{section, name}] {
				continue
			}
			p := Problem{Kind: Unknown, File: options[name].file, Line: options[name].line, Section: section}
			if !sections[section] {
				p.Text = "there is no such section; its options are ignored"
				problems = append(problems, p)
				break
			}
			p.Option, p.Text = name, "there is no such option"
			problems = append(problems, p)
		}
	}
	return problems
}
