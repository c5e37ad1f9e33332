// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// ipShell is an ip(8) that stays, as starting a program takes an emulated host
// a fifth of a second. It prints one line of JSON for every question.
type ipShell struct {
	in      io.Writer
	answers *json.Decoder
	errors  *os.File
}

// startIP starts an ip for one family of addresses, "" for both.
func startIP(t *testing.T, options ...string) *ipShell {
	t.Helper()
	errors, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("stdbuf", append(append([]string{"-oL", "ip", "-j", "-d"}, options...), "-force", "-batch", "-")...)
	cmd.Stderr = errors
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Wait() // says that a line has failed, which was told before
		errors.Close()
	})
	return &ipShell{in: in, answers: json.NewDecoder(out), errors: errors}
}

// ask asks one question. Errors of the lines before it count as its own.
func (s *ipShell) ask(question string, answer any) error {
	if _, err := fmt.Fprintln(s.in, question); err != nil {
		return err
	}
	if err := s.answers.Decode(answer); err != nil {
		return fmt.Errorf("ip %s: %w", question, err)
	}
	text, err := os.ReadFile(s.errors.Name())
	if err != nil || len(text) == 0 {
		return err
	}
	if err := s.errors.Truncate(0); err != nil {
		return err
	}
	if _, err := s.errors.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return fmt.Errorf("ip: %s", strings.ReplaceAll(string(text), "\x00", ""))
}

// do carries out lines, and returns what went wrong.
func (s *ipShell) do(lines string) error {
	var lo []any
	return s.ask(lines+"\nlink show dev lo", &lo)
}

// TestInterruptedDump asks again after an interrupted dump, and sees nothing of it.
func TestInterruptedDump(t *testing.T) {
	said, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	if _, err := said.WriteString("Dump was interrupted and may be inconsistent.\n"); err != nil {
		t.Fatal(err)
	}
	var asked strings.Builder
	list := ask[[]ipLink](t, &ipShell{in: &asked, errors: said, answers: json.NewDecoder(strings.NewReader(
		`[{"ifname": "lo"}, {"ifname": "port", "master": "bond1"}] [{"ifname": "lo"}, {"ifname": "dummy"}]`))}, "link show")
	if len(list) != 2 || list[1].Name != "dummy" || list[1].Master != "" {
		t.Errorf("%+v", list)
	}
	if asked.String() != "link show\nlink show\n" {
		t.Errorf("asked %q", asked.String())
	}
}
