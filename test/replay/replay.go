// SPDX-License-Identifier: GPL-2.0-or-later

// Package replay plays recordings of the original: the calls that a manager made
// and what it was answered. Every answer of ours must be as recorded, but for
// what belongs to the machine or the day.
package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
	"govdsm/client"
)

// step is one call of a recording, with its result or its error, or what a task
// or a job was in the end.
type step struct {
	Step   string
	Verb   string
	Params json.RawMessage
	Result any
	Error  *struct {
		Code    int
		Message string
	}
	Task, Job map[string]any
}

// measured are members whose values belong to the machine or the day.
var measured = []string{"disktotal", "diskfree", "ctime", "truesize", "apparentsize", "ds"}

// Flow is a recording that is being played.
type Flow struct {
	t       testing.TB
	c       *client.Host
	left    []step
	ids     map[string]string // of tasks: recorded to ours
	missing map[string]bool   // verbs that are declared only
	unmade  map[string]bool   // volumes that these would have changed
	last    string            // job that was started last
	n, done int
}

// Open reads a recording to be played to a host. Old and new texts, in turns,
// are replaced in it: what the original's host had elsewhere.
func Open(t testing.TB, c *client.Host, file string, replace ...string) *Flow {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f := &Flow{t: t, c: c, ids: map[string]string{}, missing: map[string]bool{}, unmade: map[string]bool{}}
	if err := json.Unmarshal([]byte(strings.NewReplacer(replace...).Replace(string(text))), &f.left); err != nil {
		t.Fatal(err)
	}
	return f
}

// Play plays on until the step of that name, which is left to the next Play;
// "" plays to the end.
func (f *Flow) Play(before string) {
	f.t.Helper()
	for len(f.left) > 0 && (before == "" || f.left[0].Step != before) {
		if f.play(f.n, f.left[0]) {
			f.done++
		}
		f.n++
		f.left = f.left[1:]
	}
	if before != "" && len(f.left) == 0 {
		f.t.Fatalf("the recording has no step %q", before)
	}
}

// Log says how much was played.
func (f *Flow) Log() {
	f.t.Helper()
	f.t.Logf("%d of %d steps as recorded", f.done, f.n)
	if len(f.missing) > 0 {
		f.t.Logf("not yet: %s", strings.Join(slices.Sorted(maps.Keys(f.missing)), ", "))
	}
}

// play reports whether the step could be taken.
func (f *Flow) play(n int, s step) bool {
	ctx, cancel := context.WithTimeout(f.t.Context(), 2*time.Minute)
	defer cancel()
	name := fmt.Sprintf("step %d, %s", n, s.Step)
	switch {
	case s.Task != nil:
		return f.task(ctx, name, s)
	case s.Job != nil:
		return f.job(ctx, name, s)
	}
	if f.missing[needs[s.Step]] {
		return false
	}
	if strings.HasPrefix(s.Verb, "Task.") {
		if id := f.ours(s.Params); id != nil {
			s.Params = id
		} else {
			return false // its task never was
		}
	}
	if f.dependsOnMissing(s) {
		return false
	}
	if sent, ok := generations[s.Step]; ok {
		s.Params = json.RawMessage(strings.Replace(string(s.Params), `"generation": 8`, `"generation": `+sent, 1))
	}
	raw, err := f.c.Request(ctx, s.Verb, s.Params)
	failed, isFault := errors.AsType[*api.Error](err)
	switch {
	case err != nil && !isFault:
		f.t.Fatalf("%s: %v", name, err)
	case errors.Is(err, api.ErrMethodNotImplemented):
		f.missing[s.Verb] = true
		f.noteUnmade(s.Params)
		return false
	case s.Error != nil && err == nil:
		f.t.Errorf("%s: %s %s is %s, recorded was %d %s", name, s.Verb, s.Params, raw, s.Error.Code, s.Error.Message)
	case s.Error != nil:
		want := s.Error.Message
		for recorded, ours := range f.ids {
			want = strings.ReplaceAll(want, recorded, ours)
		}
		if failed.Number != s.Error.Code || failed.Error() != want {
			f.t.Errorf("%s: %s is %d %q, recorded was %d %q", name, s.Verb, failed.Number, failed, s.Error.Code, want)
		}
	case err != nil:
		f.t.Errorf("%s: %s %s: %d %v", name, s.Verb, s.Params, failed.Number, failed)
	default:
		f.result(name, s, raw)
	}
	return true
}

// noteUnmade remembers what a job that cannot be started would have changed.
func (f *Flow) noteUnmade(params json.RawMessage) {
	var p struct {
		Volume struct {
			ID string `json:"vol_id"`
		} `json:"vol_info"`
		Destination struct {
			ID string `json:"vol_id"`
		}
		Chain struct {
			ID string `json:"base_id"`
		} `json:"subchain_info"`
	}
	_ = json.Unmarshal(params, &p) // other calls name none
	for _, id := range []string{p.Volume.ID, p.Destination.ID, p.Chain.ID} {
		if id != "" {
			f.unmade[id] = true
		}
	}
}

