// SPDX-License-Identifier: GPL-2.0-or-later

package hook_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/hook"
)

// TestHangingScript has a script and its child ignore everything but SIGKILL.
func TestHangingScript(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *hook.Options) { o.Timeout = 2 * time.Second })
	pids := filepath.Join(t.TempDir(), "pids")
	s.install("before_vm_start", "hangs", fmt.Sprintf(
		`trap "" TERM INT HUP; sleep 1000 & echo $$ $! > %s.new; mv %[1]s.new %[1]s; wait; sleep 1000`, pids))
	got, err := s.RunXML(t.Context(), "before_vm_start", "kept", nil)
	if got != "kept" || errText(err) != "Hook Error: (b'killed after 2s',)" {
		t.Errorf("got %q, %v", got, err)
	}
	text, err := os.ReadFile(pids)
	if err != nil {
		t.Skip("the script was killed before it began to hang")
	}
	for _, field := range strings.Fields(string(text)) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		waitGone(t, pid)
	}
	s.leftovers()
}

// waitGone waits until a process is gone or a zombie that init will reap.
func waitGone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
	}
	t.Errorf("process %d lives on", pid)
}

func TestEndOfContext(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	fifo := filepath.Join(t.TempDir(), "started")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	s.install("after_vm_start", "1", "echo > "+fifo+"; sleep 1000")
	s.install("after_vm_start", "2", `printf ran > "$_hook_domxml"`)
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("the daemon stops")
	go func() {
		os.ReadFile(fifo) //nolint:errcheck // only a signal
		cancel(stop)
	}()
	got, err := s.RunXML(ctx, "after_vm_start", "old", nil)
	if got != "old" || !errors.Is(err, stop) {
		t.Errorf("got %q, %v", got, err)
	}
	s.leftovers()
}

// TestChildInTheBackground has a script leave a child that holds its output
// open for good.
func TestChildInTheBackground(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	pidFile := filepath.Join(t.TempDir(), "pid")
	s.install("before_vm_start", "daemon", fmt.Sprintf(`sleep 1000 & echo $! > %s; echo hello >&2`, pidFile))
	got, err := s.RunXML(t.Context(), "before_vm_start", "text", nil)
	if err != nil || got != "text" {
		t.Errorf("got %q, %v", got, err)
	}
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Errorf("the child did not live on: %v", err)
	}
}

func TestScriptThatPrintsMuch(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.install("before_vm_start", "loud", `head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; exit 1`)
	_, err := s.RunXML(t.Context(), "before_vm_start", "", nil)
	if want := len(`Hook Error: (b'',)`) + 64<<10*len(`\x00`); len(errText(err)) != want {
		t.Errorf("error of %d bytes, want %d", len(errText(err)), want)
	}
}

func TestRubbishDocuments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, body string }{
		{"no JSON", `echo rubbish > "$_hook_json"`},
		{"empty", `: > "$_hook_json"`},
		{"removed", `rm "$_hook_json"`},
		{"pipe", `rm "$_hook_json"; mkfifo "$_hook_json"`},
		{"link", `rm "$_hook_json"; ln -s /dev/zero "$_hook_json"`},
		{"huge", `truncate -s 17M "$_hook_json"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, nil)
			s.install("before_get_caps", "x", c.body)
			s.install("after_get_caps", "x", c.body)
			got, err := s.RunJSON(t.Context(), "before_get_caps", []byte(`{}`), nil)
			if !errors.Is(err, api.ErrHook) || string(got) != "{}" {
				t.Errorf("before: %q, %v", got, err)
			}
			got, err = s.RunJSON(t.Context(), "after_get_caps", []byte(`{"a": 1}`), nil)
			if err != nil || string(got) != `{"a": 1}` {
				t.Errorf("after: %q, %v", got, err)
			}
			s.leftovers()
		})
	}
}

func TestDiskFull(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *hook.Options) { o.TempDir = "/nonexistent" })
	s.install("before_vm_start", "x", "")
	s.install("after_vm_start", "x", "")
	if _, err := s.RunXML(t.Context(), "before_vm_start", "a", nil); !errors.Is(err, api.ErrHook) {
		t.Errorf("before: %v", err)
	}
	if got, err := s.RunXML(t.Context(), "after_vm_start", "a", nil); err != nil || got != "a" {
		t.Errorf("after: %q, %v", got, err)
	}
}
