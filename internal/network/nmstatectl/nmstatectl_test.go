// SPDX-License-Identifier: GPL-2.0-or-later

package nmstatectl

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/network/linkapply"
	"govdsm/internal/network/netswitch"
	"govdsm/internal/network/nmstate"
	"govdsm/internal/network/tc"
)

// standIn is nmstatectl as nmstatectl(8) describes it: it writes down how it
// was called, keeps a checkpoint in a file, and fails when told so.
const standIn = `#!/bin/sh
dir=$(dirname "$0")
echo "$@" >>"$dir/calls"
if [ -e "$dir/fail-$1" ]; then cat "$dir/fail-$1" >&2; exit 1; fi
case "$1" in
apply)
	for last; do :; done
	cp "$last" "$dir/document" && touch "$dir/checkpoint"
	if [ -e "$dir/hang" ]; then
		trap 'kill $sleeper; rm "$dir/checkpoint"; exit 130' INT
		touch "$dir/hangs"; sleep 600 & sleeper=$!; wait
	fi
	echo "interfaces: []";;
commit | rollback)
	rm "$dir/checkpoint" 2>/dev/null || { echo "NmstateError: InvalidArgument: no active checkpoint" >&2; exit 1; } ;;
esac
`

type bench struct {
	t       *testing.T
	dir     string
	applier *Applier
	options Options
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, dir: t.TempDir()}
	b.put("nmstatectl", standIn, 0o755)
	b.put("proc/sys/kernel/random/boot_id", "boot-1\n", 0o644)
	b.put("sys/class/net/blue/bridge/priority", "32768\n", 0o644)
	b.options = Options{
		Program: filepath.Join(b.dir, "nmstatectl"), Journal: filepath.Join(b.dir, "state", "journal"), Root: b.dir,
		Open: func(context.Context) (bool, error) { return b.has("checkpoint"), nil },
		Log:  slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	b.applier = New(b.options)
	return b
}

func (b *bench) put(path, text string, mode os.FileMode) {
	b.t.Helper()
	path = filepath.Join(b.dir, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) get(path string) string {
	raw, err := os.ReadFile(filepath.Join(b.dir, path))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		b.t.Fatal(err)
	}
	return strings.TrimSpace(string(raw))
}

func (b *bench) has(path string) bool {
	_, err := os.Stat(filepath.Join(b.dir, path))
	return err == nil
}

func (b *bench) remove(path string) {
	b.t.Helper()
	if err := os.Remove(filepath.Join(b.dir, path)); err != nil {
		b.t.Fatal(err)
	}
}

// calls returns the verbs that the program was called with since the last time.
func (b *bench) calls() string {
	var verbs []string
	for line := range strings.Lines(b.get("calls")) {
		verb, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		verbs = append(verbs, verb)
	}
	_ = os.Remove(filepath.Join(b.dir, "calls")) // there may have been none
	return strings.Join(verbs, " ")
}

// wanted is a bridge with an option.
func wanted() linkapply.Want {
	return linkapply.Want{
		State: nmstate.State{Interfaces: []nmstate.Interface{
			{Name: "blue", Type: nmstate.TypeLinuxBridge, State: nmstate.Up, MTU: 1500},
			{Name: "eth0.7", Type: nmstate.TypeVLAN, State: nmstate.Up, VLAN: &nmstate.VLAN{ID: 7, BaseIface: "eth0"}},
		}},
		BridgeOptions: map[string]map[string]string{"blue": {"priority": "9"}},
	}
}