// dependsOnMissing reports whether a step tells of what was not made.
func (f *Flow) dependsOnMissing(s step) bool {
	var p struct {
		ID string `json:"volumeID"`
	}
	_ = json.Unmarshal(s.Params, &p) // other calls name none
	return strings.HasPrefix(s.Verb, "Volume.get") && f.unmade[p.ID] || s.Verb == "StorageDomain.dump" && len(f.unmade) > 0
}

// result compares a result. A task's id is new each time.
func (f *Flow) result(name string, s step, raw json.RawMessage) {
	var got any
	if err := json.Unmarshal(raw, &got); err != nil {
		f.t.Fatal(err)
	}
	if recorded, ok := s.Result.(string); ok && domainID(recorded) {
		if ours, ok := got.(string); ok && domainID(ours) {
			f.ids[recorded] = ours
			return
		}
	}
	if job := f.jobOf(s.Params); job != "" {
		f.last = job
	}
	if slices.Contains(unordered, s.Verb) {
		s.Result, got = sorted(s.Result), sorted(got)
	}
	if diff := cmp.Diff(blur(s.Result), blur(got)); diff != "" {
		f.t.Errorf("%s: %s (-recorded +got):\n%s", name, s.Verb, diff)
	}
}

func domainID(text string) bool { return len(text) == 36 && strings.Count(text, "-") == 4 }

// blur puts the kind of a measured value in its place.
func blur(v any) any {
	switch v := v.(type) {
	case map[string]any:
		clear := make(map[string]any, len(v))
		for key, value := range v {
			if slices.Contains(measured, key) {
				value = fmt.Sprintf("a %T", value)
			}
			clear[key] = blur(value)
		}
		return clear
	case []any:
		clear := make([]any, len(v))
		for i := range v {
			clear[i] = blur(v[i])
		}
		return clear
	case string: // where the repository is
		if at := strings.Index(v, "/mnt/_"); at > 0 {
			_, below, _ := strings.Cut(v[at+len("/mnt/"):], "/")
			return below
		}
	}
	return v
}

// unordered are verbs that list names as a folder has them.
var unordered = []string{"StorageDomain.getVolumes", "StorageDomain.getImages"}

func sorted(v any) any {
	if list, ok := v.([]any); ok {
		list = slices.Clone(list)
		slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		return list
	}
	return v
}

// needs says which verbs must be there for a step to be as recorded.
var needs = map[string]string{
	"copied: legal, generation 1": "SDM.copy_data", "updated": "SDM.update_volume", "bitmap there": "SDM.add_bitmap",
	"merged top illegal": "StoragePool.finalizeMerge", "base is leaf again": "SDM.merge",
}

// generations are what was sent with calls whose recording shows that of the
// last one: the recorder kept one description of the volume for all of them.
var generations = map[string]string{"update volume": "1", "add bitmap": "7"}

// ours puts the id of our task into parameters; nil when there is none.
func (f *Flow) ours(params json.RawMessage) json.RawMessage {
	for recorded, ours := range f.ids {
		if strings.Contains(string(params), recorded) {
			return json.RawMessage(strings.ReplaceAll(string(params), recorded, ours))
		}
	}
	return nil
}

// task waits for a task and compares how it ended.
func (f *Flow) task(ctx context.Context, name string, s step) bool {
	recorded, _ := s.Task["taskID"].(string)
	id, ok := f.ids[recorded]
	if !ok {
		return false
	}
	for {
		raw, err := f.c.Request(ctx, "Task.getStatus", map[string]any{"taskID": id})
		if err != nil {
			f.t.Fatalf("%s: %v", name, err)
		}
		var got map[string]any
		if err := json.Unmarshal(raw, &got); err != nil {
			f.t.Fatal(err)
		}
		if got["taskState"] == "finished" {
			s.Task["taskID"] = id
			if diff := cmp.Diff(s.Task, got); diff != "" {
				f.t.Errorf("%s (-recorded +got):\n%s", name, diff)
			}
			return true
		}
		f.pause(ctx, name)
	}
}

func (f *Flow) pause(ctx context.Context, name string) {
	select {
	case <-time.After(50 * time.Millisecond):
	case <-ctx.Done():
		f.t.Fatalf("%s: %v", name, context.Cause(ctx))
	}
}

func (f *Flow) jobOf(params json.RawMessage) string {
	var p struct {
		ID string `json:"job_id"`
	}
	_ = json.Unmarshal(params, &p) // other calls have none
	return p.ID
}

// job waits for a job and compares how it ended.
func (f *Flow) job(ctx context.Context, name string, s step) bool {
	id, _ := s.Job["id"].(string)
	if f.last != id {
		return false
	}
	for {
		raw, err := f.c.Request(ctx, "Host.getJobs", map[string]any{"job_ids": []string{id}})
		if err != nil {
			f.t.Fatalf("%s: %v", name, err)
		}
		var jobs map[string]map[string]any
		if err := json.Unmarshal(raw, &jobs); err != nil {
			f.t.Fatal(err)
		}
		got, ok := jobs[id]
		if !ok {
			f.t.Errorf("%s: there is no job", name)
			return true
		}
		if status := got["status"]; status == "done" || status == "failed" || status == "aborted" {
			if diff := cmp.Diff(s.Job, got); diff != "" {
				f.t.Errorf("%s (-recorded +got):\n%s", name, diff)
			}
			return true
		}
		f.pause(ctx, name)
	}
}
