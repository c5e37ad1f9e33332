// SPDX-License-Identifier: GPL-2.0-or-later

package hook

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// LaunchFlags lets before_vm_start scripts change the flags with which libvirt
// creates a VM: they are a decimal number in <Dir>/<vmId>/launchflags.
type LaunchFlags struct {
	Dir string // /run/vdsm
}

func (l LaunchFlags) path(vmID string) (string, error) {
	if vmID == "." || !filepath.IsLocal(vmID) || strings.ContainsRune(vmID, '/') {
		return "", fmt.Errorf("%.40q is no VM id", vmID)
	}
	return filepath.Join(l.Dir, vmID, "launchflags"), nil
}

// Store writes the flags before the scripts run.
func (l LaunchFlags) Store(vmID string, flags uint32) error {
	path, err := l.path(vmID)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(strconv.FormatUint(uint64(flags), 10)), 0o644)
}

// Load reads the flags after the scripts ran; 0 when there is no file.
func (l LaunchFlags) Load(vmID string) (uint32, error) {
	path, err := l.path(vmID)
	if err != nil {
		return 0, err
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	flags, err := strconv.ParseUint(strings.TrimSpace(line), 10, 32)
	if err != nil {
		return 0, fmt.Errorf("launch flags in %s: %w", path, err)
	}
	return uint32(flags), nil
}

// Remove takes the file away, and the VM's folder unless something else is in
// it. It may be called when there is none.
func (l LaunchFlags) Remove(vmID string) error {
	path, err := l.path(vmID)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Remove(filepath.Dir(path)); err != nil && !errors.Is(err, os.ErrNotExist) &&
		!errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}
