// SPDX-License-Identifier: GPL-2.0-or-later

package task

import (
	"fmt"
	"strconv"
	"strings"

	"govdsm/api"
)

// Record is what is kept of a task.
type Record struct {
	ID    string
	Name  string // the verb that began it
	Tag   string // "spm", "hsm", "sdm"
	Store string // folder of the tasks, as the host that began it sees it

	RecoveryPolicy string // "auto": a task that fails is rolled back
	PersistPolicy  string // "auto"
	CleanPolicy    string // "manual": kept until a manager clears it
	Priority       string // "low"

	State      State
	Result     Result     // kept when Finished
	Jobs       []Job      // what is done, in order
	Recoveries []Recovery // what undoes it, the last one first
}

// Result is how far a task is, or how it ended.
type Result struct {
	Code    int
	Message string
	Value   string // in Python's notation
}

// Job is one step of a task. Run only describes it: no host resumes a task that
// another one began.
type Job struct{ Name, Run string }

// Recovery names a function that undoes something, and its parameters. Hosts
// that run the original call the function of that name.
type Recovery struct {
	Name     string
	Module   string // "fileVolume"
	Object   string // "FileVolume"
	Function string // "startCreateVolumeRollback"
	Params   []string
}

// RollbackSentinel is the name of the recovery down to which a step that has
// succeeded replaces its recoveries.
const RollbackSentinel = "rollback sentinel"

// New returns the record of a task that begins.
func New(id, name, tag, store string) *Record {
	return &Record{
		ID: id, Name: name, Tag: tag, Store: store,
		RecoveryPolicy: "auto", PersistPolicy: "auto", CleanPolicy: "manual", Priority: "low",
		State: Init, Result: Result{Message: "Task is initializing"},
	}
}

// CheckID is an error for an id that cannot be the name of a folder.
func CheckID(id string) error {
	if id == "" || len(id) > 200 || strings.ContainsAny(id, "./\x00\n=") {
		return api.ErrInvalidParameterException.OfText("taskID=" + id)
	}
	return nil
}

// Check is an error when parameters cannot be written: the separator is a comma.
func (r *Recovery) Check() error {
	for _, name := range []string{r.Module, r.Object, r.Function} {
		if name == "" || strings.ContainsFunc(name, notInName) {
			return fmt.Errorf("recovery %q: %q is no name", r.Name, name)
		}
	}
	for _, p := range r.Params {
		if strings.ContainsAny(p, ",\n") || strings.Contains(p, equals) || strings.TrimSpace(p) != p {
			return fmt.Errorf("recovery %q: parameter %q cannot be written", r.Name, p)
		}
	}
	if r.Name == "" || strings.Contains(r.Name, "\n") {
		return fmt.Errorf("recovery %q has no name", r.Name)
	}
	return nil
}

func notInName(c rune) bool {
	return c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
}

// equals stands for = in names and values.
const equals = "_eq_"

// file is one file of a task: fields in their order.
type file struct{ lines []string }

// add appends a field. What cannot be written is left out, as the original does:
// a value that has the stand-in already, or an end of line.
func (f *file) add(name, value string) {
	if strings.Contains(value, equals) || strings.Contains(value, "\n") {
		return
	}
	f.lines = append(f.lines, name+" = "+strings.ReplaceAll(value, "=", equals)+"\n")
}

func (f *file) bytes() []byte { return []byte(strings.Join(f.lines, "")) }

// Files returns the task's files by name, as they lie in its folder.
func (r *Record) Files() map[string][]byte {
	var t file
	t.add("id", r.ID)
	t.add("name", r.Name)
	t.add("tag", r.Tag)
	t.add("store", r.Store)
	t.add("recoveryPolicy", r.RecoveryPolicy)
	t.add("persistPolicy", r.PersistPolicy)
	t.add("cleanPolicy", r.CleanPolicy)
	t.add("priority", r.Priority)
	t.add("state", string(r.State))
	t.add("njobs", strconv.Itoa(len(r.Jobs)))
	t.add("nrecoveries", strconv.Itoa(len(r.Recoveries)))
	t.add("metadataVersion", "1")
	files := map[string][]byte{r.ID + ".task": t.bytes()}
	for i, j := range r.Jobs {
		var f file
		f.add("name", j.Name)
		f.add("runcmd", j.Run)
		files[numbered(r.ID, "job", i)] = f.bytes()
	}
	for i, c := range r.Recoveries {
		var f file
		f.add("name", c.Name)
		f.add("moduleName", c.Module)
		f.add("object", c.Object)
		f.add("function", c.Function)
		f.add("params", strings.Join(c.Params, ","))
		files[numbered(r.ID, "recover", i)] = f.bytes()
	}
	if r.State == Finished {
		var f file
		f.add("code", strconv.Itoa(r.Result.Code))
		f.add("message", r.Result.Message)
		f.add("result", r.Result.Value)
		files[r.ID+".result"] = f.bytes()
	}
	return files
}