func (b *bench) begin() netswitch.Change {
	b.t.Helper()
	c, err := b.applier.Begin(b.t.Context(), wanted(), json.RawMessage(`{"old":true}`))
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func TestKeep(t *testing.T) {
	b := newBench(t)
	c := b.begin()
	if line := b.get("calls"); !strings.HasPrefix(line, "apply --no-commit --timeout 900 /") {
		t.Errorf("called with %q", line)
	}
	var document nmstate.State
	if err := json.Unmarshal([]byte(b.get("document")), &document); err != nil || len(document.Interfaces) != 2 {
		t.Errorf("document: %s, %v", b.get("document"), err)
	}
	if !b.has("checkpoint") || !b.has("state/journal") || b.get("sys/class/net/blue/bridge/priority") != "9" {
		t.Error("the change is not open")
	}
	if _, err := b.applier.Begin(t.Context(), wanted(), nil); !errors.Is(err, linkapply.ErrBusy) {
		t.Errorf("a second one: %v", err)
	}
	if err := c.Keep(); err != nil {
		t.Fatal(err)
	}
	if calls := b.calls(); calls != "apply commit" || b.has("checkpoint") || b.has("state/journal") || b.has("state/journal.json") {
		t.Errorf("calls %q; something is left", calls)
	}
	if err := b.begin().Keep(); err != nil {
		t.Errorf("the next one: %v", err)
	}
}

func TestUndo(t *testing.T) {
	b := newBench(t)
	restored := false
	if err := b.begin().Undo(t.Context(), func() error { restored = true; return nil }); err != nil {
		t.Fatal(err)
	}
	if calls := b.calls(); calls != "apply rollback" || b.has("checkpoint") || b.has("state/journal") || !restored {
		t.Errorf("calls %q, restored %v; something is left", calls, restored)
	}
	if got := b.get("sys/class/net/blue/bridge/priority"); got != "32768" {
		t.Errorf("priority is %q", got)
	}
}

func TestFailures(t *testing.T) {
	b := newBench(t)
	b.put("fail-apply", "INFO x\nNmstateError: VerificationError: blue is down\n", 0o644)
	if _, err := b.applier.Begin(t.Context(), wanted(), nil); !errors.Is(err, linkapply.ErrNotReached) || !strings.Contains(err.Error(), "blue is down") {
		t.Errorf("error is %v", err)
	}
	b.remove("fail-apply")
	if calls := b.calls(); calls != "apply" || b.has("state/journal") {
		t.Errorf("calls %q; something is left", calls)
	}

	b.remove("sys/class/net/blue/bridge/priority")
	if _, err := b.applier.Begin(t.Context(), wanted(), nil); !errors.Is(err, linkapply.ErrBadBridgeOption) {
		t.Errorf("an unknown option: %v", err)
	}
	if calls := b.calls(); calls != "apply rollback" || b.has("state/journal") || b.has("checkpoint") {
		t.Errorf("calls %q; something is left", calls)
	}
	hostile := wanted()
	hostile.BridgeOptions = map[string]map[string]string{"blue": {"../mtu": "9"}}
	if _, err := b.applier.Begin(t.Context(), hostile, nil); !errors.Is(err, linkapply.ErrBadBridgeOption) || b.calls() != "" {
		t.Errorf("a hostile option: %v", err)
	}
	shares := wanted()
	shares.Shares = map[string]tc.Shares{"eth1": nil, "eth0": {tc.Untagged: api.HostBandwidthParams{}}}
	if _, err := b.applier.Begin(t.Context(), shares, nil); !errors.Is(err, linkapply.ErrUnsupported) || b.calls() != "" {
		t.Errorf("host QoS: %v", err)
	}

	missing := New(Options{Program: filepath.Join(b.dir, "nope"), Journal: b.options.Journal, Root: b.dir, Open: b.options.Open})
	if _, err := missing.Begin(t.Context(), wanted(), nil); !errors.Is(err, ErrNoProgram) || !errors.Is(err, linkapply.ErrUnsupported) {
		t.Errorf("without the program: %v", err)
	}
	if b.has("state/journal") {
		t.Error("a journal is left")
	}
}

// Who stops waiting has the program interrupted, and it rolls back.
func TestInterrupted(t *testing.T) {
	b := newBench(t)
	b.put("hang", "", 0o644)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := b.applier.Begin(ctx, wanted(), nil)
		done <- err
	}()
	for end := time.Now().Add(time.Minute); !b.has("hangs"); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not hang")
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) || !errors.Is(err, ErrFailed) {
		t.Errorf("error is %v", err)
	}
	if b.has("checkpoint") || b.has("state/journal") {
		t.Error("something is left")
	}
}

// A commit that comes too late means that the former networks are back.
func TestLateCommit(t *testing.T) {
	b := newBench(t)
	c := b.begin()
	b.remove("checkpoint") // NetworkManager's time is over
	if err := c.Keep(); !errors.Is(err, ErrFailed) {
		t.Fatalf("error is %v", err)
	}
	var note string
	err := b.applier.Recover(t.Context(), func(r linkapply.Recovered) error { note = string(r.Note); return nil })
	if err != nil || note != `{"old":true}` || b.has("state/journal") {
		t.Errorf("recovered: %v, note %s", err, note)
	}
}

// A process that dies leaves an open checkpoint; the next one ends it.
func TestRecover(t *testing.T) {
	for name, test := range map[string]struct {
		meanwhile func(b *bench)
		restores  bool
		calls     string
		priority  string
	}{
		"open":                  {func(*bench) {}, true, "apply rollback", "32768"},
		"time was over":         {func(b *bench) { b.remove("checkpoint") }, true, "apply", "32768"},
		"after a boot":          {func(b *bench) { b.put("proc/sys/kernel/random/boot_id", "boot-2\n", 0o644) }, true, "apply", "9"},
		"died, committing":      {func(b *bench) { b.committing(); b.remove("checkpoint") }, false, "apply", "9"},
		"died, about to commit": {func(b *bench) { b.committing() }, true, "apply rollback", "32768"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.begin()
			test.meanwhile(b)
			next := New(b.options)
			if _, err := next.Begin(t.Context(), wanted(), nil); !errors.Is(err, linkapply.ErrUnfinished) {
				t.Errorf("before recovery: %v", err)
			}
			restored := false
			if err := next.Recover(t.Context(), func(linkapply.Recovered) error { restored = true; return nil }); err != nil {
				t.Fatal(err)
			}
			if calls := b.calls(); restored != test.restores || calls != test.calls || b.has("state/journal") {
				t.Errorf("restored %v, calls %q", restored, calls)
			}
			if got := b.get("sys/class/net/blue/bridge/priority"); got != test.priority {
				t.Errorf("priority is %q, want %q", got, test.priority)
			}
			if err := next.Recover(t.Context(), nil); err != nil {
				t.Errorf("once more: %v", err)
			}
		})
	}
	b := newBench(t)
	b.put("state/journal", "{", 0o600)
	if err := b.applier.Recover(t.Context(), nil); err == nil || !b.has("state/journal.failed") {
		t.Errorf("rubbish: %v", err)
	}
	b.put("fail-rollback", "NmstateError: dbus", 0o644)
	b.begin()
	if err := New(b.options).Recover(t.Context(), nil); err == nil || !b.has("state/journal") {
		t.Errorf("a rollback that fails is forgotten: %v", err)
	}
}

