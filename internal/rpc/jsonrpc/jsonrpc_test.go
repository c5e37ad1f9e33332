// SPDX-License-Identifier: GPL-2.0-or-later

package jsonrpc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/rpc/stomp"
	"govdsm/internal/work"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// published is a message that went out.
type published struct{ destination, body string }

// newServer returns a server that is ready, with what it publishes. Verbs are
// inline, so that Handle returns when all is answered.
func newServer(t testing.TB, log *slog.Logger) (*Server, *[]published) {
	t.Helper()
	var out []published
	table := dispatch.NewTable(dispatch.Checker{})
	dispatch.Bind(table, api.HostPing, func(context.Context, *api.NoParams) (api.Nothing, error) {
		return api.Nothing{}, nil
	}, dispatch.Inline())
	dispatch.Bind(table, api.HostEcho, func(_ context.Context, p *api.HostEchoParams) (string, error) {
		return p.Message, nil
	}, dispatch.Inline())
	s := New(Options{
		Table: table, Executor: work.New(work.Options{Log: log}), Log: log,
		Publish: func(destination string, body []byte) { out = append(out, published{destination, string(body)}) },
	})
	s.SetReady(true)
	return s, &out
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestReplyDestination(t *testing.T) {
	t.Parallel()
	const ping = `{"jsonrpc":"2.0","method":"Host.ping","id":1}`
	const pong = `{"jsonrpc": "2.0", "id": 1, "result": true}`
	const fault = `{"jsonrpc": "2.0", "id": null, "error": {"code": -32603, "message": "Internal JSON-RPC error"}}`
	for name, tc := range map[string]struct {
		replyTo, body string
		want          []published
	}{
		"reply-to":               {"q", ping, []published{{"q", pong}}},
		"no reply-to":            {"", ping, nil},
		"fault with reply-to":    {"q", "5", []published{{"q", fault}}},
		"fault without reply-to": {"", "5", []published{{"jms.topic.vdsm_responses", fault}}},
		"array of one":           {"q", "[" + ping + "]", []published{{"q", pong}}},
		"array of two":           {"q", "[" + ping + "," + ping + "]", []published{{"q", "[" + pong + ", " + pong + "]"}}},
		"notification":           {"q", `{"jsonrpc":"2.0","method":"Host.ping"}`, nil},
		"two notifications":      {"q", `[{"jsonrpc":"2.0","method":"Host.ping"},{"jsonrpc":"2.0","method":"Host.ping"}]`, nil},
	} {
		s, got := newServer(t, quiet())
		s.Handle(t.Context(), stomp.Request{Body: []byte(tc.body), ReplyTo: tc.replyTo})
		if d := cmp.Diff(tc.want, *got, cmp.AllowUnexported(published{})); d != "" {
			t.Errorf("%s: (-want +got)\n%s", name, d)
		}
	}
}

func TestNotReady(t *testing.T) {
	t.Parallel()
	s, got := newServer(t, quiet())
	s.SetReady(false)
	for _, body := range []string{
		`{"jsonrpc":"2.0","method":"Host.nope","id":"a"}`,
		`{"jsonrpc":"2.0","method":"Host.ping"}`,
	} {
		s.Handle(t.Context(), stomp.Request{Body: []byte(body), ReplyTo: "q"})
	}
	want := []published{{"q", `{"jsonrpc": "2.0", "id": "a", "error": {"code": 99, "message": "Recovering from crash or Initializing"}}`}}
	if d := cmp.Diff(want, *got, cmp.AllowUnexported(published{})); d != "" {
		t.Error(d)
	}
}

func TestResults(t *testing.T) {
	t.Parallel()
	var none *api.Status
	for _, tc := range []struct {
		result any
		want   string
	}{
		{api.Nothing{}, "true"},
		{nil, "true"},
		{none, "true"},
		{[]string(nil), "[]"},
		{map[string]int(nil), "{}"},
		{"a:b\né€😀<&>\x01\x7f", `"a:b\n\u00e9\u20ac\ud83d\ude00<&>\u0001\u007f"`},
		{map[string]string{"é": "<a href='x'>é</a>"}, `{"\u00e9":"<a href='x'>\u00e9</a>"}`},
		{json.RawMessage(`{"a": "é"}`), `{"a":"\u00e9"}`},
		{api.Float(2), "2.0"},
		{false, "false"},
	} {
		got, err := appendResult(nil, json.RawMessage("7"), tc.result)
		if want := `{"jsonrpc": "2.0", "id": 7, "result": ` + tc.want + "}"; string(got) != want || err != nil {
			t.Errorf("%#v: got %s, %v; want %s", tc.result, got, err, want)
		}
	}
	if got, err := appendResult([]byte("x"), json.RawMessage("7"), math.NaN()); err == nil || string(got) != "x" {
		t.Errorf("NaN: %s, %v", got, err)
	}
}

func TestPythonNotation(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"b": 1, "a": [true, null, 2.5, "x"], "b": {"c": {}}}`: `{'b': {'c': {}}, 'a': [True, None, 2.5, 'x']}`,
		`"it's"`:       `"it's"`,
		`123456789012`: `123456789012`,
		`[]`:           `[]`,
	} {
		if got := api.Repr(asPython([]byte(in))); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestSecretsAreMasked(t *testing.T) {
	t.Parallel()
	got := masked(`{"a": [{"password": "s1", "b": {"_X_key": {"x": "s2"}, "n": 12345678901234567890}}], "user": "u"}`).LogValue().String()
	want := `{"a":[{"b":{"_X_key":"********","n":12345678901234567890},"password":"********"}],"user":"u"}`
	if got != want {
		t.Errorf("got %s", got)
	}
	if got := masked(`["` + strings.Repeat("x", 10_000) + `"]`).LogValue().String(); len(got) > maxLogged+3 {
		t.Errorf("%d bytes in a log line", len(got))
	}
}

// Every call that matters has one line, with who, what, how it ended, and for
// how long it waited and worked. Reads that succeed are quiet.
func TestLogLines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s, _ := newServer(t, slog.New(flowHandler{slog.NewTextHandler(&log, &slog.HandlerOptions{
			ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey {
					return slog.Attr{}
				}
				return a
			},
		})}))
		dispatch.Bind(s.options.Table, api.VMPause, func(context.Context, *api.VMPauseParams) (r api.VMListResult, err error) {
			time.Sleep(90 * time.Millisecond)
			return r, nil
		})
		dispatch.Bind(s.options.Table, api.HostGetVMList, func(context.Context, *api.HostGetVMListParams) (r []api.VmInfo, err error) {
			time.Sleep(2 * time.Second)
			return r, nil
		})
		dispatch.Bind(s.options.Table, api.VMCont, func(context.Context, *api.VMContParams) (r api.VMListResult, err error) {
			return r, fmt.Errorf("cont: %w", api.ErrNoSuchVM.With("vmId", "v").Caused(errors.New("domain not found")))
		})
		for _, body := range []string{
			`{"jsonrpc":"2.0","method":"Host.ping","id":1}`,
			`{"jsonrpc":"2.0","method":"VM.pause","id":1,"params":{"vmID":"v"}}`,
			`{"jsonrpc":"2.0","method":"Host.getVMList","id":1}`,
			`{"jsonrpc":"2.0","method":"VM.cont","id":1,"params":{"vmID":"v"}}`,
		} {
			s.Handle(t.Context(), stomp.Request{Body: []byte(body), FlowID: "f1"})
			if err := waitIdle(s.options.Executor); err != nil {
				t.Fatal(err)
			}
		}
		want := `level=INFO msg=call outcome=done wait=0s work=90ms flow=f1 verb=VM.pause
level=WARN msg=call outcome=done wait=0s work=2s flow=f1 verb=Host.getVMList
level=INFO msg=call outcome=failed wait=0s work=0s code=1 error="cont: Virtual machine does not exist: {'vmId': 'v'}" flow=f1 verb=VM.cont
`
		if d := cmp.Diff(want, log.String()); d != "" {
			t.Error(d)
		}
	})
}

// flowHandler adds what the daemon's log adds.
type flowHandler struct{ slog.Handler }

func (h flowHandler) Handle(ctx context.Context, r slog.Record) error {
	o := dispatch.OriginOf(ctx)
	r.AddAttrs(slog.String("flow", o.FlowID), slog.String("verb", o.Verb))
	return h.Handler.Handle(ctx, r)
}

func waitIdle(e *work.Executor) error {
	for range 10_000 {
		if s := e.Stats(); s.Running+s.Waiting == 0 {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return errors.New("executor does not become idle")
}

func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		`{"jsonrpc":"2.0","method":"Host.echo","id":"1","params":{"message":"a\u00e9"}}`,
		`[{"jsonrpc":"2.0","method":"Host.ping"},{"jsonrpc":"2.0","method":"Host.ping","id":null,"params":[]}]`,
		` [ { "jsonrpc" : "2.0" , "method" : "Host.nope" , "id" : [ 1 , { } ] } ] `,
		`{"jsonrpc":"1.0","a":{"b":[1.5,-0,1e400,"'\"\\"]}}`, `[]`, `5`, `{`, `"\ud800"`, "\"\xff\"",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s, got := newServer(t, quiet())
		s.Handle(t.Context(), stomp.Request{Body: bytes.Clone(body), ReplyTo: "q"})
		if len(*got) > 1 {
			t.Fatalf("%d answers", len(*got))
		}
		for _, p := range *got {
			if !json.Valid([]byte(p.body)) {
				t.Fatalf("answer is not JSON: %q", p.body)
			}
			if strings.ContainsFunc(p.body, func(r rune) bool { return r > 0x7f }) {
				t.Fatalf("answer is not ASCII: %q", p.body)
			}
		}
		var one map[string]json.RawMessage
		if json.Unmarshal(body, &one) == nil && string(one["id"]) != "null" && one["id"] != nil && len(*got) == 0 {
			t.Fatal("a call with an id has no answer")
		}
	})
}
