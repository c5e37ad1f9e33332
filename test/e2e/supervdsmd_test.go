// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"govdsm/test/hosttest"
)

var discard = slog.New(slog.DiscardHandler)

// askRoot sends one request to the supervdsmd of a host and returns what comes
// back until it hangs up or has answered.
func askRoot(t *testing.T, socket, request string) string {
	t.Helper()
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(hosttest.Patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(request))), request...)); err != nil {
		t.Fatal(err)
	}
	length := make([]byte, 4)
	if _, err := io.ReadFull(conn, length); err != nil {
		return err.Error()
	}
	answer := make([]byte, binary.BigEndian.Uint32(length))
	if _, err := io.ReadFull(conn, answer); err != nil {
		return err.Error()
	}
	return string(answer)
}

// The helper of a running host does what is on its list and nothing else, and
// its socket is for one user.
func TestSupervdsmd(t *testing.T) {
	t.Parallel()
	h := hosttest.Shared(t)
	socket := filepath.Join(h.Dir, "run", "vdsm", "svdsm.sock")
	if answer := askRoot(t, socket, `{"id": 1, "op": "ping", "params": {}}`); !strings.Contains(answer, `"result"`) {
		t.Errorf("ping: %s", answer)
	}
	for _, op := range []string{"shell", "", "exec", "ping2", "../ping", "PING"} {
		if answer := askRoot(t, socket, `{"id": 1, "op": "`+op+`", "params": {}}`); !strings.Contains(answer, "error") || strings.Contains(answer, `"result"`) {
			t.Errorf("operation %q: %s", op, answer)
		}
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can be another user as well")
	}
	// As another user, with a program that everybody has. It gets in only if
	// the socket or a folder above it is too open.
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `test -w "$0" && echo open || echo closed`, socket)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "closed\n" {
		t.Errorf("for another user the socket is %s, %v", out, err)
	}
	hosttest.Until(t, "the refusals in its log", func() error {
		text, err := os.ReadFile(filepath.Join(h.Dir, "log", "vdsm", "supervdsm.log"))
		if err == nil && !strings.Contains(string(text), "shell") {
			err = io.ErrUnexpectedEOF
		}
		return err
	})
}
