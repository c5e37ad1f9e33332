// SPDX-License-Identifier: GPL-2.0-or-later

package suites

import (
	"strings"
	"testing"
	"time"

	"govdsm/lab"
)

// powerFailure: a host that loses power in the middle of a write finds, when
// it is on again, what it had synced, and file systems that mount.
func (p pair) powerFailure(t *testing.T) {
	h := p.client
	for _, name := range []string{"data", "data4k"} {
		h.Sh(t, `modprobe -a ext4 xfs; mkdir -p /mnt/`+name+`
			mkfs.ext4 -qF `+h.Disk(name)+`
			mount `+h.Disk(name)+` /mnt/`+name+`
			echo "this is safe" >/mnt/`+name+`/safe
			sync -f /mnt/`+name+`/safe`)
	}
	writer := h.Begin(t, lab.Command{Args: []string{"bash", "-c", `
		for ((i = 0; ; i++)); do
			for d in data data4k; do echo "line $i" >>/mnt/$d/growing; done
			echo wrote >&2
		done`}})
	deadline := time.Now().Add(time.Minute)
	for !strings.Contains(writer.Output(), "wrote") {
		if time.Now().After(deadline) {
			t.Fatal("the writer does not write")
		}
		time.Sleep(10 * time.Millisecond)
	}
	h.PowerOff()

	must(t, h.Boot(t.Context()))
	for _, name := range []string{"data", "data4k"} {
		h.Sh(t, "modprobe ext4; mkdir -p /mnt/"+name+"; mount "+h.Disk(name)+" /mnt/"+name)
		if got := h.Get(t, "/mnt/"+name+"/safe"); got != "this is safe\n" {
			t.Errorf("%s: what was synced is now %q", name, got)
		}
		h.Sh(t, "umount /mnt/"+name+"; e2fsck -fn "+h.Disk(name))
	}
	h.Run(t, "ping", "-c1", "-W30", p.server.Name)
}
