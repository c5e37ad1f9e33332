// SPDX-License-Identifier: GPL-2.0-or-later

package logging

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"govdsm/internal/dispatch"
)

// buffer is a writer that may be read while it is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func (b *buffer) lines() []string {
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

// open starts a log into a buffer, and flushes it.
func open(t *testing.T, o Options) (*Log, *buffer, func()) {
	t.Helper()
	out := new(buffer)
	if o.Stderr == nil {
		o.Stderr = out
	}
	l, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l, out, func() { flush(t, l) }
}

func flush(t *testing.T, l *Log) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := l.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}

func inCall() context.Context {
	return dispatch.WithOrigin(context.Background(), dispatch.Origin{
		Verb: "VM.create", FlowID: "flow-1", Peer: netip.MustParseAddrPort("[::1]:4000"),
	})
}

func TestLineHasColumnsOriginAndAttributes(t *testing.T) {
	l, out, flushed := open(t, Options{})
	l.Logger("virt").InfoContext(inCall(), "VM is up", "vm_id", "v1", "took", 1500*time.Millisecond, "text", "two words")
	flushed()
	want := regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}[+-]\d{4} INFO  \[virt\] VM is up ` +
		`flow_id=flow-1 verb=VM\.create peer=\[::1\]:4000 vm_id=v1 took=1\.5s text="two words"\n$`)
	if !want.MatchString(out.String()) {
		t.Errorf("line is %q", out)
	}
}

func TestNilSaysNothing(t *testing.T) {
	l, out, flushed := open(t, Options{})
	var none error
	l.Logger("x").Info("stopped", "err", none)
	flushed()
	if !strings.HasSuffix(out.String(), "[x] stopped\n") {
		t.Errorf("line is %q", out)
	}
}

func TestOneRecordIsOneLine(t *testing.T) {
	l, out, flushed := open(t, Options{})
	log := l.Logger("x")
	hostile := "a\nb\r\x1b[31m\u2028" + string([]byte{0xff})
	log.Info(hostile, hostile, hostile, "err", errors.New(hostile))
	log.WithGroup(hostile).Info("second", slog.Group(hostile, "k", []byte(hostile)))
	flushed()
	if n := strings.Count(out.String(), "\n"); n != 2 {
		t.Errorf("%d lines: %q", n, out)
	}
	if strings.ContainsAny(out.String(), "\x1b\r\u2028") || !utf8.ValidString(out.String()) {
		t.Errorf("control characters pass: %q", out)
	}
}

func TestJSONLinesParse(t *testing.T) {
	l, out, flushed := open(t, Options{JSON: true})
	l.Logger("virt").With("a", 1).WithGroup("g").WarnContext(inCall(), "with \"quotes\"\n",
		"nan", nan(), "list", []int{1, 2}, "nil", nil, "x\ny", "z")
	flushed()
	var got map[string]any
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatalf("%v: %q", err, out)
	}
	for k, want := range map[string]any{
		"level": "WARN", "component": "virt", "msg": "with \"quotes\"\n", "flow_id": "flow-1",
		"verb": "VM.create", "a": 1.0, "g.nan": "NaN",
	} {
		if got[k] != want {
			t.Errorf("%s is %v, want %v", k, got[k], want)
		}
	}
}

func nan() float64 { var zero float64; return zero / zero }

func TestSecretsAreMasked(t *testing.T) {
	const secret = "hunter2"
	type nested struct {
		Name     string
		Password string
		Deeper   []map[string]string
	}
	for _, asJSON := range []bool{false, true} {
		l, out, flushed := open(t, Options{JSON: asJSON})
		log := l.Logger("x").With("bindPassword", secret)
		log.Info("the password="+secret+" is in the text", "_X_key", secret, "s", Secret(secret))
		log.Info("structs", "v", nested{"n", secret, []map[string]string{{"passwd": secret, "_X_p": secret}}},
			"p", &nested{Password: secret}, "m", map[string]any{"s": Secret(secret)})
		log.Info("xml", "xml", "<graphics passwd='"+secret+"' port='1'/>", "json", `{"password": "`+secret+`"}`,
			"py", "{'password': '"+secret+"'}", "err", fmt.Errorf("login: Password: %s", secret))
		log.Info("groups", slog.Group("g", "ticket_token", secret, "raw", json.RawMessage(`{"secret":"`+secret+`"}`)))
		log.Info(fmt.Sprintf("%v %s %q %#v %x", Secret(secret), Secret(secret), Secret(secret), Secret(secret), Secret(secret)))
		flushed()
		if strings.Contains(out.String(), secret) || strings.Contains(out.String(), fmt.Sprintf("%x", secret)) {
			t.Errorf("the secret is in the log:\n%s", out)
		}
		if !strings.Contains(out.String(), "port='1'") {
			t.Errorf("too much is masked:\n%s", out)
		}
	}
}

func TestMisbehavingValues(t *testing.T) {
	l, out, flushed := open(t, Options{})
	var nilError *os.PathError
	var nilStringer *netip.AddrPort
	l.Logger("x").Info("m", "e", error(nilError), "s", nilStringer, "f", func() {}, "c", make(chan int),
		"long", strings.Repeat("x", 1<<20))
	flushed()
	if n := len(out.lines()); n != 1 || len(out.String()) > 2*longestValue {
		t.Errorf("%d lines, %d bytes", n, len(out.String()))
	}
}

func TestLevelsByComponentAndFlow(t *testing.T) {
	l, out, flushed := open(t, Options{RepeatWindow: -1})
	debug := func(component string, ctx context.Context, text string) {
		l.Logger(component).DebugContext(ctx, text)
	}
	background := context.Background()
	debug("virt", background, "no 1")
	l.SetLevel("virt", slog.LevelDebug)
	debug("virt", background, "yes 1")
	debug("virt.migration", background, "yes 2")
	debug("virtue", background, "no 2")
	l.Logger("x").With(ComponentKey, "virt").Debug("yes 3")
	l.DebugFlow("flow-1", time.Hour)
	debug("host", inCall(), "yes 4")
	l.SetLevel("", slog.LevelError)
	l.Logger("host").Warn("no 3")
	l.Logger("virt").Info("yes 5")
	l.SetLevel("virt.migration", LevelCritical)
	l.Logger("virt.migration").Error("no 4")
	l.Logger("virt.migration").Log(background, LevelCritical, "yes 6")
	flushed()
	if strings.Contains(out.String(), "no ") || len(out.lines()) != 6 {
		t.Errorf("logged:\n%s", out)
	}
}

func TestParseLevel(t *testing.T) {
	for _, name := range []string{"debug", "INFO", "Warning", "warn", "ERROR", "critical", "FATAL"} {
		if _, err := ParseLevel(name); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"", "VERBOSE", "10", "INFO "} {
		if _, err := ParseLevel(name); !errors.Is(err, ErrUnknownLevel) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestJournalLinesCarryPriorityInsteadOfTime(t *testing.T) {
	l, out, flushed := open(t, Options{Journal: true})
	l.Logger("a").Info("fine")
	l.Logger("a").Error("bad")
	flushed()
	if out.String() != "<6>INFO  [a] fine\n<3>ERROR [a] bad\n" {
		t.Errorf("%q", out)
	}
}

func TestAnUnusableFileLeavesStandardError(t *testing.T) {
	out := new(buffer)
	l, err := Open(Options{Path: filepath.Join(t.TempDir(), "absent", "x.log"), Stderr: out})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
	l.Logger("x").Info("still here")
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(out.String(), "still here") {
		t.Errorf("%q", out)
	}
	l.Logger("x").Info("after the end") // must not panic nor hang
}

func TestWarningsGoToStandardErrorToo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.log")
	l, out, flushed := open(t, Options{Path: path})
	l.Logger("x").Info("quiet")
	l.Logger("x").Warn("loud")
	flushed()
	if s := out.String(); strings.Contains(s, "quiet") || !strings.Contains(s, "loud") {
		t.Errorf("standard error has %q", s)
	}
	b, err := os.ReadFile(path)
	if err != nil || strings.Count(string(b), "\n") != 2 {
		t.Errorf("file has %q, %v", b, err)
	}
}

// TestAHungDiskBlocksNobody lets the writer hang and logs more than may wait.
func TestAHungDiskBlocksNobody(t *testing.T) {
	r, w := io.Pipe() // nobody reads
	l, err := Open(Options{Stderr: w, RepeatWindow: -1})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 * waiting {
		l.Logger("x").Info("line", "i", i)
	}
	if l.Lost() < waiting/2 {
		t.Errorf("%d lines lost", l.Lost())
	}
	if err := l.Close(); err == nil {
		t.Error("closing does not tell that lines are missing")
	}
	r.Close() // releases the goroutine
	<-l.sink.done
}
