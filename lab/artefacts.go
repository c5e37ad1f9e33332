// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ArtefactsVariable names the environment variable with the folder for the
// artefacts of failed tests; otherwise they are in .cache/lab of the module.
const ArtefactsVariable = "GOVDSM_LAB_ARTEFACTS"

// keepArtefacts writes down what is known of the hosts of a failed test.
func (l *Lab) keepArtefacts(t testing.TB) {
	dir := filepath.Join(artefactDir(), strings.ReplaceAll(t.Name(), "/", "-"))
	var errs []error
	for _, h := range l.hosts {
		errs = append(errs, h.keepArtefacts(filepath.Join(dir, h.Name)))
	}
	if err := errors.Join(errs...); err != nil {
		t.Errorf("keep the artefacts: %v", err)
	}
	t.Logf("what the hosts said is in %s", dir)
}

// keepArtefacts writes the story of the host (every command with its output
// and time), its console, its kernel's log, its daemons' logs and QEMU's
// command line and complaints into a folder.
func (h *Host) keepArtefacts(dir string) error {
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	texts := map[string]string{
		"story.log":   h.story.String(),
		"console.log": h.console.String(),
		"kernel.log":  h.kernelLog.String(),
		"qemu.log":    h.complaints.String(),
	}
	if h.machine != nil {
		texts["qemu.log"] = strings.Join(h.machine.line, " ") + "\n" + texts["qemu.log"]
	}
	for name, log := range h.logs {
		texts[name+".log"] = log.String()
	}
	var errs []error
	for name, text := range texts {
		errs = append(errs, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	return errors.Join(errs...)
}

func artefactDir() string {
	if dir := os.Getenv(ArtefactsVariable); dir != "" {
		return dir
	}
	return filepath.Join(moduleRoot(), ".cache", "lab")
}

// moduleRoot is the folder with go.mod above the working folder, or the
// working folder itself.
func moduleRoot() string {
	start, err := os.Getwd()
	if err != nil {
		return os.TempDir()
	}
	for dir := start; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	return start
}
