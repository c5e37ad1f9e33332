// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"govdsm/internal/atomicfile"
)

// The journal is a file of JSON lines. It is there from before the first step
// of a change until the change is kept or undone:
//
//	{"journal":1,"boot":"…","flow":"…","time":"…","note":…,"steps":2}
//	{"step":"create-link","what":"create bridge blue","data":{…}}
//	{"step":"set-up","what":"set blue up","data":{…}}
//	{"begun":2}
//
// The plan is written at once and is on disk before anything happens. Lines
// "begun" are added before the steps up to that number are begun; the last one
// counts. They need not be on disk: what the kernel has does not outlive a
// crash of the machine either. "boot" tells the two cases apart.

const journalVersion = 1

// header is the first line.
type header struct {
	Version int             `json:"journal"`
	Boot    string          `json:"boot"`
	Flow    string          `json:"flow,omitzero"`
	Time    time.Time       `json:"time"`
	Note    json.RawMessage `json:"note,omitzero"`
	Steps   int             `json:"steps"`
}

type progress struct {
	Begun int `json:"begun"`
}

// journal is the file while a change is under way.
type journal struct {
	path  string
	file  *os.File
	begun int
	steps int
}

// ahead is how many steps one line announces, so that a change of thousands
// does not write thousands of lines.
const ahead = 16

// openJournal writes the plan.
func openJournal(path string, h header, steps []Step) (*journal, error) {
	h.Version, h.Steps = journalVersion, len(steps)
	var b bytes.Buffer
	lines := json.NewEncoder(&b)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(h); err != nil {
		return nil, err
	}
	for _, s := range steps {
		e, err := encode(s)
		if err == nil {
			err = lines.Encode(e)
		}
		if err != nil {
			return nil, fmt.Errorf("journal: %q: %w", s, err)
		}
	}
	if err := atomicfile.Own(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if err := atomicfile.Write(path, b.Bytes(), 0o600); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("journal: %w", err), os.Remove(path))
	}
	return &journal{path: path, file: f, steps: len(steps)}, nil
}

// begin announces a step, counted from 0.
func (j *journal) begin(step int) error {
	if step < j.begun {
		return nil
	}
	begun := min(step+ahead, j.steps)
	line, err := json.Marshal(progress{begun})
	if err != nil {
		return err
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	j.begun = begun
	return nil
}

// remove ends the change, for good when it returns nil.
func (j *journal) remove() error {
	return errors.Join(j.file.Close(), removeJournal(j.path))
}

func removeJournal(path string) error {
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

// found is a journal that another process left.
type found struct {
	header
	begun []Step
	all   []Step
}

// readJournal returns nil when there is none. It names files that root writes:
// one that others can have written is fs.ErrPermission.
func readJournal(path string) (*found, error) {
	b, err := atomicfile.ReadOwn(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	lines := bufio.NewReader(bytes.NewReader(b))
	next := func(into any) error {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return err
		}
		return json.Unmarshal(line, into)
	}
	j := &found{}
	if err := next(&j.header); err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	if j.Version != journalVersion {
		return nil, fmt.Errorf("journal %s: version %d is unknown", path, j.Version)
	}
	var steps []Step
	for range j.Steps {
		var e entry
		if err := next(&e); err != nil {
			return nil, fmt.Errorf("journal %s: %w", path, err)
		}
		s, err := decode(e)
		if err != nil {
			return nil, fmt.Errorf("journal %s: %w", path, err)
		}
		steps = append(steps, s)
	}
	j.all = steps
	for {
		var p progress
		if err := next(&p); err != nil {
			break // the end, or a line that was cut off: its steps were not begun
		}
		j.begun = steps[:max(0, min(p.Begun, len(steps)))]
	}
	return j, nil
}

// bootID names the time from the machine's start to its end.
func bootID(root string) (string, error) {
	b, err := os.ReadFile(filepath.Join(root, "/proc/sys/kernel/random/boot_id"))
	return strings.TrimSpace(string(b)), err
}
