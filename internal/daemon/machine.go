// SPDX-License-Identifier: GPL-2.0-or-later

package daemon

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"govdsm/internal/atomicfile"
	"govdsm/internal/kvm"
)

// kvmProbe finds out, beside everything else, whether KVM really runs guests.
type kvmProbe struct {
	memory string // file that keeps the result until the next boot
	result atomic.Pointer[kvm.Result]
}

// works is what capabilities tell, given that /dev/kvm is there. Until the
// probe has ended, its being there is all that is known.
func (k *kvmProbe) works() bool {
	r := k.result.Load()
	return r == nil || r.Usable
}

func (k *kvmProbe) run(ctx context.Context) error {
	emulator, err := kvm.Emulator()
	if err != nil {
		return nil // without QEMU libvirt has no guests to offer, which it says itself
	}
	r := kvm.Cached(ctx, emulator, k.memory)
	k.result.Store(&r)
	return nil
}

// ensureID gives a host a name of its own where firmware may have none, as in
// a container: an identity that survives restarts.
func ensureID(file string) error {
	if text, err := os.ReadFile(file); err == nil && len(bytes.TrimSpace(text)) > 0 {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return atomicfile.Write(file, []byte(uuid.NewString()+"\n"), 0o644)
}

// vncSASL reports whether QEMU's VNC servers ask for a user and a password
// of their own, so that displays need no ticket.
func vncSASL(qemuConf string) bool {
	text, err := os.ReadFile(qemuConf)
	if err != nil {
		return false // libvirt's default
	}
	for line := range strings.Lines(string(text)) {
		key, value, ok := strings.Cut(line, "=")
		if ok && strings.TrimSpace(key) == "vnc_sasl" && strings.TrimSpace(value) == "1" {
			return true
		}
	}
	return false
}

// hostStopping reports whether the machine is shutting down, which is what the
// end of a guest is then put down to.
func hostStopping(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	state, _ := exec.CommandContext(ctx, "systemctl", "is-system-running").Output() // not zero unless running
	return strings.TrimSpace(string(state)) == "stopping"
}
