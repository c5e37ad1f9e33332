// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// guest is a small Linux that says "guest is up" on its console, powers off
// when its power button is pressed, and reboots when it is told so.
type guest struct{ kernel, initrd string }

// theGuest makes the guest once. Its kernel is Debian's, from the machine or
// from a cache that is filled when it is empty.
var theGuest = sync.OnceValues(makeGuest)

func needGuest(t *testing.T) guest {
	t.Helper()
	g, err := theGuest()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func makeGuest() (guest, error) {
	kernel, modules, err := findKernel()
	if err != nil {
		return guest{}, err
	}
	busybox, err := os.ReadFile("/bin/busybox")
	if err != nil {
		return guest{}, err
	}
	var image bytes.Buffer
	a := archive{to: &image}
	for _, dir := range []string{"bin", "proc", "sys", "dev", "etc", "etc/acpi", "etc/acpi/PWRF", "var", "var/run", "var/log"} {
		a.add(dir, 0o40755, nil)
	}
	a.add("bin/busybox", 0o100755, busybox)
	for name, module := range map[string]string{
		"evdev.ko": "kernel/drivers/input/evdev.ko", "button.ko": "kernel/drivers/acpi/button.ko",
	} {
		data, err := readModule(modules, module)
		if err != nil {
			return guest{}, err
		}
		a.add(name, 0o100644, data)
	}
	a.add("init", 0o100755, []byte(guestInit))
	a.add("etc/acpi/PWRF/00000080", 0o100755, []byte("#!/bin/busybox sh\n/bin/busybox poweroff -f\n"))
	a.add("TRAILER!!!", 0, nil)
	dir := private.dir
	initrd := filepath.Join(dir, "initrd")
	return guest{kernel, initrd}, os.WriteFile(initrd, image.Bytes(), 0o644)
}

const guestInit = `#!/bin/busybox sh
B=/bin/busybox
$B mount -t proc proc /proc; $B mount -t sysfs sys /sys; $B mount -t devtmpfs dev /dev
$B insmod /evdev.ko; $B insmod /button.ko
until $B grep -q "Power Button" /proc/bus/input/devices; do $B sleep 1; done
$B sleep 1; $B acpid -d 2>&1 & $B sleep 1
echo "guest is up"
case "$($B cat /proc/cmdline)" in *reboot_once*) $B sleep 3; $B reboot -f;; esac
while :; do $B sleep 1000; done
`

// findKernel returns a kernel and the folder with its modules.
func findKernel() (kernel, modules string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", "", err
	}
	cache = filepath.Join(cache, "govdsm-lab")
	for _, root := range []string{"/", filepath.Join(cache, "kernel")} {
		if kernel, modules, ok := kernelBelow(root); ok {
			return kernel, modules, nil
		}
	}
	fetch := exec.Command("sh", "-c", `mkdir -p "$0" && cd "$0" &&
		p=$(apt-cache depends linux-image-amd64 | awk '/Depends:/{print $2; exit}') &&
		apt-get download "$p" && dpkg -x "$p"_*.deb kernel`, cache)
	if out, err := fetch.CombinedOutput(); err != nil {
		return "", "", fmt.Errorf("no kernel for a guest: %w: %s", err, out)
	}
	if kernel, modules, ok := kernelBelow(filepath.Join(cache, "kernel")); ok {
		return kernel, modules, nil
	}
	return "", "", fmt.Errorf("no kernel below %s", cache)
}

func kernelBelow(root string) (kernel, modules string, ok bool) {
	kernels, _ := filepath.Glob(filepath.Join(root, "boot", "vmlinuz-*"))
	for _, k := range kernels {
		release := filepath.Base(k)[len("vmlinuz-"):]
		modules = filepath.Join(root, "lib", "modules", release)
		if _, err := os.Stat(filepath.Join(modules, "kernel/drivers/input")); err == nil {
			return k, modules, true
		}
	}
	return "", "", false
}

// readModule reads a kernel module, which may be compressed.
func readModule(modules, name string) ([]byte, error) {
	path := filepath.Join(modules, name)
	if data, err := os.ReadFile(path); err == nil {
		return data, nil
	}
	return exec.Command("xz", "-dc", path+".xz").Output()
}

// archive writes a cpio archive as the kernel unpacks it (format newc).
type archive struct {
	to   *bytes.Buffer
	inos int
}

func (a *archive) add(name string, mode int, data []byte) {
	a.inos++
	fmt.Fprintf(a.to, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s\x00",
		a.inos, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name)+1, 0, name)
	a.pad()
	a.to.Write(data)
	a.pad()
}

func (a *archive) pad() {
	for a.to.Len()%4 != 0 {
		a.to.WriteByte(0)
	}
}

// consoleOf is the file that the guest's console is written to.
func consoleOf(s sketch) string { return filepath.Join(private.dir, s.id+".console") }

// realSketch is a domain that QEMU can boot without KVM.
func realSketch(t *testing.T, g guest) (s sketch, console string) {
	t.Helper()
	s = newSketch()
	s.typ = "qemu"
	console = consoleOf(s)
	s.onRoot = `<clock offset="variable" adjustment="0"/>`
	s.kernel = fmt.Sprintf(`<kernel>%s</kernel><initrd>%s</initrd><cmdline>console=ttyS0 quiet panic=-1 mitigations=off</cmdline>`,
		g.kernel, g.initrd)
	s.memory = 131072
	s.devices = `<emulator>/usr/bin/qemu-system-x86_64</emulator>` +
		`<serial type="file"><source path="` + console + `"/><target port="0"/></serial>` +
		`<graphics type="vnc" port="-1" autoport="yes" passwd="*****" passwdValidTo="1970-01-01T00:00:01">` +
		`<listen type="address" address="127.0.0.1"/></graphics>` +
		`<channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>`
	return s, console
}
