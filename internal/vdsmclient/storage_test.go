// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// viewed is what a view of storage shows, without blanks at the ends of lines.
func viewed(t *testing.T, format, verb, result string, params map[string]any, more ask) string {
	t.Helper()
	var b bytes.Buffer
	s := &settings{output: format}
	if err := s.print(t.Context(), &b, verb, params, json.RawMessage(result), more); err != nil {
		t.Fatal(err)
	}
	var lines strings.Builder
	for line := range strings.Lines(b.String()) {
		lines.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return lines.String()
}

func TestJobsView(t *testing.T) {
	t.Parallel()
	got := viewed(t, "table", "Host.getJobs", `{
		"a": {"id": "a", "status": "done", "description": "copy_data", "job_type": "storage", "progress": 100.0},
		"b": {"id": "b", "status": "failed", "description": "merge_subchain", "job_type": "storage", "error": {"code": 911, "message": "no\nmatch"}},
		"c": {"id": "c", "status": "running", "description": "copy_data", "job_type": "storage", "progress": 42}}`, nil, nil)
	want := `JOB  TYPE     DESCRIPTION     STATUS   PROGRESS                      ERROR
c    storage  copy_data       running  [████████░░░░░░░░░░░░]  42 %  -
a    storage  copy_data       done     [████████████████████] 100 %  -
b    storage  merge_subchain  failed   -                             911: no match
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTasksView(t *testing.T) {
	t.Parallel()
	more := func(_ context.Context, verb string, _ map[string]any) (json.RawMessage, error) {
		if verb != "Host.getAllTasksInfo" {
			t.Error(verb)
		}
		return json.RawMessage(`{"b": {"id": "b", "verb": "moveImage_x"}}`), nil
	}
	got := viewed(t, "table", "Host.getAllTasksStatuses", `{
		"a": {"taskID": "a", "taskState": "finished", "taskResult": "success", "code": 0, "message": "1 jobs completed successfully"},
		"b": {"taskID": "b", "taskState": "running", "taskResult": "", "code": 0, "message": "running job 2 of 2"}}`, nil, more)
	want := `TASK  VERB         STATE     PROGRESS                      RESULT   CODE  MESSAGE
a     -            finished  [████████████████████] 100 %  success  0     1 jobs completed successfully
b     moveImage_x  running   [██████████░░░░░░░░░░]  50 %  -        0     running job 2 of 2
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDomainsView(t *testing.T) {
	t.Parallel()
	more := func(_ context.Context, verb string, params map[string]any) (json.RawMessage, error) {
		switch {
		case params["storagedomainID"] == "b":
			return nil, errors.New("Storage domain does not exist: ('b',)")
		case verb == "StorageDomain.getStats":
			return json.RawMessage(`{"disktotal": "1099511627776", "diskfree": "274877906944", "mdavalid": true}`), nil
		}
		return json.RawMessage(`{"uuid": "a", "type": "NFS", "class": "Data", "name": "one", "role": "Master", "pool": ["p"], "version": "5"}`), nil
	}
	got := viewed(t, "table", "Host.getStorageDomains", `["a", "b"]`, nil, more)
	want := `ID  NAME                                   TYPE  CLASS  ROLE    VERSION  SIZE     FREE       USED                          POOL
a   one                                    NFS   Data   Master  5        1.0 TiB  256.0 GiB  [███████████████░░░░░]  75 %  p
b   Storage domain does not exist: ('b',)  -     -      -       -        -        -          -                             -
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestVolumesView(t *testing.T) {
	t.Parallel()
	parents := map[string]string{"base": noParent, "mid": "base", "leaf": "mid", "other": "base", "loop": "pool", "pool": "loop"}
	more := func(_ context.Context, verb string, params map[string]any) (json.RawMessage, error) {
		id, _ := params["volumeID"].(string)
		if verb != "Volume.getInfo" || params["imageID"] != "i" || params["storagedomainID"] != "d" {
			t.Errorf("%s %v", verb, params)
		}
		if id == "gone" {
			return nil, errors.New("Volume does not exist: ('gone',)")
		}
		return fmt.Appendf(nil, `{"uuid": %q, "parent": %q, "format": "COW", "type": "SPARSE", "voltype": "LEAF",
			"legality": "LEGAL", "capacity": "1073741824", "truesize": "200704", "generation": 1, "description": ""}`, id, parents[id]), nil
	}
	params := map[string]any{"imageID": "i", "storagedomainID": "d", "storagepoolID": "p"}
	got := viewed(t, "tree", "Image.getVolumes", `["base", "gone", "leaf", "loop", "mid", "other", "pool"]`, params, more)
	rest := "LEAF  COW     SPARSE      LEGAL     1.0 GiB   196.0 KiB  1           -\n"
	want := "VOLUME      ROLE  FORMAT  ALLOCATION  LEGALITY  CAPACITY  ALLOCATED  GENERATION  DESCRIPTION\n" +
		"base        " + rest +
		"├─ mid      " + rest +
		"│  └─ leaf  " + rest +
		"└─ other    " + rest +
		"gone        -     -       -           -         -         -          -           Volume does not exist: ('gone',)\n" +
		"loop        " + rest +
		"└─ pool     " + rest
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = viewed(t, "table", "StorageDomain.getVolumes", `["leaf", "base"]`, params, more)
	if lines := strings.Split(got, "\n"); len(lines) != 4 || !strings.HasPrefix(lines[1], "leaf ") || !strings.HasPrefix(lines[2], "base ") {
		t.Error(got)
	}
}

func TestStorageViewsRefuseNonsense(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"Host.getJobs", "Host.getAllTasksStatuses", "Host.getStorageDomains", "Image.getVolumes"} {
		err := (&settings{output: "table"}).print(t.Context(), new(bytes.Buffer), verb, nil, json.RawMessage(`7`), nil)
		if err == nil || !strings.Contains(err.Error(), "not understood") {
			t.Errorf("%s: %v", verb, err)
		}
	}
}
