// SPDX-License-Identifier: GPL-2.0-or-later

package guest_test

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"govdsm/internal/guest"
	"govdsm/internal/kvm"
	"govdsm/internal/sandbox"
)

// Under libvirt, from the document that a manager would send, the guest tells
// its memory and answers as agents do.
func TestUnderLibvirt(t *testing.T) {
	t.Parallel()
	qemu, err := kvm.Emulator()
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"virsh", "libvirtd"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatal(err)
		}
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can run a private libvirtd")
	}
	k := findKernel(t)
	dir := t.TempDir()
	libvirt, err := sandbox.StartLibvirt(t.Context(), dir, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := libvirt.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	content, err := guest.Initramfs(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	v := guest.VM{
		ID: uuid.New(), Name: "guest", Emulator: qemu, KVM: kvm.Probe(t.Context(), qemu).Usable, MemoryMiB: 256,
		Kernel: k.Image, Initrd: filepath.Join(dir, "initrd"), Console: filepath.Join(dir, "console"),
	}
	xml, err := v.XML()
	if err != nil {
		t.Fatal(err)
	}
	document := filepath.Join(dir, "vm.xml")
	for name, text := range map[string][]byte{v.Initrd: content, document: []byte(xml)} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), generous)
	defer cancel()
	virsh := func(args ...string) (string, error) {
		out, err := exec.CommandContext(ctx, "virsh", append([]string{"-q", "-c", libvirt.URI}, args...)...).CombinedOutput()
		return string(out), err
	}
	if out, err := virsh("create", document); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	waitFor(ctx, t, v.Console, "guest: ready")
	eventually := func(want string, args ...string) {
		t.Helper()
		for {
			out, err := virsh(args...)
			if err == nil && strings.Contains(out, want) {
				return
			}
			if ctx.Err() != nil {
				console, _ := os.ReadFile(v.Console)
				t.Fatalf("virsh %v: %v: %s\nconsole:\n%s", args, err, out, console)
			}
			time.Sleep(200 * time.Millisecond)
		}
	}
	eventually("govdsm-guest", "qemu-agent-command", v.Name, `{"execute":"guest-get-host-name"}`)
	eventually("busybox", "guestinfo", v.Name, "--os")
	eventually("available", "dommemstat", v.Name)
	if out, err := virsh("shutdown", v.Name, "--mode", "agent"); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	waitFor(ctx, t, v.Console, "asked to shut down")
}
