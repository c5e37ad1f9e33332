// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"govdsm/lab/internal/wire"
)

// AcceleratorVariable names the environment variable that says how QEMU runs
// hosts, "kvm" or "tcg", instead of trying it.
const AcceleratorVariable = "GOVDSM_LAB_ACCEL"

// kit is what all hosts of a test process have in common.
type kit struct {
	kernel      kernel
	initramfs   *os.File // in memory
	accelerator string   // as QEMU's option -accel takes it
}

// theKit prepares the kit at its first call. It is the same for every lab of
// the process, and dear: hence the only variable of this package.
var theKit = sync.OnceValues(func() (*kit, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	return newKit(ctx)
})

func newKit(ctx context.Context) (*kit, error) {
	k, err := findKernel(ctx)
	if err != nil {
		return nil, err
	}
	archive, err := initramfs(ctx, k)
	if err != nil {
		return nil, err
	}
	fd, err := unix.MemfdCreate("initramfs", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("lab: memory for the initramfs: %w", err)
	}
	file := os.NewFile(uintptr(fd), "initramfs")
	if _, err := file.Write(archive); err != nil {
		return nil, err
	}
	kit := &kit{kernel: k, initramfs: file}
	kit.accelerator, err = kit.chooseAccelerator()
	return kit, err
}

const tcg = "tcg,thread=multi"

// chooseAccelerator boots a kernel under KVM to see whether that works: that
// /dev/kvm is there says little, for instance inside a virtual machine. The
// answer is kept until the machine is booted again.
func (k *kit) chooseAccelerator() (string, error) {
	switch wish := os.Getenv(AcceleratorVariable); wish {
	case "kvm":
		return "kvm", nil
	case "tcg":
		return tcg, nil
	case "":
	default:
		return "", fmt.Errorf("lab: %s=%s: only kvm and tcg are known", AcceleratorVariable, wish)
	}
	if f, err := os.OpenFile("/dev/kvm", os.O_RDWR, 0); err != nil {
		return tcg, nil
	} else {
		f.Close()
	}
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	note := filepath.Join(cache, "accelerator")
	about := strings.TrimSpace(string(boot)) + " " + k.kernel.release() + " "
	if text, err := os.ReadFile(note); err == nil {
		if answer, ok := strings.CutPrefix(string(text), about); ok {
			return answer, nil
		}
	}
	answer := tcg
	if k.boots("kvm") {
		answer = "kvm"
	}
	return answer, os.WriteFile(note, []byte(about+answer), 0o644)
}

// boots tells whether a kernel under that accelerator reaches its first
// process within ten seconds.
func (k *kit) boots(accelerator string) bool {
	p, err := newPlan(k, accelerator, 256, 1, wire.ProbeParameter)
	if err != nil {
		return false
	}
	var console, complaints record
	m, err := p.start(&console, &complaints)
	if err != nil {
		return false
	}
	defer m.kill()
	limit := time.After(10 * time.Second)
	for {
		select {
		case <-m.gone:
			return strings.Contains(console.String(), wire.Alive)
		case <-limit:
			return false
		case <-time.After(50 * time.Millisecond):
			if strings.Contains(console.String(), wire.Alive) {
				return true
			}
		}
	}
}