func numbered(id, kind string, n int) string { return fmt.Sprintf("%s.%s.%d", id, kind, n) }

// fields reads a file. Lines that are none, and fields that repeat, are left
// out or overwritten: whoever wrote them knew more, or less, than we do.
func fields(text []byte) map[string]string {
	f := make(map[string]string)
	for line := range strings.Lines(string(text)) {
		parts := strings.Split(line, "=")
		if len(parts) != 2 {
			continue
		}
		name, value := strings.TrimSpace(parts[0]), strings.TrimSpace(parts[1])
		f[strings.ReplaceAll(name, equals, "=")] = strings.ReplaceAll(value, equals, "=")
	}
	return f
}

// mostParts bounds the jobs, and the recoveries, of a task that is read.
const mostParts = 10_000

// Parse reads the task id from its files; read returns one of them by its name.
func Parse(id string, read func(name string) ([]byte, error)) (*Record, error) {
	text, err := read(id + ".task")
	if err != nil {
		return nil, err
	}
	f := fields(text)
	if f["id"] != id {
		return nil, api.ErrTaskMetaDataLoad.OfText(fmt.Sprintf("task %s: its file is of task %q", id, f["id"]))
	}
	r := &Record{
		ID: id, Name: f["name"], Tag: f["tag"], Store: f["store"],
		RecoveryPolicy: f["recoveryPolicy"], PersistPolicy: f["persistPolicy"],
		CleanPolicy: f["cleanPolicy"], Priority: f["priority"], State: ParseState(f["state"]),
	}
	jobs, err := count(id, f, "njobs")
	if err != nil {
		return nil, err
	}
	recoveries, err := count(id, f, "nrecoveries")
	if err != nil {
		return nil, err
	}
	for i := range jobs {
		if text, err = read(numbered(id, "job", i)); err != nil {
			return nil, err
		}
		f := fields(text)
		r.Jobs = append(r.Jobs, Job{f["name"], f["runcmd"]})
	}
	for i := range recoveries {
		if text, err = read(numbered(id, "recover", i)); err != nil {
			return nil, err
		}
		r.Recoveries = append(r.Recoveries, recovery(fields(text)))
	}
	if r.State == Finished {
		if text, err = read(id + ".result"); err != nil {
			return nil, err
		}
		f := fields(text)
		r.Result = Result{Message: f["message"], Value: f["result"]}
		r.Result.Code, _ = strconv.Atoi(f["code"]) // it has finished, so it is 0
	}
	return r, nil
}

func recovery(f map[string]string) Recovery {
	c := Recovery{Name: f["name"], Module: f["moduleName"], Object: f["object"], Function: f["function"]}
	if f["params"] != "" {
		for p := range strings.SplitSeq(f["params"], ",") {
			c.Params = append(c.Params, strings.TrimSpace(p))
		}
	}
	return c
}

func count(id string, f map[string]string, name string) (int, error) {
	n, err := strconv.Atoi(f[name])
	if err != nil || n < 0 || n > mostParts {
		return 0, api.ErrTaskMetaDataLoad.OfText(fmt.Sprintf("task %s: %s is %q", id, name, f[name]))
	}
	return n, nil
}

// Status is the record as Task.getStatus tells it.
func (r *Record) Status() api.TaskStatus {
	state, result := r.State.Report()
	return api.TaskStatus{
		TaskID: api.UUID(r.ID), TaskState: state, TaskResult: result,
		Code: int64(r.Result.Code), Message: r.Result.Message,
	}
}

// Info is the record as Task.getInfo tells it.
func (r *Record) Info() api.TaskInfo { return api.TaskInfo{ID: api.UUID(r.ID), Verb: r.Name} }
