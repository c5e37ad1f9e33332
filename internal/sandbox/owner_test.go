// SPDX-License-Identifier: GPL-2.0-or-later

package sandbox_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// owner runs a sandbox in a process of its own, which can be killed.
type owner struct {
	uri   string
	cmd   *exec.Cmd
	stdin io.Closer
	rest  *bufio.Reader
}

func startOwner(t *testing.T, dir string) *owner {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return ownerProgram(t, self, dir, binDir(t), nil)
}

func ownerProgram(t *testing.T, program, dir, bin string, attr *syscall.SysProcAttr) *owner {
	t.Helper()
	// By another name than supervdsmd, or it would be one.
	cmd := &exec.Cmd{Path: program, Args: []string{"vdsmd"}, Stderr: t.Output(), SysProcAttr: attr, Dir: filepath.Dir(program)}
	cmd.Env = append(os.Environ(), "GOVDSM_TEST_OWNER="+dir, "GOVDSM_TEST_BIN="+bin)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdin.Close() })
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	o := &owner{cmd: cmd, stdin: stdin, rest: bufio.NewReader(stdout)}
	line, err := o.rest.ReadString('\n')
	uri, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if err != nil || !ok {
		t.Fatalf("owner says %q, %v", line, err)
	}
	o.uri = uri
	return o
}

// kill ends the owner as kill -9 does.
func (o *owner) kill() {
	_ = o.cmd.Process.Kill()
	_ = o.cmd.Wait() // "signal: killed", as meant
}

// finish ends the owner and its sandbox in good order.
func (o *owner) finish(t *testing.T) {
	t.Helper()
	o.stdin.Close()
	said, _ := io.ReadAll(o.rest)
	if err := o.cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
}
