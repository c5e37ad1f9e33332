// SPDX-License-Identifier: GPL-2.0-or-later

package rpc_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// record is one line of a capture: bytes that went to the original or came
// from it, the end of the connection, or a note.
type record struct {
	Dir   string // "c2s" or "s2c"
	Data  string
	EOF   bool
	Error string
	Note  string
	Conn  int // 0 and 1 are the first connection
}

func (r *record) closes() bool { return r.EOF || r.Error != "" }

// step is what a client sends at one time and what comes of it.
type step struct {
	note string
	conn int
	send []string
	want []record // s2c
}

func captureNames(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/captures/raw-*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("captures: %v, %v", paths, err)
	}
	names := make([]string, len(paths))
	for i, p := range paths {
		names[i] = strings.TrimSuffix(strings.TrimPrefix(filepath.Base(p), "raw-"), ".json")
	}
	return names
}

func loadRecords(t *testing.T, name string) []record {
	t.Helper()
	raw, err := os.ReadFile("testdata/captures/raw-" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var c struct{ Records []record }
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	return c.Records
}

// loadSteps cuts a capture into steps: a new one begins with a note, another
// connection, or what is sent after something was received.
func loadSteps(t *testing.T, name string) []step {
	t.Helper()
	var steps []step
	note := ""
	fresh := true
	for _, r := range loadRecords(t, name) {
		if r.Note != "" {
			note, fresh = r.Note, true
			continue
		}
		conn := max(r.Conn, 1)
		last := len(steps) - 1
		if last >= 0 && (steps[last].conn != conn || r.Dir == "c2s" && len(steps[last].want) > 0) {
			fresh = true
		}
		if fresh || last < 0 {
			steps = append(steps, step{note: note, conn: conn})
			note, fresh = "", false
			last = len(steps) - 1
		}
		if r.Dir == "c2s" {
			steps[last].send = append(steps[last].send, r.Data)
		} else {
			steps[last].want = append(steps[last].want, r)
		}
	}
	return steps
}
