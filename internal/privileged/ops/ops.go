// SPDX-License-Identifier: GPL-2.0-or-later

// Package ops carries out, as root, the operations that package privileged
// declares. It trusts nothing in a request: names and numbers are checked
// against what the operation is for, and no path comes from outside.
package ops

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"

	"govdsm/internal/privileged"
)

// Host is the machine whose files are below root; "" and "/" are the running
// one. arch is what uname calls its architecture.
type Host struct{ root, arch string }

// New returns the operations on a host.
func New(root, arch string) *Host { return &Host{root: root, arch: arch} }

// Bind binds them all.
func (h *Host) Bind(s *privileged.Server) {
	privileged.Handle(s, privileged.HardwareInfo, h.hardwareInfo)
	privileged.Handle(s, privileged.HostFacts, h.facts)
	privileged.Handle(s, privileged.KSMTune, h.tuneKSM)
}

// mostText bounds the files that are read; all of them are small.
const mostText = 1 << 20

// read returns a file's contents without surrounding white space and NULs.
func (h *Host) read(path string) (string, error) {
	f, err := os.Open(filepath.Join(h.root, path))
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, mostText))
	return strings.Trim(string(b), " \t\r\n\x00"), err
}

func (h *Host) facts(context.Context, *privileged.None) (privileged.Facts, error) {
	var f privileged.Facts
	text, err := h.read("/etc/iscsi/initiatorname.iscsi")
	if err == nil || os.IsNotExist(err) {
		f.InitiatorName = new(setting(text, "InitiatorName"))
	}
	text, err = h.read("/etc/libvirt/qemu.conf")
	if err == nil || os.IsNotExist(err) {
		f.VNCTLS = new(setting(text, "vnc_tls") == "1")
	}
	return f, nil
}

// setting returns the last value of a name in lines of the form name=value;
// # begins a comment.
func setting(text, name string) (value string) {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if key, v, ok := strings.Cut(line, "="); ok && strings.TrimSpace(key) == name {
			value = strings.Trim(strings.TrimSpace(v), `"`)
		}
	}
	return value
}
