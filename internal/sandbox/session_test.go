// SPDX-License-Identifier: GPL-2.0-or-later

package sandbox_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// nobody is a user without any rights.
const nobody = 65534

// As an ordinary user a sandbox gets a session libvirt. The user's own one,
// and the folders that it has by default, are not touched.
func TestOrdinaryUser(t *testing.T) {
	needHost(t)
	t.Parallel()
	work, err := os.MkdirTemp("", "govdsm-session-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(work) })
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(work, "supervdsmd")
	copyFile(t, self, program)
	dir := filepath.Join(work, strings.Repeat("long", 30))
	for _, d := range []string{work, dir} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(d, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	owner := ownerProgram(t, program, dir, work, &syscall.SysProcAttr{
		Credential: &syscall.Credential{Uid: nobody, Gid: nobody},
	})
	if !strings.HasPrefix(owner.uri, "qemu:///session?socket=") {
		t.Errorf("URI %s", owner.uri)
	}
	createVM(t, owner.uri, "mine")
	if got := virsh(t, owner.uri, "list", "--name"); got != "mine" {
		t.Errorf("VMs: %q", got)
	}
	owner.kill()
	again := ownerProgram(t, program, dir, work, &syscall.SysProcAttr{
		Credential: &syscall.Credential{Uid: nobody, Gid: nobody},
	})
	if got := virsh(t, again.uri, "list", "--name"); got != "mine" || again.uri != owner.uri {
		t.Errorf("VMs: %q, URI %s after %s", got, again.uri, owner.uri)
	}
	again.finish(t)
	mustBeGone(t, dir)
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
