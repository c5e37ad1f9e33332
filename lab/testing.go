// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// The methods below are for tests: what cannot be done ends the test with a
// message. They also work in the functions that a test left to t.Cleanup.

var errNearEnd = errors.New("the test binary's time limit (-timeout) is near")

// Run runs a program and returns its standard output without the last line
// end. It must exit with 0.
func (p *Place) Run(t testing.TB, args ...string) string {
	t.Helper()
	return p.Must(t, Command{Args: args})
}

// Sh runs a bash script, which ends at the first command that fails, and
// returns its standard output without the last line end.
func (p *Place) Sh(t testing.TB, script string) string {
	t.Helper()
	return p.Must(t, Command{Args: []string{"bash", "-euo", "pipefail", "-c", script}})
}

// Must runs a command that must exit with 0, and returns its standard output
// without the last line end. With go test -v the output shows as it comes.
func (p *Place) Must(t testing.TB, c Command) string {
	t.Helper()
	if r := p.Try(t, c); r.Code == 0 {
		return strings.TrimRight(r.Stdout, "\n")
	} else {
		t.Fatalf("host %s: %s\nexit code %d after %.1f s\n%s%s",
			p.host.Name, strings.Join(c.Args, " "), r.Code, r.Lasted.Seconds(), r.Stdout, r.Stderr)
	}
	return ""
}

// Try runs a command that may fail.
func (p *Place) Try(t testing.TB, c Command) Result {
	t.Helper()
	ctx, cancel := patience(t)
	defer cancel()
	if testing.Verbose() && c.Stdout == nil && c.Stderr == nil {
		c.Stdout, c.Stderr = t.Output(), t.Output()
	}
	r, err := p.Do(ctx, c)
	if err != nil {
		t.Fatalf("%v\n%s%s", err, r.Stdout, r.Stderr)
	}
	return r
}

// Until runs a bash script over and over until it succeeds. Trying happens
// inside the host, ten times a second.
func (p *Place) Until(t testing.TB, limit time.Duration, script string) {
	t.Helper()
	const loop = `end=$((SECONDS + $1))
until said=$(bash -euo pipefail -c "$0" 2>&1); do
	((SECONDS < end)) || { echo "$said"; exit 1; }
	sleep 0.1
done`
	r := p.Try(t, Command{Args: []string{"bash", "-c", loop, script, fmt.Sprint(int(limit.Seconds()))}, Limit: limit + time.Minute})
	if r.Code != 0 {
		t.Fatalf("host %s: not within %v: %s\n%s%s", p.host.Name, limit, script, r.Stdout, r.Stderr)
	}
}

// Put writes a file, and makes its folder if need be. It is for files that fit
// into memory; see CopyIn for more.
func (p *Place) Put(t testing.TB, path, content string) {
	t.Helper()
	ctx, cancel := patience(t)
	defer cancel()
	if err := p.write(ctx, path, []byte(content), 0o644); err != nil {
		t.Fatalf("host %s: write %s: %v", p.host.Name, path, err)
	}
}

// Get returns the content of a file.
func (p *Place) Get(t testing.TB, path string) string {
	t.Helper()
	ctx, cancel := patience(t)
	defer cancel()
	content, err := p.read(ctx, path)
	if err != nil {
		t.Fatalf("host %s: read %s: %v", p.host.Name, path, err)
	}
	return string(content)
}

// CopyIn copies what is in a folder of the machine into a folder of the host.
// What the machine had before the host was booted is there anyway, under the
// same path.
func (p *Place) CopyIn(t testing.TB, here, there string) {
	t.Helper()
	pack := exec.CommandContext(t.Context(), "tar", "-C", here, "-c", ".")
	pack.Stderr = t.Output()
	stream, err := pack.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := pack.Start(); err != nil {
		t.Fatal(err)
	}
	p.Must(t, Command{Args: []string{"sh", "-c", `mkdir -p "$0" && tar -C "$0" -x`, there}, Stdin: stream, Limit: 10 * time.Minute})
	if err := pack.Wait(); err != nil {
		t.Fatalf("pack %s: %v", here, err)
	}
}

// CopyOut copies what is in a folder of the host into a folder of the machine.
func (p *Place) CopyOut(t testing.TB, there, here string) {
	t.Helper()
	if err := os.MkdirAll(here, 0o755); err != nil {
		t.Fatal(err)
	}
	unpack := exec.CommandContext(t.Context(), "tar", "-C", here, "-x")
	unpack.Stderr = t.Output()
	stream, err := unpack.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := unpack.Start(); err != nil {
		t.Fatal(err)
	}
	p.Must(t, Command{
		Args:   []string{"tar", "-C", there, "-c", "."},
		Stdout: stream, Stderr: io.Discard, Limit: 10 * time.Minute,
	})
	stream.Close()
	if err := unpack.Wait(); err != nil {
		t.Fatalf("unpack %s: %v", there, err)
	}
}

// Requires ends the test unless all these programs are installed. A lab test that
// misses something fails: it was asked for.
func (p *Place) Requires(t testing.TB, programs ...string) {
	t.Helper()
	for _, program := range programs {
		found := false
		for _, dir := range []string{"/usr/sbin/", "/usr/bin/", "/usr/local/sbin/", "/usr/local/bin/", "/lib/systemd/", "/usr/lib/systemd/"} {
			if _, err := os.Stat(dir + program); err == nil {
				found = true
			}
		}
		if !found {
			t.Fatalf("%s is not installed: run hack/install-deps lab (the packages are in hack/lab-packages)", program)
		}
	}
}
