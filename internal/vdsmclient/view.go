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
type ask func(ctx context.Context, verb string, params map[string]any) (json.RawMessage, error)

// print writes the result of a verb. Networks and storage have views of their
// own.
func (s *settings) print(ctx context.Context, w io.Writer, verb string, params map[string]any, result json.RawMessage, more ask) error {
	switch {
	case s.output != "table" && s.output != "tree":
	case verb == api.HostGetNetworkCapabilities.Name:
		var c capabilities
		if err := json.Unmarshal(result, &c); err != nil {
			return fmt.Errorf("the answer is not understood: %w", err)
		}
		statistics, err := more(ctx, api.HostGetNetworkStatistics.Name, map[string]any{})
		if err != nil {
			statistics = nil // the links are shown without their states
		}
		if s.output == "tree" {
			return printNetworkTree(w, c, statesOf(statistics))
		}
		return printNetworkTable(w, c, statesOf(statistics))
	case verb == api.HostGetNetworkStatistics.Name:
		return printStatistics(w, result)
	default:
		if shown, err := s.printStorage(ctx, w, verb, params, result, more); shown {
			return err
		}
	}
	return printResult(w, s.output, result)
}

// printStorage writes the result of a verb of storage that has a view.
func (s *settings) printStorage(
	ctx context.Context, w io.Writer, verb string, params map[string]any, result json.RawMessage, more ask,
) (shown bool, err error) {
	var ids []string
	switch verb {
	case api.HostGetJobs.Name:
		return true, printJobs(w, result)
	case api.HostGetAllTasksStatuses.Name:
		return true, printTasks(ctx, w, result, more)
	case api.HostGetStorageDomains.Name, api.ImageGetVolumes.Name, api.StorageDomainGetVolumes.Name:
		if err := json.Unmarshal(result, &ids); err != nil {
			return true, fmt.Errorf("the answer is not understood: %w", err)
		}
	default:
		return false, nil
	}
	if verb == api.HostGetStorageDomains.Name {
		return true, printDomains(ctx, w, ids, more)
	}
	return true, printVolumes(ctx, w, s.output, ids, params, more)
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
