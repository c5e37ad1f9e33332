// SPDX-License-Identifier: GPL-2.0-or-later

package stomp

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestAppend(t *testing.T) {
	t.Parallel()
	withBody := New(CmdSend, HdrDestination, "q")
	withBody.Body = []byte("hello")
	inPlace := New(CmdMessage, HdrContentLength, "999", HdrDestination, "q")
	inPlace.Body = []byte("hello")
	for name, tc := range map[string]struct {
		frame *Frame
		want  string
	}{
		"no body":                    {New(CmdConnected, HdrVersion, "1.2"), "CONNECTED\nversion:1.2\n\n\x00"},
		"length is last":             {withBody, "SEND\ndestination:q\ncontent-length:5\n\nhello\x00"},
		"length in place and true":   {inPlace, "MESSAGE\ncontent-length:5\ndestination:q\n\nhello\x00"},
		"escapes in key and value":   {New(CmdSend, "a:b", "c\\\r\n:d"), "SEND\na\\cb:c\\\\\\r\\n\\cd\n\n\x00"},
		"escapes in CONNECTED too":   {New(CmdConnected, "server", "a:b"), "CONNECTED\nserver:a\\cb\n\n\x00"},
		"headers in insertion order": {New(CmdSend, "b", "1", "a", "2"), "SEND\nb:1\na:2\n\n\x00"},
	} {
		if got := string(Append(nil, tc.frame)); got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}

func TestReadFrame(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("v", 6000)
	for name, tc := range map[string]struct {
		in   string
		want []*Frame
		err  error
	}{
		"plain":               {"SEND\na:1\n\nbody\x00", []*Frame{{CmdSend, []Header{{"a", "1"}}, []byte("body")}}, io.EOF},
		"two and heart-beats": {"\n\r\nA\n\n\x00\n\nB\n\n\x00\n", []*Frame{{Command: "A"}, {Command: "B"}}, io.EOF},
		"CR LF":               {"SEND\r\na:1\r\n\r\n\x00", []*Frame{{CmdSend, []Header{{"a", "1"}}, nil}}, io.EOF},
		"NUL inside the body": {"SEND\ncontent-length:3\n\na\x00b\x00", []*Frame{{CmdSend, []Header{{HdrContentLength, "3"}}, []byte("a\x00b")}}, io.EOF},
		"first header wins":   {"SEND\na:1\na:2\n\n\x00", []*Frame{{CmdSend, []Header{{"a", "1"}}, nil}}, io.EOF},
		"raw colon":           {"SEND\nhost:fe80::1\n\n\x00", []*Frame{{CmdSend, []Header{{"host", "fe80::1"}}, nil}}, io.EOF},
		"escapes":             {"SEND\na\\cb:\\\\\\r\\n\n\n\x00", []*Frame{{CmdSend, []Header{{"a:b", "\\\r\n"}}, nil}}, io.EOF},
		"long header":         {"SEND\na:" + long + "\n\n\x00", []*Frame{{CmdSend, []Header{{"a", long}}, nil}}, io.EOF},
		"nothing":             {"", nil, io.EOF},
		"only heart-beats":    {"\n\n", nil, io.EOF},
		"cut in command":      {"SEN", nil, io.ErrUnexpectedEOF},
		"cut in headers":      {"SEND\na:1\n", nil, io.ErrUnexpectedEOF},
		"cut in counted body": {"SEND\ncontent-length:5\n\nab", nil, io.ErrUnexpectedEOF},
		"cut before NUL":      {"SEND\ncontent-length:2\n\nab", nil, io.ErrUnexpectedEOF},
		"cut in open body":    {"SEND\n\nab", nil, io.ErrUnexpectedEOF},
		"body too long":       {"SEND\ncontent-length:2\n\nabcdef\x00", nil, ErrMalformed},
		"no colon":            {"SEND\nnocolon\n\n\x00", nil, ErrMalformed},
		"empty key":           {"SEND\n:v\n\n\x00", nil, ErrMalformed},
		"unknown escape":      {"SEND\na:\\t\n\n\x00", nil, ErrMalformed},
		"escape at the end":   {"SEND\na:\\\n\n\x00", nil, ErrMalformed},
		"header not UTF-8":    {"SEND\na:\xff\n\n\x00", nil, ErrMalformed},
		"command not UTF-8":   {"\xff\n\n\x00", nil, ErrMalformed},
		"length not a number": {"SEND\ncontent-length:x\n\n\x00", nil, ErrMalformed},
		"negative length":     {"SEND\ncontent-length:-1\n\n\x00", nil, ErrMalformed},
		"huge length":         {"SEND\ncontent-length:99999999999999\n\n", nil, ErrTooLarge},
		"length over 63 bits": {"SEND\ncontent-length:99999999999999999999\n\n", nil, ErrMalformed},
		"long line":           {"SEND\na:" + strings.Repeat("v", 9000), nil, ErrTooLarge},
		"long command":        {strings.Repeat("A", 9000), nil, ErrTooLarge},
		"many headers":        {"SEND\n" + strings.Repeat("a:1\n", 65) + "\n\x00", nil, ErrTooLarge},
		"open body too large": {"SEND\n\n" + strings.Repeat("b", 10_001) + "\x00", nil, ErrTooLarge},
	} {
		for how, wrap := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "byte by byte": iotest.OneByteReader,
		} {
			r := NewReader(wrap(strings.NewReader(tc.in)), Limits{Body: 10_000})
			var got []*Frame
			f, err := r.ReadFrame()
			for ; err == nil; f, err = r.ReadFrame() {
				got = append(got, f)
			}
			if !errors.Is(err, tc.err) {
				t.Errorf("%s, %s: error %v, want %v", name, how, err, tc.err)
			}
			if d := cmp.Diff(tc.want, got, cmpopts.EquateEmpty()); d != "" {
				t.Errorf("%s, %s: (-want +got)\n%s", name, how, d)
			}
		}
	}
}

