// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmclient

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"govdsm/api"
)

// printDomains writes each storage domain as a row. One that cannot be asked
// has its error there.
func printDomains(ctx context.Context, w io.Writer, ids []string, more ask) error {
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "ID\tNAME\tTYPE\tCLASS\tROLE\tVERSION\tSIZE\tFREE\tUSED\tPOOL")
	for _, id := range ids {
		var info struct {
			Name, Type, Class, Role, Version string
			Pool                             []string
		}
		if err := askInto(ctx, more, api.StorageDomainGetInfo.Name, map[string]any{"storagedomainID": id}, &info); err != nil {
			row(tw, id, err.Error(), "", "", "", "", "", "", "", "")
			continue
		}
		var stats struct {
			Total string `json:"disktotal"`
			Free  string `json:"diskfree"`
		}
		// A domain that just now does not tell its room is shown without.
		_ = askInto(ctx, more, api.StorageDomainGetStats.Name, map[string]any{"storagedomainID": id}, &stats)
		row(tw, id, info.Name, info.Type, info.Class, info.Role, info.Version,
			size(stats.Total), size(stats.Free), used(stats.Total, stats.Free), strings.Join(info.Pool, " "))
	}
	return tw.Flush()
}

func askInto(ctx context.Context, more ask, verb string, params map[string]any, into any) error {
	result, err := more(ctx, verb, params)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(result, into); err != nil {
		return fmt.Errorf("the answer is not understood: %w", err)
	}
	return nil
}

// size writes a number of bytes for people, in powers of two.
func size(text string) string {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return text
	}
	value, units := float64(n), []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	for value >= 1024 && len(units) > 1 {
		value, units = value/1024, units[1:]
	}
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", value, units[0])
}

func used(total, free string) string {
	t, err1 := strconv.ParseUint(total, 10, 64)
	f, err2 := strconv.ParseUint(free, 10, 64)
	if err1 != nil || err2 != nil || t == 0 || f > t {
		return ""
	}
	return bar(100 * float64(t-f) / float64(t))
}

// layer is a volume of an image.
type layer struct {
	ID, Parent, Format, Type, Legality string

	Role        string `json:"voltype"`
	Description string
	Capacity    string
	TrueSize    string `json:"truesize"`
	Image       string
	Generation  any
	failure     string
}

// noParent is the parent of a base.
const noParent = "00000000-0000-0000-0000-000000000000"

// printVolumes writes the volumes of an image: what is based on what as a tree,
// or each as a row.
func printVolumes(ctx context.Context, w io.Writer, format string, ids []string, image map[string]any, more ask) error {
	layers := make(map[string]*layer, len(ids))
	for _, id := range ids {
		params := map[string]any{"volumeID": id}
		for _, name := range []string{"imageID", "storagepoolID", "storagedomainID"} {
			params[name] = image[name]
		}
		l := new(layer)
		if err := askInto(ctx, more, api.VolumeGetInfo.Name, params, l); err != nil {
			l.failure = err.Error()
		}
		l.ID = id
		layers[id] = l
	}
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "VOLUME\tROLE\tFORMAT\tALLOCATION\tLEGALITY\tCAPACITY\tALLOCATED\tGENERATION\tDESCRIPTION")
	if format == "table" {
		for _, id := range ids {
			layers[id].row(tw, "")
		}
		return tw.Flush()
	}
	drawLayers(tw, ids, layers)
	return tw.Flush()
}

func (l *layer) row(w io.Writer, prefix string) {
	if l.failure != "" {
		row(w, prefix+l.ID, "", "", "", "", "", "", "", l.failure)
		return
	}
	row(w, prefix+l.ID, l.Role, l.Format, l.Type, l.Legality, size(l.Capacity), size(l.TrueSize), number(l.Generation), l.Description)
}

