// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmclient

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

const (
	maxColumns = 8  // a wider table does not fit a terminal
	maxCell    = 60 // characters of a nested value in a cell
)

// leading are members that say what a row is about; they come first, in this
// order, where a row has them.
var leading = []string{
	"vmId", "vmName", "name", "id", "status", "statusTime", "pid",
	"elapsedTime", "cpuUser", "cpuSys", "memUsage", "description", "job_type", "progress",
}

// printTable shows a result to a person: a list or a map of objects as one row
// each, an object as one line for each member.
func printTable(w io.Writer, v any) error {
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	switch v := v.(type) {
	case []any:
		if rows, ok := objects(v); ok {
			printRows(tw, nil, rows)
		} else {
			for _, item := range v {
				fmt.Fprintln(tw, cell(item))
			}
		}
	case map[string]any:
		keys := slices.Sorted(maps.Keys(v))
		values := make([]any, len(keys))
		for i, k := range keys {
			values[i] = v[k]
		}
		if rows, ok := objects(values); ok {
			printRows(tw, keys, rows)
		} else {
			printMembers(tw, "", v)
		}
	default:
		fmt.Fprintln(tw, cell(v))
	}
	return tw.Flush()
}

// objects reports whether there are values and all of them are objects.
func objects(values []any) ([]map[string]any, bool) {
	rows := make([]map[string]any, len(values))
	for i, v := range values {
		row, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		rows[i] = row
	}
	return rows, len(rows) > 0
}

func printRows(w io.Writer, keys []string, rows []map[string]any) {
	columns := columnsOf(rows)
	header := columns
	if keys != nil {
		header = append([]string{"KEY"}, columns...)
	}
	fmt.Fprintln(w, strings.ToUpper(strings.Join(header, "\t")))
	for i, row := range rows {
		var cells []string
		if keys != nil {
			cells = append(cells, keys[i])
		}
		for _, c := range columns {
			cells = append(cells, cell(row[c]))
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
}

// columnsOf picks the members to show: the leading ones, then scalars, until
// the table is wide enough.
func columnsOf(rows []map[string]any) []string {
	scalar := make(map[string]bool)
	for _, row := range rows {
		for k, v := range row {
			switch v.(type) {
			case map[string]any, []any:
			default:
				scalar[k] = true
			}
		}
	}
	var columns []string
	for _, k := range leading {
		if scalar[k] {
			columns = append(columns, k)
			delete(scalar, k)
		}
	}
	columns = append(columns, slices.Sorted(maps.Keys(scalar))...)
	return columns[:min(len(columns), maxColumns)]
}

// printMembers writes an object one member a line, objects inside it indented.
func printMembers(w io.Writer, indent string, v map[string]any) {
	for _, k := range slices.Sorted(maps.Keys(v)) {
		if nested, ok := v[k].(map[string]any); ok && len(nested) > 0 {
			fmt.Fprintf(w, "%s%s\t\n", indent, k)
			printMembers(w, indent+"  ", nested)
			continue
		}
		fmt.Fprintf(w, "%s%s\t%s\n", indent, k, cell(v[k]))
	}
}

// cell is a value on one line.
func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case string:
		return strings.NewReplacer("\n", " ", "\t", " ").Replace(v)
	case map[string]any, []any:
		b, err := json.Marshal(v)
		if err != nil {
			return err.Error()
		}
		if text := []rune(string(b)); len(text) > maxCell {
			return string(text[:maxCell-1]) + "…"
		}
		return string(b)
	default:
		return fmt.Sprint(v)
	}
}