func (b *bench) committing() {
	b.t.Helper()
	j, err := b.applier.read()
	if err != nil {
		b.t.Fatal(err)
	}
	j.Committing = true
	if err := b.applier.write(*j); err != nil {
		b.t.Fatal(err)
	}
}

type owner struct {
	owned []string
	err   error
	asked *[]string
}

func (o owner) Owns(_ context.Context, devices []string) ([]string, error) {
	*o.asked = devices
	return o.owned, o.err
}

type chosen string

func (c chosen) Plan(context.Context, linkapply.Want) ([]string, error) {
	return []string{string(c)}, nil
}
func (c chosen) Begin(context.Context, linkapply.Want, json.RawMessage) (netswitch.Change, error) {
	return nil, errors.New(string(c))
}
func (c chosen) Recover(context.Context, func(linkapply.Recovered) error) error {
	return errors.New(string(c))
}

func TestAuto(t *testing.T) {
	hung := errors.New("the bus hangs")
	for name, test := range map[string]struct {
		choice string
		owned  []string
		err    error
		want   string
	}{
		"nothing is owned":      {"auto", nil, nil, "builtin"},
		"a device is owned":     {"", []string{"eth0"}, nil, "nmstatectl"},
		"builtin is asked for":  {"builtin", []string{"eth0"}, hung, "builtin"},
		"the other is":          {"nmstatectl", nil, hung, "nmstatectl"},
		"nobody can tell whose": {"auto", nil, hung, ""},
	} {
		var asked []string
		a := Auto{
			Choice: test.choice, BuiltIn: chosen("builtin"), NMState: chosen("nmstatectl"),
			Owner: owner{test.owned, test.err, &asked}, Log: slog.New(slog.DiscardHandler),
		}
		steps, err := a.Plan(t.Context(), wanted())
		if test.want == "" {
			if !errors.Is(err, hung) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		_, began := a.Begin(t.Context(), wanted(), nil)
		if err != nil || !slices.Equal(steps, []string{test.want}) || began.Error() != test.want {
			t.Errorf("%s: %v, %v, %v", name, steps, began, err)
		}
		if err := a.Recover(t.Context(), nil); err.Error() != "builtin\nnmstatectl" {
			t.Errorf("%s: not both recover: %v", name, err)
		}
		if test.choice == "auto" && !slices.Equal(asked, []string{"blue", "eth0.7", "eth0"}) {
			t.Errorf("%s: asked about %v", name, asked)
		}
	}
	var asked []string
	a := Auto{
		BuiltIn: chosen("builtin"), NMState: New(Options{Program: "/nonexistent", Journal: filepath.Join(t.TempDir(), "j")}),
		Owner: owner{[]string{"eth0"}, nil, &asked}, Log: slog.New(slog.DiscardHandler),
	}
	_, err := a.Begin(t.Context(), wanted(), nil)
	for _, part := range []string{"NetworkManager owns eth0", "install nmstate", "network_applier=builtin"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("no %q in %v", part, err)
		}
	}
}

// extended is a change of the built-in applier, which can go on to another state.
type extended struct{ netswitch.Change }

func (extended) Extend(context.Context, linkapply.Want) error { return nil }

type extending struct{ chosen }

func (extending) Begin(context.Context, linkapply.Want, json.RawMessage) (netswitch.Change, error) {
	return extended{}, nil
}

// What the built-in applier begins can go on where Auto has chosen it: changes
// of the switch type need that.
func TestAutoExtends(t *testing.T) {
	var asked []string
	for _, choice := range []string{ChooseAuto, ChooseBuiltIn} {
		a := Auto{
			Choice: choice, BuiltIn: extending{"builtin"}, NMState: chosen("nmstatectl"),
			Owner: owner{nil, nil, &asked}, Log: slog.New(slog.DiscardHandler),
		}
		change, err := a.Begin(t.Context(), wanted(), nil)
		if _, can := change.(interface {
			Extend(context.Context, linkapply.Want) error
		}); err != nil || !can {
			t.Errorf("%s: %T, %v", choice, change, err)
		}
	}
}
