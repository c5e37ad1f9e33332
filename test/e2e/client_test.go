// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"govdsm/test/hosttest"
)

// commandLine calls vdsm-client against the host.
type commandLine struct {
	t *testing.T
	h *hosttest.Host
}

func (c commandLine) command(ctx context.Context, args ...string) *exec.Cmd {
	host, port, err := net.SplitHostPort(c.h.Address)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.h.Program(ctx, "vdsm-client", append([]string{"-a", host, "-p", port, "--pki", c.h.ClientPKI()}, args...)...)
}

func (c commandLine) run(stdin string, args ...string) (stdout, stderr string, code int) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), hosttest.Patience)
	defer cancel()
	cmd := c.command(ctx, args...)
	var out, problems bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &problems
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		c.t.Fatal(err)
	}
	return out.String(), problems.String(), cmd.ProcessState.ExitCode()
}

func TestClientProgram(t *testing.T) {
	t.Parallel()
	h := hosttest.Shared(t)
	cli := commandLine{t, h}
	const nobody = "00000000-1111-2222-3333-444444444444"
	for _, call := range []struct {
		args           []string
		stdin          string
		code           int
		stdout, stderr string // what is among the output
	}{
		{args: []string{"Host", "ping"}, stdout: "true\n"},
		{args: []string{"Host", "echo", "message=über"}, stdout: `"\u00fcber"` + "\n"},
		{args: []string{"Host", "echo", "-f", "-"}, stdin: `{"message": "hello"}`, stdout: `"hello"` + "\n"},
		{args: []string{"--flow-id", "f1", "Host", "getVMList"}},
		{args: []string{"--output", "yaml", "Host", "echo", "message=x"}, stdout: "x\n"},
		{args: []string{"--output", "table", "Host", "echo", "message=x"}, stdout: "x\n"},
		{args: []string{"--output", "xml", "Host", "ping"}, code: 2, stderr: "invalid choice"},
		{args: []string{"VM", "getStats", "vmID=" + nobody}, code: 1, stderr: "(code=1, message=Virtual machine does not exist: {'vmId': '" + nobody + "'})"},
		{args: []string{"VM", "getStats"}, code: 1, stderr: "code="},
		{args: []string{"VM", "noSuchMethod"}, code: 2, stderr: "invalid choice"},
		{args: []string{"Nothing", "ping"}, code: 2, stderr: "invalid choice"},
		{args: []string{}, code: 2, stderr: "usage"},
		{args: []string{"Host"}, code: 2, stderr: "usage"},
		{args: []string{"--help"}, stdout: "Namespaces:"},
		{args: []string{"VM", "--help"}, stdout: "getStats"},
		{args: []string{"VM", "create", "--help"}, stdout: "vmParams"},
		{args: []string{"completion", "bash"}, stdout: "vdsm-client"},
	} {
		stdout, stderr, code := cli.run(call.stdin, call.args...)
		if code != call.code || !strings.Contains(stdout, call.stdout) || !strings.Contains(stderr, call.stderr) {
			t.Errorf("%q: code %d, stdout %.500q, stderr %.500q", call.args, code, stdout, stderr)
		}
		if call.code != 0 && stdout != "" {
			t.Errorf("%q printed %.200q on stdout and failed", call.args, stdout)
		}
	}
	if _, stderr, code := cli.run("", "--insecure", "Host", "ping"); code != 1 || !strings.Contains(stderr, "failed") {
		t.Errorf("plain TCP to a TLS port: code %d, %q", code, stderr)
	}
}

// All formats say the same.
func TestClientFormats(t *testing.T) {
	t.Parallel()
	h := hosttest.Shared(t)
	cli := commandLine{t, h}
	asJSON, _, _ := cli.run("", "Host", "getStats")
	asYAML, _, _ := cli.run("", "--output", "yaml", "Host", "getStats")
	asTable, _, _ := cli.run("", "--output", "table", "Host", "getStats")
	var one, two map[string]any
	if err := errors.Join(json.Unmarshal([]byte(asJSON), &one), yaml.Unmarshal([]byte(asYAML), &two)); err != nil || len(one) == 0 || len(one) != len(two) {
		t.Errorf("%v: JSON %s, YAML %s", err, asJSON, asYAML)
	}
	for name := range one {
		if !strings.Contains(asTable, name) {
			t.Errorf("the table lacks %s: %s", name, asTable)
		}
	}
}

// vdsm-client events follows the stream until it is interrupted.
func TestClientEvents(t *testing.T) {
	t.Parallel()
	h := hosttest.Shared(t)
	c := h.Dial(t)
	v := h.Tiny(t)
	ctx, cancel := context.WithTimeout(t.Context(), hosttest.Patience)
	defer cancel()
	cmd := commandLine{t, h}.command(ctx, "events")
	cmd.Cancel = func() error { return cmd.Process.Kill() }
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// It does not say when it listens: VMs come and go until one is heard of.
	heard := make(chan string)
	go func() {
		defer close(heard)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if strings.Contains(lines.Text(), v.ID) {
				heard <- lines.Text()
				return
			}
		}
	}()
	hosttest.CreateUp(t, c, v)
	var line string
	hosttest.Until(t, "a line about the VM", func() error {
		for _, verb := range []string{"VM.pause", "VM.cont"} {
			if _, err := c.Request(t.Context(), verb, params(v.ID)); err != nil {
				t.Fatal(err)
			}
		}
		select {
		case line = <-heard:
			return nil
		default:
			return errors.New("none yet")
		}
	})
	var event struct {
		Event  string
		Params map[string]json.RawMessage
	}
	if err := json.Unmarshal([]byte(line), &event); err != nil || event.Event != "|virt|VM_status|"+v.ID || event.Params[v.ID] == nil {
		t.Errorf("line %s: %v", line, err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("an interrupted vdsm-client events ends with %v", err)
	}
}
