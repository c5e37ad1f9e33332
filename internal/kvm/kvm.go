// SPDX-License-Identifier: GPL-2.0-or-later

// Package kvm finds out whether virtual machines can run under KVM on this
// machine. That /dev/kvm is there says little: it may be forbidden, it may
// fail, and where this machine is itself a guest it may run guests a thousand
// times slower than emulation does. So the probe boots one, of a few dozen
// instructions, and sees whether it gets anywhere.
package kvm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"govdsm/internal/atomicfile"
)

const (
	// bootLimit is a hundred times what the guest takes under a KVM that
	// works: a loaded machine must not be taken for a useless one.
	bootLimit = 3 * time.Second

	// retryAfter is how long a bad result counts. Permissions change, and load
	// does; that a machine runs guests stays true until it is booted again.
	retryAfter = 10 * time.Minute
)

// Result says whether KVM can be used and, if not, why.
type Result struct {
	Usable bool   `json:"usable"`
	Reason string `json:"reason"` // for people; "" when usable
}

// Probe boots the smallest possible guest under KVM with this QEMU; with "" it
// takes the one in PATH for this machine's processor.
func Probe(ctx context.Context, emulator string) Result {
	if emulator == "" {
		var err error
		if emulator, err = Emulator(); err != nil {
			return Result{Reason: err.Error()}
		}
	}
	dev, err := os.OpenFile("/dev/kvm", os.O_RDWR, 0)
	if err != nil {
		return Result{Reason: err.Error()}
	}
	if err := dev.Close(); err != nil {
		return Result{Reason: err.Error()}
	}
	return boot(ctx, emulator, "kvm", bootLimit)
}

// Cached is Probe with a memory in the file: a good result holds until the
// machine is booted again, a bad one for a while.
func Cached(ctx context.Context, emulator, file string) Result {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return Probe(ctx, emulator)
	}
	now := time.Now()
	if known, ok := recall(file); ok && known.Boot == strings.TrimSpace(string(boot)) && known.Emulator == emulator &&
		(known.Usable || now.Sub(known.At).Abs() < retryAfter) {
		return known.Result
	}
	found := memory{Result: Probe(ctx, emulator), Boot: strings.TrimSpace(string(boot)), Emulator: emulator, At: now}
	// Not to remember costs the next caller a probe and nobody a wrong answer.
	_ = found.save(file)
	return found.Result
}

// memory is a result as it is kept in a file.
type memory struct {
	Result
	Boot     string    `json:"boot"`
	Emulator string    `json:"emulator"`
	At       time.Time `json:"at"`
}

func recall(file string) (memory, bool) {
	var m memory
	text, err := os.ReadFile(file)
	return m, err == nil && json.Unmarshal(text, &m) == nil
}

func (m memory) save(file string) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return atomicfile.Write(file, text, 0o644)
}

// boot runs the guest and waits until it reports success, or the limit.
func boot(ctx context.Context, emulator, accelerator string, limit time.Duration) Result {
	image, machine, want, err := guest()
	if err != nil {
		return Result{Reason: err.Error()}
	}
	file, err := memoryFile(image)
	if err != nil {
		return Result{Reason: err.Error()}
	}
	defer file.Close()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	args := append([]string{"-accel", accelerator, "-nodefaults", "-display", "none", "-no-reboot", "-m", "16"}, machine...)
	cmd := exec.CommandContext(ctx, emulator, args...)
	cmd.ExtraFiles = []*os.File{file}
	cmd.WaitDelay = time.Second
	// A guest that gets nowhere would run for ever after us if we are killed.
	// The kernel takes the thread that started it for its parent, so that
	// thread must live as long as the guest.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return Result{Reason: fmt.Sprintf("/dev/kvm is there, but a guest on it got nowhere in %v", limit)}
	}
	switch {
	case cmd.ProcessState == nil:
		return Result{Reason: err.Error()}
	case cmd.ProcessState.ExitCode() != want:
		return Result{Reason: fmt.Sprintf("%s: %s: %s", filepath.Base(emulator), cmd.ProcessState, lastLine(out))}
	}
	return Result{Usable: true}
}

// imagePath is how QEMU finds the guest: as the first file it is started with
// beyond the usual three.
const imagePath = "/proc/self/fd/3"

// guest returns the guest, the machine that runs it from imagePath, and the
// status with which QEMU then ends.
func guest() (image []byte, args []string, status int, err error) {
	switch runtime.GOARCH {
	case "amd64", "386":
		return pcROM(), []string{
			"-M", "pc", "-cpu", "max", "-bios", imagePath,
			"-device", fmt.Sprintf("isa-debug-exit,iobase=%#x,iosize=1", exitPort),
		}, success<<1 | 1, nil
	case "arm64":
		return armImage(), []string{"-M", "virt,gic-version=max", "-cpu", "max", "-kernel", imagePath}, 0, nil
	}
	return nil, nil, 0, fmt.Errorf("no probe is written for %s", runtime.GOARCH)
}

// memoryFile returns a file that is in no folder, so that nothing is left of it
// when we are killed.
func memoryFile(content []byte) (*os.File, error) {
	const name = "kvm-probe"
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	file := os.NewFile(uintptr(fd), name)
	if _, err := file.Write(content); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// Emulator returns the path of QEMU for this machine's own processor.
func Emulator() (string, error) {
	for _, name := range []string{"qemu-system-" + Processor(), "qemu-kvm", "/usr/libexec/qemu-kvm"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("qemu-system-%s is not installed: hack/install-deps run installs it", Processor())
}

// Processor is this machine's processor as uname, QEMU and libvirt call it.
func Processor() string {
	switch runtime.GOARCH {
	case "amd64":
		return "x86_64"
	case "arm64":
		return "aarch64"
	}
	return runtime.GOARCH
}

func lastLine(out []byte) string {
	text := strings.TrimSpace(string(out))
	return text[strings.LastIndexByte(text, '\n')+1:]
}
