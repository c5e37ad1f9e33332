// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
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
	files := h.readKept()
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
	maps.Copy(texts, files)
	for name, log := range h.logs {
		texts[name+".log"] = log.String()
	}
	var errs []error
	for name, text := range texts {
		errs = append(errs, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	return errors.Join(errs...)
}

// Keep makes files of the host artefacts, log files for instance, should the
// test fail.
func (h *Host) Keep(paths ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kept = append(h.kept, paths...)
}

// readKept reads the files to be kept, as far as they can be had.
func (h *Host) readKept() map[string]string {
	files := make(map[string]string)
	if !h.On() {
		return files
	}
	h.mu.Lock()
	paths := slices.Clone(h.kept)
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for _, path := range paths {
		if content, err := h.read(ctx, path); err == nil {
			files[filepath.Base(path)] = string(content)
		}
	}
	return files
}

func artefactDir() string {
	if dir := os.Getenv(ArtefactsVariable); dir != "" {
		return dir
	}
	return filepath.Join(ModuleRoot(), ".cache", "lab")
}

// ModuleRoot is the folder with go.mod above the working folder, or the
// working folder itself.
func ModuleRoot() string {
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
