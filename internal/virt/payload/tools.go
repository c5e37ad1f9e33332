// SPDX-License-Identifier: GPL-2.0-or-later

package payload

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// toolTimeout is far more than a program needs for a few mebibytes.
const toolTimeout = time.Minute

// makeISO makes a CD with Rock Ridge names for Linux and Joliet ones for
// Windows.
func makeISO(ctx context.Context, image, tree, label string) error {
	tool, err := find("genisoimage", "mkisofs", "xorriso")
	if err != nil {
		return err
	}
	var args []string
	if filepath.Base(tool) == "xorriso" {
		args = []string{"-as", "mkisofs"}
	}
	args = append(args, "-quiet", "-R", "-J", "-input-charset", "utf-8", "-o", image)
	if label != "" {
		args = append(args, "-V", label)
	}
	return run(ctx, tool, append(args, tree)...)
}

// makeFloppy makes a disk of 1440 KiB with a FAT file system.
func makeFloppy(ctx context.Context, image, tree, label string) error {
	mkfs, err := find("mkfs.fat", "mkfs.msdos")
	if err != nil {
		return err
	}
	mcopy, err := find("mcopy")
	if err != nil {
		return err
	}
	args := []string{"-C", image, "1440"}
	if label != "" {
		args = append(args, "-n", label)
	}
	if err := run(ctx, mkfs, args...); err != nil {
		return err
	}
	entries, err := os.ReadDir(tree)
	if err != nil || len(entries) == 0 {
		return err
	}
	args = []string{"-i", image, "-s", "-Q"}
	for _, e := range entries {
		// A full path keeps a name like "a:" from being taken for a drive.
		args = append(args, filepath.Join(tree, e.Name()))
	}
	return run(ctx, mcopy, append(args, "::/")...)
}

// find returns the first of the programs that is installed, also where only
// root's search path leads.
func find(names ...string) (string, error) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
		for _, dir := range []string{"/usr/sbin", "/sbin"} {
			if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
				return path, nil
			}
		}
	}
	return "", fmt.Errorf("%w: %s", ErrNoTool, strings.Join(names, " or "))
}

// run runs a program in a process group of its own, which dies with ctx. What
// it prints becomes the error's text.
func run(ctx context.Context, tool string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, toolTimeout)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, tool, args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8"}
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return fmt.Errorf("%s: %w: %s", filepath.Base(tool), err, tail(out.String()))
	}
	return nil
}

// tail returns the end of what a program said, where the reason is.
func tail(s string) string {
	s = strings.TrimSpace(s)
	return s[max(0, len(s)-500):]
}
