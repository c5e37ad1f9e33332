// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
	"govdsm/client"
	"govdsm/internal/storage/domainmd"
	"govdsm/test/hosttest"
)

// flowStep is one call of a recording, with its result or its error, or what a
// task or a job was in the end.
type flowStep struct {
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

// flow replays a recording.
type flow struct {
	t       *testing.T
	c       *client.Host
	ids     map[string]string // of tasks: recorded to ours
	missing map[string]bool   // verbs that are declared only
	unmade  map[string]bool   // volumes that these would have changed
	last    string            // job that was started last
}

// TestStorageFlow replays the life of a local data centre, as a manager leads
// it and as the original answered: every call, every error.
func TestStorageFlow(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/rpc-flow-localfs.json")
	if err != nil {
		t.Fatal(err)
	}
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var steps []flowStep
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(text), "/data/domain1", folder)), &steps); err != nil {
		t.Fatal(err)
	}
	h := hosttest.Start(t)
	f := &flow{t: t, c: h.Dial(t), ids: map[string]string{}, missing: map[string]bool{}, unmade: map[string]bool{}}
	done := 0
	for i, s := range steps {
		if f.play(i, s) {
			done++
		}
	}
	t.Logf("%d of %d steps as recorded", done, len(steps))
	if len(f.missing) > 0 {
		t.Logf("not yet: %s", strings.Join(slices.Sorted(maps.Keys(f.missing)), ", "))
	}
}

// play reports whether the step could be taken.
func (f *flow) play(n int, s flowStep) bool {
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
func (f *flow) noteUnmade(params json.RawMessage) {
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
func (f *flow) dependsOnMissing(s flowStep) bool {
	var p struct {
		ID string `json:"volumeID"`
	}
	_ = json.Unmarshal(s.Params, &p) // other calls name none
	return strings.HasPrefix(s.Verb, "Volume.get") && f.unmade[p.ID] || s.Verb == "StorageDomain.dump" && len(f.unmade) > 0
}

// result compares a result. A task's id is new each time.
func (f *flow) result(name string, s flowStep, raw json.RawMessage) {
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
func (f *flow) ours(params json.RawMessage) json.RawMessage {
	for recorded, ours := range f.ids {
		if strings.Contains(string(params), recorded) {
			return json.RawMessage(strings.ReplaceAll(string(params), recorded, ours))
		}
	}
	return nil
}

// task waits for a task and compares how it ended.
func (f *flow) task(ctx context.Context, name string, s flowStep) bool {
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

func (f *flow) pause(ctx context.Context, name string) {
	select {
	case <-time.After(50 * time.Millisecond):
	case <-ctx.Done():
		f.t.Fatalf("%s: %v", name, context.Cause(ctx))
	}
}

func (f *flow) jobOf(params json.RawMessage) string {
	var p struct {
		ID string `json:"job_id"`
	}
	_ = json.Unmarshal(params, &p) // other calls have none
	return p.ID
}

// job waits for a job and compares how it ended.
func (f *flow) job(ctx context.Context, name string, s flowStep) bool {
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

// makeDomain makes a local domain in a folder.
func makeDomain(t testing.TB, folder, id string) {
	t.Helper()
	m := domainmd.New(domainmd.Domain{
		Version: domainmd.Version5, ID: id, Type: domainmd.LocalFS, Class: domainmd.Data, Description: "flow",
		Role: domainmd.Regular, Lease: domainmd.DefaultLease(), RemotePath: folder, Alignment: 1 << 20, BlockSize: 512,
	})
	text, err := m.File()
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"dom_md", "images"} {
		if err := os.MkdirAll(filepath.Join(folder, id, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range map[string][]byte{"metadata": text, "ids": nil, "leases": nil, "inbox": nil, "outbox": nil} {
		if err := os.WriteFile(filepath.Join(folder, id, "dom_md", name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
