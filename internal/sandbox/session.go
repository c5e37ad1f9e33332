// SPDX-License-Identifier: GPL-2.0-or-later

package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// sessionMembers returns the QEMU processes of a libvirt that has no namespace
// of its own. They are known by the files in which libvirt keeps their
// numbers, and a number counts only if an emulator has it that was started
// with this file.
func sessionMembers(runLibvirt string) ([]process, error) {
	files, err := filepath.Glob(filepath.Join(runLibvirt, "qemu", "run", "*.pid"))
	if err != nil {
		return nil, err
	}
	var found []process
	for _, file := range files {
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil || pid <= 1 {
			continue
		}
		if p, err := identify(pid); err == nil && emulates(pid, strings.TrimSuffix(filepath.Base(file), ".pid")) {
			found = append(found, p)
		}
	}
	return found, nil
}

// emulates reports whether the process is QEMU for the VM of that name: libvirt
// starts it with -name guest=NAME.
func emulates(pid int, vm string) bool {
	if !strings.HasPrefix(program(pid), "qemu") {
		return false
	}
	args, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && bytes.Contains(args, []byte("\x00guest="+vm+","))
}
