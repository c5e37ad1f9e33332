// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"govdsm/internal/kvm"
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
	file, err := inMemory(archive)
	if err != nil {
		return nil, err
	}
	accelerator, err := chooseAccelerator(ctx)
	return &kit{kernel: k, initramfs: file, accelerator: accelerator}, err
}

// inMemory returns a file that is nowhere else.
func inMemory(content []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate("lab", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("lab: file in memory: %w", err)
	}
	file := os.NewFile(uintptr(fd), "lab")
	_, err = file.Write(content)
	return file, err
}

// chooseAccelerator decides between KVM and emulation by booting something
// small: that /dev/kvm is there says little, for instance inside a virtual
// machine.
func chooseAccelerator(ctx context.Context) (string, error) {
	const tcg = "tcg,thread=multi"
	switch wish := os.Getenv(AcceleratorVariable); wish {
	case "kvm":
		return "kvm", nil
	case "tcg":
		return tcg, nil
	case "":
	default:
		return "", fmt.Errorf("lab: %s=%s: only kvm and tcg are known", AcceleratorVariable, wish)
	}
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	if kvm.Cached(ctx, emulator, filepath.Join(cache, "kvm.json")).Usable {
		return "kvm", nil
	}
	return tcg, nil
}