// drawLayers draws bases first, what is based on them below. A volume whose
// parent is not there is drawn as a base.
func drawLayers(w io.Writer, ids []string, layers map[string]*layer) {
	above := make(map[string][]string)
	for _, id := range ids {
		above[layers[id].Parent] = append(above[layers[id].Parent], id)
	}
	drawn := make(map[string]bool)
	var draw func(id, prefix, indent string)
	draw = func(id, prefix, indent string) {
		if drawn[id] {
			return // it is its own ancestor
		}
		drawn[id] = true
		layers[id].row(w, prefix)
		children := slices.Sorted(slices.Values(above[id]))
		for n, child := range children {
			if n == len(children)-1 {
				draw(child, indent+"└─ ", indent+"   ")
			} else {
				draw(child, indent+"├─ ", indent+"│  ")
			}
		}
	}
	for _, id := range ids {
		if p := layers[id].Parent; p == noParent || layers[p] == nil {
			draw(id, "", "")
		}
	}
	for _, id := range ids {
		draw(id, "", "") // what is left lies on itself
	}
}

// printTasks writes the tasks of storage, with what they do.
func printTasks(ctx context.Context, w io.Writer, result json.RawMessage, more ask) error {
	var statuses map[string]struct {
		State   string `json:"taskState"`
		Result  string `json:"taskResult"`
		Code    any
		Message string
	}
	if err := json.Unmarshal(result, &statuses); err != nil {
		return fmt.Errorf("the answer is not understood: %w", err)
	}
	var infos map[string]struct{ Verb string }
	// Tasks are shown without their verbs then.
	_ = askInto(ctx, more, api.HostGetAllTasksInfo.Name, map[string]any{}, &infos)
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "TASK\tVERB\tSTATE\tPROGRESS\tRESULT\tCODE\tMESSAGE")
	for _, id := range sortedKeys(statuses) {
		s := statuses[id]
		row(tw, id, infos[id].Verb, s.State, bar(jobsDone(s.State, s.Message)), s.Result, number(s.Code), s.Message)
	}
	return tw.Flush()
}

// jobsDone reads how far a task is from "running job 1 of 2". The job that runs
// is not done.
func jobsDone(state, message string) float64 {
	var n, of int
	if _, err := fmt.Sscanf(message, "running job %d of %d", &n, &of); err == nil && of > 0 && n >= 1 && n <= of {
		return 100 * float64(n-1) / float64(of)
	}
	if state == "finished" {
		return 100
	}
	return -1
}

// printJobs writes the jobs of a host with how far they are.
func printJobs(w io.Writer, result json.RawMessage) error {
	var jobs map[string]struct {
		Status, Description string
		Type                string `json:"job_type"`
		Progress            *float64
		Error               *struct {
			Code    any
			Message string
		}
	}
	if err := json.Unmarshal(result, &jobs); err != nil {
		return fmt.Errorf("the answer is not understood: %w", err)
	}
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "JOB\tTYPE\tDESCRIPTION\tSTATUS\tPROGRESS\tERROR")
	ids := slices.SortedFunc(slices.Values(sortedKeys(jobs)), func(a, b string) int {
		return cmp.Or(byStatus(jobs[a].Status)-byStatus(jobs[b].Status), strings.Compare(a, b))
	})
	for _, id := range ids {
		j := jobs[id]
		percent, failure := -1.0, ""
		if j.Progress != nil {
			percent = *j.Progress
		}
		if j.Error != nil {
			failure = fmt.Sprintf("%v: %s", j.Error.Code, j.Error.Message)
		}
		row(tw, id, j.Type, j.Description, j.Status, bar(percent), failure)
	}
	return tw.Flush()
}

// byStatus puts what still runs before what has ended.
func byStatus(status string) int {
	active := []string{"running", "aborting", "pending"}
	if at := slices.Index(active, status); at >= 0 {
		return at
	}
	return len(active)
}

// barWidth is that of a full bar, in characters.
const barWidth = 20

// bar draws a percentage; one below 0 is not known.
func bar(percent float64) string {
	if percent < 0 {
		return ""
	}
	percent = min(percent, 100)
	full := int(percent * barWidth / 100)
	return "[" + strings.Repeat("█", full) + strings.Repeat("░", barWidth-full) + "]" + fmt.Sprintf("%4.0f %%", percent)
}
