// SPDX-License-Identifier: GPL-2.0-or-later

package task

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"govdsm/api"
	"govdsm/internal/storage/outofprocess"
)

func TestMain(m *testing.M) {
	outofprocess.ServeIfHelper()
	os.Exit(m.Run())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// recorded is what the original wrote.
type recorded struct {
	WhilePreparing map[string]string `json:"while_preparing"`
	Finished       map[string]string
	Status         json.RawMessage
	Info           json.RawMessage
	StateNames     struct {
		State  map[State]api.TaskState  `json:"legacy_state"`
		Result map[State]api.TaskResult `json:"legacy_result"`
	} `json:"state_names"`
	Transitions map[State][]State `json:"allowed_transitions_to_from"`
}

func golden(t *testing.T) (r recorded) {
	t.Helper()
	b, err := os.ReadFile("testdata/task-files.json")
	must(t, err)
	must(t, json.Unmarshal(b, &r))
	return r
}

const taskID = "0c7e0e0e-6f3b-4d5a-9f0a-3f2c1b0a9d8e"

// sample is the recorded task.
func sample() *Record {
	const sd, img, vol = "cd613e30-d8f1-4adf-91b7-584a2265b1f5", "78e51061-7311-48a3-82ce-6f447ed4d57b", "35bf992d-c9e9-4616-a12e-7696a6cecc1b"
	r := New(taskID, "createVolume", "spm", "/rhev/data-center/1e2feb89-414c-443c-9027-c4d1c386bbc4/mastersd/master/tasks")
	r.State = Preparing
	r.Jobs = []Job{{"createVolume", "<call> (args: ('" + sd + "', '" + img + "') kwargs: {})"}}
	r.Recoveries = []Recovery{
		{"create image rollback: " + img, "sd", "StorageDomain", "create_image_rollback",
			[]string{"/rhev/data-center/mnt/x/" + sd + "/images/" + img}},
		{RollbackSentinel, "fileVolume", "FileVolume", "startCreateVolumeRollback", []string{sd, img, vol}},
	}
	return r
}

func TestFilesAreTheOriginals(t *testing.T) {
	g := golden(t)
	r := sample()
	compare := func(want map[string]string) {
		t.Helper()
		got := make(map[string]string)
		for name, text := range r.Files() {
			got[r.ID+"/"+name] = string(text)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		back, err := Parse(r.ID, func(name string) ([]byte, error) { return []byte(want[r.ID+"/"+name]), nil })
		must(t, err)
		if r.State != Finished { // else it is not kept
			r.Result = Result{}
		}
		if diff := cmp.Diff(r, back); diff != "" {
			t.Error(diff)
		}
	}
	compare(g.WhilePreparing)
	r.State = Finished
	r.Result = Result{0, "1 jobs completed successfully", "{'uuid': '35bf992d-c9e9-4616-a12e-7696a6cecc1b'}"}
	compare(g.Finished)
	for what, c := range map[string]struct {
		got  any
		want json.RawMessage
	}{"status": {r.Status(), g.Status}, "info": {r.Info(), g.Info}} {
		b, err := json.Marshal(c.got)
		must(t, err)
		var got, want any
		must(t, json.Unmarshal(b, &got))
		must(t, json.Unmarshal(c.want, &want))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
}

func TestStatesAreTheOriginals(t *testing.T) {
	g := golden(t)
	if len(g.Transitions) != len(rules()) {
		t.Errorf("%d states, want %d", len(rules()), len(g.Transitions))
	}
	for to, from := range g.Transitions {
		if diff := cmp.Diff(from, append([]State{}, rules()[to].from...)); diff != "" {
			t.Errorf("%s: %s", to, diff)
		}
		state, result := to.Report()
		if state != g.StateNames.State[to] || result != g.StateNames.Result[to] {
			t.Errorf("%s is told as %s, %q", to, state, result)
		}
	}
	if _, err := Finished.Become(Running); !errors.Is(err, api.ErrTaskState) {
		t.Errorf("%v", err)
	}
}

// powerCut is a folder whose power goes after some operations. What was done
// before stays: a file system that keeps the order of renames is assumed, and
// that Dir flushes what it promises to.
type powerCut struct {
	root string
	left int
}

var errPower = errors.New("power cut")

func (p *powerCut) do(f func() error) error {
	if p.left--; p.left < 0 {
		return errPower
	}
	return f()
}

func (p *powerCut) Root() string { return p.root }

func (p *powerCut) at(name string) string { return filepath.Join(p.root, name) }

func (p *powerCut) ReadDir(_ context.Context, name string) (names []string, err error) {
	entries, err := os.ReadDir(p.at(name))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

func (p *powerCut) ReadFile(_ context.Context, name string) ([]byte, error) {
	return os.ReadFile(p.at(name))
}

func (p *powerCut) WriteFiles(_ context.Context, folder string, files []outofprocess.NewFile) error {
	for _, f := range files {
		name := p.at(path.Join(folder, f.Name))
		if err := p.do(func() error { return os.WriteFile(name+".new", f.Data, 0o644) }); err != nil {
			return err
		}
		if err := p.do(func() error { return os.Rename(name+".new", name) }); err != nil {
			return err
		}
	}
	return nil
}

func (p *powerCut) MakeFolder(ctx context.Context, folder string, perm fs.FileMode, files []outofprocess.NewFile) error {
	if err := p.RemoveTree(ctx, folder); err != nil {
		return err
	}
	if err := p.do(func() error { return os.Mkdir(p.at(folder), perm) }); err != nil {
		return err
	}
	for _, f := range files {
		if err := p.do(func() error { return os.WriteFile(p.at(path.Join(folder, f.Name)), f.Data, 0o644) }); err != nil {
			return err
		}
	}
	return nil
}

func (p *powerCut) Exists(_ context.Context, name string) (bool, error) {
	_, err := os.Lstat(p.at(name))
	return err == nil, nil
}

func (p *powerCut) Rename(_ context.Context, from, to string) error {
	return p.do(func() error { return os.Rename(p.at(from), p.at(to)) })
}

// RemoveTree is cut in its middle, too.
func (p *powerCut) RemoveTree(_ context.Context, name string) error {
	entries, _ := os.ReadDir(p.at(name))
	for _, e := range entries {
		if err := p.do(func() error { return os.Remove(p.at(path.Join(name, e.Name()))) }); err != nil {
			return err
		}
	}
	return p.do(func() error { return os.RemoveAll(p.at(name)) })
}

// TestPowerCutAtEveryStep saves a task over a former state of it, and the power
// goes before every operation: either state is found, whole, and the next save
// works. The store may know the former state or not, and what it is to write
// may only add to it or not.
func TestPowerCutAtEveryStep(t *testing.T) {
	more := Recovery{"more", "m", "o", "f", nil}
	for name, c := range map[string]struct {
		known  bool
		change func(r *Record)
		least  int // steps
	}{
		"known":   {true, func(r *Record) { r.Recoveries = append(r.Recoveries, more) }, 4},
		"unknown": {false, func(r *Record) { r.Recoveries = append(r.Recoveries, more) }, 8},
		"changed": {true, func(r *Record) { r.Recoveries = []Recovery{more} }, 8},
		"fewer":   {true, func(r *Record) { r.Recoveries = nil }, 5},
	} {
		t.Run(name, func(t *testing.T) {
			for steps := 0; ; steps++ {
				old, next := sample(), sample()
				next.State = Running
				c.change(next)
				last := old
				if !c.known {
					last = nil
				}
				if !saveUntil(t, steps, old, next, last) {
					continue
				}
				if steps < c.least {
					t.Errorf("a save has only %d steps", steps)
				}
				return
			}
		})
	}
}

// saveUntil saves a task until the power goes, and reports whether that was
// after the end.
func saveUntil(t *testing.T, steps int, old, next, last *Record) (saved bool) {
	t.Helper()
	ctx := t.Context()
	cut := &powerCut{root: t.TempDir(), left: 1000}
	store := NewStore(cut)
	must(t, store.Save(ctx, old, nil))
	cut.left = steps
	err := store.Save(ctx, next, last)
	cut.left = 1000
	got, failure := store.Load(ctx, taskID)
	must(t, failure)
	want := old
	if got.State == Running {
		want = next
	}
	want.Result = got.Result // of one that runs nothing is kept
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || err == nil && want != next {
		t.Errorf("after %d steps (-want +got):\n%s", steps, diff)
	}
	all, failure := store.LoadAll(ctx)
	if failure != nil || len(all) != 1 {
		t.Errorf("after %d steps: %d tasks, %v", steps, len(all), failure)
	}
	ended := *next
	ended.State = Finished
	must(t, store.Save(ctx, &ended, nil))
	if got, failure = store.Load(ctx, taskID); failure != nil || got.State != Finished {
		t.Errorf("after %d steps and another save: %+v, %v", steps, got, failure)
	}
	must(t, store.Remove(ctx, taskID))
	if names, _ := cut.ReadDir(ctx, "."); len(names) != 0 {
		t.Errorf("left: %q", names)
	}
	if err != nil && (!errors.Is(err, api.ErrTaskPersist) || !errors.Is(err, errPower)) {
		t.Errorf("after %d steps: %v", steps, err)
	}
	return err == nil
}

func TestStoreOnStorage(t *testing.T) {
	pool := outofprocess.New(outofprocess.Options{})
	defer pool.Close()
	dir, ctx := pool.Dir(t.TempDir()), t.Context()
	store := NewStore(dir)
	r := sample()
	var last *Record
	for _, state := range []State{Preparing, Queued, Running, Finished} {
		r.State = state
		must(t, store.Save(ctx, r, last))
		was := *r
		last = &was
	}
	if got, err := store.Load(ctx, r.ID); err != nil || got.State != Finished || len(got.Recoveries) != 2 {
		t.Errorf("%+v, %v", got, err)
	}
	// Where the former state is not, the new one is written whole.
	must(t, store.Remove(ctx, r.ID))
	must(t, store.Save(ctx, r, last))
	must(t, dir.MkdirAll(ctx, "foreign", 0o755))
	must(t, dir.MkdirAll(ctx, "half.temp", 0o755)) // a first save that was interrupted
	all, err := store.LoadAll(ctx)
	if len(all) != 1 || err == nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%d tasks, %v", len(all), err)
	}
	must(t, store.Remove(ctx, r.ID))
	if _, err := store.Load(ctx, r.ID); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestHostileTasks(t *testing.T) {
	for _, id := range []string{"", "..", "../x", "a/b", "a.b", "a\x00"} {
		if err := CheckID(id); !errors.Is(err, api.ErrInvalidParameterException) {
			t.Errorf("%q: %v", id, err)
		}
	}
	for name, text := range map[string]string{
		"of another": "id = other\nnjobs = 0\nnrecoveries = 0\n",
		"too many":   "id = x\nnjobs = 1000000000\nnrecoveries = 0\n",
		"negative":   "id = x\nnjobs = 0\nnrecoveries = -1\n",
		"no numbers": "id = x\n",
		"nothing":    "",
	} {
		if _, err := Parse("x", func(string) ([]byte, error) { return []byte(text), nil }); !errors.Is(err, api.ErrTaskMetaDataLoad) {
			t.Errorf("%s: %v", name, err)
		}
	}
	bad := sample()
	bad.Recoveries[0].Params = []string{"a,b"}
	if err := NewStore(&powerCut{root: t.TempDir()}).Save(t.Context(), bad, nil); !errors.Is(err, api.ErrTaskPersist) {
		t.Errorf("%v", err)
	}
}