// An announced body costs no more memory than has arrived of it.
func TestAnnouncedBodyIsNotAllocated(t *testing.T) {
	in := "SEND\ncontent-length:67108864\n\nab"
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := NewReader(strings.NewReader(in), Limits{}).ReadFrame()
	runtime.ReadMemStats(&after)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("error %v", err)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 {
		t.Errorf("%d bytes allocated for a body of 2", grown)
	}
}

func TestLargeBodyArrivesWhole(t *testing.T) {
	t.Parallel()
	want := New(CmdSend, HdrDestination, "q")
	want.Body = bytes.Repeat([]byte("0123456789\x00"), 1<<18)
	got, err := NewReader(bytes.NewReader(Append(nil, want)), Limits{}).ReadFrame()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Body, want.Body) {
		t.Error("body differs")
	}
}

func FuzzFrame(f *testing.F) {
	f.Add([]byte("CONNECT\naccept-version:1.2\nheart-beat:0,0\n\n\x00"))
	f.Add([]byte("SEND\r\na\\cb:c\r\ncontent-length:3\r\n\r\na\x00b\x00\n\n"))
	f.Add([]byte("0\n\n0\x00"))
	f.Add([]byte("SEND\ncontent-length:99\n\nabc\x00"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r := NewReader(bytes.NewReader(in), Limits{Line: 256, Headers: 8, Body: 1024})
		for {
			frame, err := r.ReadFrame()
			if err != nil {
				return
			}
			again, err := NewReader(bytes.NewReader(Append(nil, frame)), Limits{Line: 2048}).ReadFrame()
			if err != nil {
				t.Fatalf("own encoding of %q is refused: %v", frame, err)
			}
			// The length is the one member that encoding corrects or adds.
			for _, f := range []*Frame{frame, again} {
				f.Headers = slices.DeleteFunc(f.Headers, func(h Header) bool { return h.Key == HdrContentLength })
			}
			if d := cmp.Diff(frame, again, cmpopts.EquateEmpty()); d != "" {
				t.Fatalf("(-read +read again)\n%s", d)
			}
		}
	})
}
