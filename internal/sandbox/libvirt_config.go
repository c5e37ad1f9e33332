// SPDX-License-Identifier: GPL-2.0-or-later

package sandbox

import (
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"

	"github.com/google/uuid"
)

// writeLibvirtConfig writes the files that libvirt reads. The host's identity
// is made once: a manager knows the host by it.
func writeLibvirtConfig(l Layout, a alias, session bool) error {
	id, err := hostID(filepath.Join(l.Etc(), "vdsm", "vdsm.id"))
	if err != nil {
		return err
	}
	files := map[string]string{"qemu.conf": qemuConf + portRanges(l)}
	if !session {
		files["qemu.conf"] += qemuAsRoot
	}
	for _, name := range append(secondary(), "libvirtd", "virtqemud") {
		log := filepath.Join(Layout{Dir: a.path}.Log(), "libvirt", name+".log")
		files[name+".conf"] = fmt.Sprintf(daemonConf, id, log)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(l.Etc(), "libvirt", name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// daemonConf lets nobody in but who may open the socket: whoever speaks to a
// system libvirt is as good as root.
const daemonConf = `# Written by govdsm at every start of the sandbox.
host_uuid = "%s"
auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_ro_perms = "0700"
unix_sock_rw_perms = "0700"
log_outputs = "3:file:%s"
`

// qemuConf asks of libvirt only what works without systemd, delegated control
// groups and a security module. virtlogd is not there to write QEMU's output.
const qemuConf = `# Written by govdsm at every start of the sandbox.
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
stdio_handler = "file"
namespaces = []
cgroup_controllers = []
`

// portRanges makes each sandbox look for ports elsewhere: libvirt looks for a
// free port and QEMU takes it later, and two libvirts that start VMs at
// the same moment would find the same one.
func portRanges(l Layout) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(l.Dir)) // never fails
	n := int(h.Sum32() % 250)
	return fmt.Sprintf("remote_display_port_min = %d\nmigration_port_min = %d\nmigration_port_max = %d\n",
		6000+100*n, 49152+64*n, 49152+64*n+63)
}

// qemuAsRoot makes VMs able to open what vdsmd, root too, puts before them.
// A session's libvirt has no choice of users and would fail over it.
const qemuAsRoot = `user = "root"
group = "root"
swtpm_user = "root"
swtpm_group = "root"
`

// hostID returns the identity in file, making it if there is none.
func hostID(file string) (uuid.UUID, error) {
	text, err := os.ReadFile(file)
	if err == nil {
		id, err := uuid.ParseBytes(text[:min(len(text), 36)])
		if err != nil {
			return id, fmt.Errorf("%s: %w", file, err)
		}
		return id, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return uuid.UUID{}, err
	}
	id := uuid.New()
	return id, os.WriteFile(file, []byte(id.String()+"\n"), 0o644)
}
