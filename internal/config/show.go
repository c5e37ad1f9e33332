// SPDX-License-Identifier: GPL-2.0-or-later

package config

import (
	"fmt"
	"io"
	"strings"
)

// WriteDefaults prints a configuration file with every option at its default,
// each below a comment that says what it means. Reading the output gives the
// defaults again.
func WriteDefaults(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# Every option of vdsm.conf with its default value.\n")
	section := ""
	for _, o := range Options() {
		if o.Section != section {
			section = o.Section
			fmt.Fprintf(&b, "\n[%s]\n", section)
		}
		fmt.Fprintf(&b, "\n# %s\n", strings.Join(o.remarks(), "; "))
		b.WriteString(strings.TrimRight(fmt.Sprintf("# %s = %s", o.Name, o.Default), " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// remarks are the meaning of the option and what limits its value.
func (o *Option) remarks() []string {
	remarks := []string{o.Doc}
	if o.Type == "seconds" || o.Type == "milliseconds" {
		remarks = append(remarks, "in "+o.Type)
	}
	if len(o.OneOf) > 0 && !strings.Contains(o.Doc, o.OneOf[0]) {
		remarks = append(remarks, "one of "+strings.Join(o.OneOf, ", "))
	}
	switch o.Use {
	case NotHere:
		remarks = append(remarks, "no effect here: "+o.Why)
	case NotYet:
		remarks = append(remarks, "no effect yet")
	}
	return remarks
}

// WriteReference writes the page docs/reference/configuration.md.
func WriteReference(w io.Writer) error {
	var b strings.Builder
	b.WriteString(referenceHead)
	section := ""
	for _, o := range Options() {
		if o.Section != section {
			section = o.Section
			fmt.Fprintf(&b, "\n## [%s]\n\n| option | type | default | effect | meaning |\n|---|---|---|---|---|\n", section)
		}
		effect := map[Use]string{Used: "yes", NotYet: "not yet", NotHere: "no: " + o.Why}[o.Use]
		value := "(empty)"
		if o.Default != "" {
			value = "`" + o.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", o.Name, o.limits(), value, effect, o.Doc)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (o *Option) limits() string {
	switch {
	case len(o.OneOf) > 0:
		return strings.Join(o.OneOf, ", ")
	case o.Min != "" && o.Max != "":
		return fmt.Sprintf("%s, %s to %s", o.Type, o.Min, o.Max)
	case o.Min != "" && o.Min != "0":
		return fmt.Sprintf("%s, at least %s", o.Type, o.Min)
	}
	return o.Type
}

const referenceHead = `<!-- Generated from internal/config: go test ./internal/config -run Reference -update -->

# Configuration

The daemons read ` + "`/etc/vdsm/vdsm.conf`" + `, then every ` + "`*.conf`" + ` of these directories, in the order of
the file names whatever directory they are in; later values win:

` + "```" + `
/usr/lib/vdsm/vdsm.conf.d
/run/vdsm/vdsm.conf.d
/etc/vdsm/vdsm.conf.d
` + "```" + `

The format is that of Python's configparser, so files written for the original can stay as they are.
An unknown option or a value that does not fit is logged with file and line, and the default is used;
` + "`vdsm-tool validate-config`" + ` shows the same list. ` + "`vdsm-tool show-default-config`" + ` prints every option.
`
