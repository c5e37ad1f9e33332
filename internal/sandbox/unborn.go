// SPDX-License-Identifier: GPL-2.0-or-later

package sandbox

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
)

// forgetUnborn removes what a libvirtd that was killed has noted of VMs for
// which it had not run QEMU yet. The next libvirtd would list them as starting
// up, for ever, and could not be told to end them: it takes a note without a
// process for nothing to look after. libvirt does not run.
func forgetUnborn(ctx context.Context, l Layout, log *slog.Logger) error {
	var errs []error
	for _, pattern := range []string{"*.xml", "run/*.xml"} { // of a system libvirt and a session's
		files, err := filepath.Glob(filepath.Join(l.Run(), "libvirt", "qemu", pattern))
		errs = append(errs, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			if unborn(text) {
				log.WarnContext(ctx, "a VM was about to start when libvirt was killed, and is forgotten", "file", file)
				errs = append(errs, os.Remove(file))
			}
		}
	}
	return errors.Join(errs...)
}

// unborn reports whether libvirt's note of a running domain has no process.
func unborn(note []byte) bool {
	_, rest, found := bytes.Cut(note, []byte("<domstatus "))
	tag, _, _ := bytes.Cut(rest, []byte(">"))
	return found && bytes.Contains(tag, []byte(" pid='0'"))
}
