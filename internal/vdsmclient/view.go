// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmclient

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"govdsm/api"
)

// ask sends another request on the connection of a call.
type ask func(ctx context.Context, verb string) (json.RawMessage, error)

// print writes the result of a verb. Networks have views of their own.
func (s *settings) print(ctx context.Context, w io.Writer, verb string, result json.RawMessage, more ask) error {
	switch {
	case s.output != "table" && s.output != "tree":
	case verb == api.HostGetNetworkCapabilities.Name:
		var c capabilities
		if err := json.Unmarshal(result, &c); err != nil {
			return fmt.Errorf("the answer is not understood: %w", err)
		}
		statistics, err := more(ctx, api.HostGetNetworkStatistics.Name)
		if err != nil {
			statistics = nil // the links are shown without their states
		}
		if s.output == "tree" {
			return printNetworkTree(w, c, statesOf(statistics))
		}
		return printNetworkTable(w, c, statesOf(statistics))
	case verb == api.HostGetNetworkStatistics.Name:
		return printStatistics(w, result)
	}
	return printResult(w, s.output, result)
}

// printStatistics writes the counters of each link as a row.
func printStatistics(w io.Writer, result json.RawMessage) error {
	var s struct {
		Network map[string]map[string]any `json:"network"`
	}
	if err := json.Unmarshal(result, &s); err != nil {
		return fmt.Errorf("the answer is not understood: %w", err)
	}
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "NAME\tSTATE\tSPEED\tDUPLEX\tRX\tTX\tRXDROPPED\tTXDROPPED\tRXERRORS\tTXERRORS")
	for _, name := range sortedKeys(s.Network) {
		cells := []string{name}
		for _, column := range statisticsColumns() {
			cells = append(cells, cell(s.Network[name][column]))
		}
		row(tw, cells...)
	}
	return tw.Flush()
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
