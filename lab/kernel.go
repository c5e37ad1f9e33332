// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// KernelVariable names the environment variable with a folder that holds an
// unpacked kernel (boot/vmlinuz-*, lib/modules/*), instead of the
// distribution's package.
const KernelVariable = "GOVDSM_LAB_KERNEL"

// kernel is a distribution's kernel, unpacked and not installed.
type kernel struct {
	image   string // boot/vmlinuz-6.1.0-56-amd64
	modules string // lib/modules/6.1.0-56-amd64
}

func (k kernel) release() string { return filepath.Base(k.modules) }

// cacheDir is where the unpacked kernel stays from run to run. It lies below
// the machine's root, since the hosts load their modules from there.
func cacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("lab: a place for the kernel: %w", err)
	}
	dir := filepath.Join(base, "govdsm-lab")
	return dir, os.MkdirAll(dir, 0o755)
}

// findKernel returns the kernel in the cache, and fetches the distribution's
// package first when there is none. Test binaries that run at once wait for
// each other.
func findKernel(ctx context.Context) (kernel, error) {
	if dir := os.Getenv(KernelVariable); dir != "" {
		return kernelIn(dir)
	}
	cache, err := cacheDir()
	if err != nil {
		return kernel{}, err
	}
	dir := filepath.Join(cache, "kernel")
	if k, err := kernelIn(dir); err == nil {
		return k, nil
	}
	unlock, err := lockFile(filepath.Join(cache, "lock"))
	if err != nil {
		return kernel{}, err
	}
	defer unlock()
	if k, err := kernelIn(dir); err == nil {
		return k, nil // somebody else has fetched it meanwhile
	}
	if err := fetchKernel(ctx, dir); err != nil {
		return kernel{}, fmt.Errorf("lab: fetch a kernel (set %s to use your own): %w", KernelVariable, err)
	}
	return kernelIn(dir)
}

// kernelIn looks for a kernel in a folder.
func kernelIn(dir string) (kernel, error) {
	images, err := filepath.Glob(filepath.Join(dir, "boot/vmlinuz-*"))
	if err != nil || len(images) == 0 {
		return kernel{}, fmt.Errorf("lab: no boot/vmlinuz-* in %s", dir)
	}
	image := images[len(images)-1]
	_, release, _ := strings.Cut(filepath.Base(image), "-")
	k := kernel{image: image, modules: filepath.Join(dir, "lib/modules", release)}
	if _, err := os.Stat(filepath.Join(k.modules, "modules.dep")); err != nil {
		return kernel{}, fmt.Errorf("lab: modules of kernel %s: %w", release, err)
	}
	return k, nil
}

// fetchKernel downloads the package that the distribution's kernel
// metapackage stands for and unpacks it as dir, all or nothing.
func fetchKernel(ctx context.Context, dir string) error {
	if runtime.GOARCH != "amd64" {
		return fmt.Errorf("no recipe for %s yet", runtime.GOARCH)
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), "fetch-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	facts, err := output(ctx, work, "apt-cache", "depends", "linux-image-amd64")
	if err != nil {
		return err
	}
	found := regexp.MustCompile(`Depends: (linux-image-\S+)`).FindStringSubmatch(facts)
	if found == nil {
		return errors.New("apt knows no linux-image-amd64; run apt-get update")
	}
	if _, err := output(ctx, work, "apt-get", "download", found[1]); err != nil {
		return err
	}
	if _, err := output(ctx, work, "sh", "-c", "dpkg -x "+found[1]+"_*.deb unpacked"); err != nil {
		return err
	}
	release := strings.TrimPrefix(found[1], "linux-image-")
	if _, err := output(ctx, work, "depmod", "-b", filepath.Join(work, "unpacked"), release); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.Rename(filepath.Join(work, "unpacked"), dir)
}

// output runs a program of the machine and returns what it says.
func output(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin", "LC_ALL=C")
	if path, err := exec.LookPath("/usr/sbin/" + args[0]); err == nil {
		cmd.Path, cmd.Err = path, nil
	}
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	return string(out), nil
}

// lockFile waits until no other process holds the lock of that file. The lock
// goes with the process, so that none is ever stale.
func lockFile(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return func() { f.Close() }, nil
}
