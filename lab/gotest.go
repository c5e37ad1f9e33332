// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// insideVariable is set in a test binary that the lab has started somewhere
// else.
const insideVariable = "GOVDSM_LAB_INSIDE"

// Inside tells whether this test binary was started by GoTest or by a Wanted,
// and so runs in a host, or in a namespace.
func Inside() bool { return os.Getenv(insideVariable) != "" }

// GoTest runs a test of this test binary at the place, with its output here,
// and makes its verdict the verdict of t. Subtests are named as with go test
// -run. The named test should skip itself unless it is Inside.
func (p *Place) GoTest(t testing.TB, name string) {
	t.Helper()
	args, err := testCommand(t, name)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := patience(t)
	defer cancel()
	var said record
	out := stream(t, &said)
	r, err := p.Do(ctx, Command{
		Args: args, Dir: dir, Env: []string{insideVariable + "=host"},
		Stdout: out, Stderr: out, Limit: time.Hour,
	})
	if err == nil && r.Code != 0 {
		err = fmt.Errorf("exit code %d", r.Code)
	}
	judge(t, name, said.String(), err)
}

// testCommand returns the test binary's command line for one test.
func testCommand(t testing.TB, name string) ([]string, error) {
	binary, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var pattern []string
	for part := range strings.SplitSeq(name, "/") {
		pattern = append(pattern, "^"+regexp.QuoteMeta(part)+"$")
	}
	args := []string{binary, "-test.v", "-test.count=1", "-test.run=" + strings.Join(pattern, "/")}
	if deadline, ok := deadlineOf(t); ok {
		args = append(args, fmt.Sprintf("-test.timeout=%v", max(time.Until(deadline)-30*time.Second, 5*time.Second)))
	}
	return args, nil
}

// stream returns where output goes: into the record, and with -v also to the
// screen.
func stream(t testing.TB, keep *record) io.Writer {
	if !testing.Verbose() {
		return keep
	}
	return io.MultiWriter(keep, t.Output())
}

// judge makes the verdict of the test that ran elsewhere the verdict of t. Only
// a line that says so is a success: a binary that found no such test also exits
// with 0.
func judge(t testing.TB, name, said string, err error) {
	t.Helper()
	show := said
	if testing.Verbose() {
		show = "" // it was on the screen already
	}
	verdict := func(word string) bool {
		return regexp.MustCompile(`(?m)^\s*--- ` + word + `: ` + regexp.QuoteMeta(name) + ` \(`).MatchString(said)
	}
	switch {
	case err != nil:
		t.Fatalf("%s, run elsewhere: %v\n%s", name, err, show)
	case verdict("PASS"):
	case verdict("SKIP"):
		t.Fatalf("%s, run elsewhere, was skipped\n%s", name, show)
	default:
		t.Fatalf("%s did not run elsewhere: is there such a test?\n%s", name, show)
	}
}

// patience returns a context that ends some seconds before the go command
// would kill the test, so that there is time to say why, and for the artefacts.
func patience(t testing.TB) (context.Context, context.CancelFunc) {
	ctx := t.Context()
	if ctx.Err() != nil { // we are in a cleanup
		return context.WithTimeout(context.Background(), time.Minute)
	}
	deadline, ok := deadlineOf(t)
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadlineCause(ctx, deadline.Add(-20*time.Second), errNearEnd)
}

// deadlineOf returns the moment at which the go command kills the test.
func deadlineOf(t testing.TB) (time.Time, bool) {
	if limited, ok := t.(interface{ Deadline() (time.Time, bool) }); ok {
		return limited.Deadline()
	}
	return time.Time{}, false // a benchmark
}
