// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmclient

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govdsm/internal/rpc/stomp"
)

// recording is a run of the original's vdsm-client: how it was called, what it
// printed, and what went over the wire.
type recording struct {
	Argv     []string `json:"argv"`
	Stdin    string   `json:"stdin"`
	ExitCode int      `json:"exit_code"`
	Stdout   string   `json:"stdout"`
	Stderr   string   `json:"stderr"`
	Records  []struct {
		Dir  string `json:"dir"`
		Data string `json:"data"`
	} `json:"records"`
}

func (r recording) frames(t *testing.T, dir string) []*stomp.Frame {
	t.Helper()
	var all strings.Builder
	for _, rec := range r.Records {
		if rec.Dir == dir {
			all.WriteString(rec.Data)
		}
	}
	reader := stomp.NewReader(strings.NewReader(all.String()), stomp.Limits{})
	var frames []*stomp.Frame
	for {
		f, err := reader.ReadFrame()
		if err != nil {
			return frames
		}
		frames = append(frames, f)
	}
}

// TestReplay runs our vdsm-client with the recorded arguments against a server
// that answers as recorded. What it sends and prints must be what the
// original's did, but for ids.
func TestReplay(t *testing.T) {
	files, err := filepath.Glob("testdata/cli-*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var r recording
			if err := json.Unmarshal(text, &r); err != nil {
				t.Fatal(err)
			}
			host := startRecorded(t, r.frames(t, "s2c"))
			args := append([]string{"-a", "127.0.0.1", "-p", strconv.Itoa(host.port)}, r.Argv[1:]...)
			var stdout, stderr bytes.Buffer
			code := Main(t.Context(), args, strings.NewReader(r.Stdin), &stdout, &stderr)
			if code != r.ExitCode {
				t.Errorf("exit code %d, want %d", code, r.ExitCode)
			}
			if d := cmp.Diff(sorted(t, r.Stdout), stdout.String()); d != "" {
				t.Errorf("standard output (-original +ours)\n%s", d)
			}
			if d := cmp.Diff(complaint(r.Stderr), complaint(stderr.String())); d != "" {
				t.Errorf("standard error (-original +ours)\n%s", d)
			}
			if d := cmp.Diff(anonymous(t, r.frames(t, "c2s")), anonymous(t, host.stop())); d != "" {
				t.Errorf("frames sent (-original +ours)\n%s", d)
			}
		})
	}
}

// sorted puts the members of recorded output into order: names of the recording
// host were replaced in it afterwards.
func sorted(t *testing.T, output string) string {
	t.Helper()
	var v any
	if json.Unmarshal([]byte(output), &v) != nil {
		return output // not JSON
	}
	dec := json.NewDecoder(strings.NewReader(output))
	dec.UseNumber()
	var b bytes.Buffer
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	if err := printJSON(&b, v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// complaint cuts an error down to what it says: usage lines before it and the
// list of choices after it are laid out by the argument parser.
func complaint(stderr string) string {
	stderr, _, _ = strings.Cut(strings.TrimSpace(stderr), " (choose from")
	if i := strings.LastIndex(stderr, ": error: "); i >= 0 {
		return stderr[i:]
	}
	return stderr
}

// sent is a frame without what differs from run to run.
type sent struct {
	Command string
	Headers map[string]string
	Body    any
}

func anonymous(t *testing.T, frames []*stomp.Frame) []sent {
	t.Helper()
	var all []sent
	for _, f := range frames {
		s := sent{Command: f.Command, Headers: map[string]string{}}
		for _, h := range f.Headers {
			s.Headers[h.Key] = h.Value
		}
		delete(s.Headers, stomp.HdrContentLength) // spaces inside JSON differ
		for _, random := range []string{stomp.HdrID, stomp.HdrReplyTo} {
			if s.Headers[random] != "" {
				s.Headers[random] = "ID"
			}
		}
		switch f.Command {
		case stomp.CmdSubscribe:
			s.Headers[stomp.HdrDestination] = "ID"
		case stomp.CmdSend:
			var calls []map[string]any
			if err := json.Unmarshal(f.Body, &calls); err != nil {
				t.Fatalf("body is not an array of calls: %q", f.Body)
			}
			for _, c := range calls {
				c["id"] = "ID"
			}
			s.Body = calls
		}
		all = append(all, s)
	}
	return all
}

// recordedHost answers one connection with recorded frames.
type recordedHost struct {
	port     int
	listener net.Listener
	got      chan []*stomp.Frame
}

func startRecorded(t *testing.T, answers []*stomp.Frame) *recordedHost {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &recordedHost{port: l.Addr().(*net.TCPAddr).Port, listener: l, got: make(chan []*stomp.Frame, 1)}
	go h.serve(answers)
	return h
}

// stop returns the frames that came in.
func (h *recordedHost) stop() []*stomp.Frame {
	h.listener.Close()
	return <-h.got
}

func (h *recordedHost) serve(answers []*stomp.Frame) {
	var got []*stomp.Frame
	defer func() { h.got <- got }()
	conn, err := h.listener.Accept()
	if err != nil {
		return
	}
	defer conn.Close()
	reader := stomp.NewReader(conn, stomp.Limits{})
	subscription := ""
	for {
		f, err := reader.ReadFrame()
		if err != nil {
			return
		}
		got = append(got, f)
		switch {
		case f.Command == stomp.CmdSubscribe:
			subscription = f.Get(stomp.HdrID)
			continue
		case len(answers) == 0:
			continue
		}
		answer := answers[0]
		answers = answers[1:]
		if answer.Command == stomp.CmdMessage {
			answer = addressed(answer, f, subscription)
		}
		if _, err := conn.Write(stomp.Append(nil, answer)); err != nil {
			return
		}
	}
}

// addressed turns a recorded reply into one to this request.
func addressed(recorded, request *stomp.Frame, subscription string) *stomp.Frame {
	f := stomp.New(stomp.CmdMessage,
		stomp.HdrDestination, request.Get(stomp.HdrReplyTo),
		stomp.HdrContentType, stomp.JSON,
		stomp.HdrSubscription, subscription)
	var calls []struct {
		ID json.RawMessage `json:"id"`
	}
	var reply map[string]json.RawMessage
	if json.Unmarshal(request.Body, &calls) != nil || json.Unmarshal(recorded.Body, &reply) != nil {
		return recorded
	}
	reply["id"] = calls[0].ID
	f.Body, _ = json.Marshal(reply)
	return f
}
