// SPDX-License-Identifier: GPL-2.0-or-later

package guest_test

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net"
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

// generous is more than a boot under emulation takes on a loaded machine.
const generous = 3 * time.Minute

func findKernel(t *testing.T) guest.Kernel {
	t.Helper()
	cache, err := sandbox.Cache()
	if err != nil {
		t.Fatal(err)
	}
	k, err := guest.Source{Cache: cache, Say: func(s string) { t.Log(s) }}.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// The guest boots, talks, and obeys its power button.
func TestLife(t *testing.T) {
	t.Parallel()
	qemu, err := kvm.Emulator()
	if err != nil {
		t.Fatal(err)
	}
	k := findKernel(t)
	dir := t.TempDir()
	content, err := guest.Initramfs(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	initrd := filepath.Join(dir, "initrd")
	if err := os.WriteFile(initrd, content, 0o600); err != nil {
		t.Fatal(err)
	}
	accelerator := "tcg"
	if kvm.Probe(t.Context(), qemu).Usable {
		accelerator = "kvm"
	}
	console, monitor := filepath.Join(dir, "console"), shortSocket(t)
	ctx, cancel := context.WithTimeout(t.Context(), generous)
	defer cancel()
	cmd := exec.CommandContext(ctx, qemu, "-accel", accelerator, "-cpu", "max", "-m", "256", "-nodefaults",
		"-display", "none", "-no-reboot", "-serial", "file:"+console, "-qmp", "unix:"+monitor+",server=on,wait=off",
		"-kernel", k.Image, "-initrd", initrd, "-append", "console=ttyS0 quiet panic=-1")
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	waitFor(ctx, t, console, "guest: ready")
	waitFor(ctx, t, console, "MiB free")
	t.Logf("up under %s after %v", accelerator, time.Since(began))
	pressPower(t, monitor)
	if err := cmd.Wait(); err != nil {
		t.Errorf("QEMU: %v", err)
	}
	waitFor(ctx, t, console, "good-bye")
}

func shortSocket(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "g")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "qmp")
}

func waitFor(ctx context.Context, t *testing.T, console, what string) {
	t.Helper()
	for {
		text, err := os.ReadFile(console)
		if err == nil && strings.Contains(string(text), what) {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("no %q on the console:\n%s", what, text)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func pressPower(t *testing.T, monitor string) {
	t.Helper()
	conn, err := net.Dial("unix", monitor)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, `{"execute":"qmp_capabilities"}{"execute":"system_powerdown"}`); err != nil {
		t.Fatal(err)
	}
}

// A kernel of the machine's own is used where it can be; what is in the cache
// goes first.
func TestKernelOfTheMachine(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	write("boot/vmlinuz-6.9.0", "no modules")
	write("boot/vmlinuz-6.1.0", "image")
	write("modules/6.1.0/modules.builtin", "kernel/drivers/input/evdev.ko\n")
	write("modules/6.1.0/kernel/drivers/acpi/button.ko.xz", "module")
	s := guest.Source{Cache: filepath.Join(root, "cache"), Boot: filepath.Join(root, "boot"), Modules: filepath.Join(root, "modules")}
	k, err := s.Find(t.Context())
	if err != nil || k.Release != "6.1.0" || len(k.Modules) != 1 || filepath.Base(k.Modules[0]) != "button.ko.xz" {
		t.Errorf("%+v, %v", k, err)
	}
	write("cache/kernel/5.0/vmlinuz", "cached")
	write("cache/kernel/5.0/evdev.ko", "module")
	k, err = s.Find(t.Context())
	if err != nil || k.Release != "5.0" || len(k.Modules) != 1 {
		t.Errorf("%+v, %v", k, err)
	}
}

func TestPackageContent(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, name := range []string{
		"./boot/vmlinuz-6.1", "./boot/config-6.1", "./lib/modules/6.1/kernel/drivers/acpi/button.ko.xz",
		"./lib/modules/6.1/kernel/drivers/acpi/fan.ko", "./usr/lib/modules/6.2/vmlinuz", "../../boot/vmlinuz-../../../up",
	} {
		if err := errors.Join(w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Size: 1, Mode: 0o644}), once(w.Write([]byte("x")))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := guest.UnpackTar(&buf, dir); err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := filepath.WalkDir(filepath.Dir(dir), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			got = append(got, strings.TrimPrefix(path, dir+"/"))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if want := "6.1/button.ko.xz 6.1/vmlinuz 6.2/vmlinuz"; strings.Join(got, " ") != want {
		t.Errorf("unpacked %v, want %s", got, want)
	}
}

func once(_ int, err error) error { return err }

func TestXML(t *testing.T) {
	t.Parallel()
	v := guest.VM{
		ID: uuid.New(), Name: "a <b> & c", Emulator: "/usr/bin/qemu", MemoryMiB: 256,
		Kernel: "/k", Initrd: "/i", Console: "/tmp/c&d", Channels: "/ch",
	}
	text, err := v.XML()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Type   string `xml:"type,attr"`
		Name   string `xml:"name"`
		Memory int    `xml:"memory"`
		Serial struct {
			Path string `xml:"path,attr"`
		} `xml:"devices>serial>source"`
	}
	if err := xml.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if got.Type != "qemu" || got.Name != v.Name || got.Memory != 256<<10 || got.Serial.Path != v.Console {
		t.Errorf("%+v", got)
	}
	if !strings.Contains(text, "/ch/"+v.ID.String()+".org.qemu.guest_agent.0") {
		t.Error("no agent channel")
	}
}
