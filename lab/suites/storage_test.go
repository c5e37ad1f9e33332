// SPDX-License-Identifier: GPL-2.0-or-later

package suites

import (
	"strings"
	"testing"
	"time"

	"govdsm/lab"
	"govdsm/lab/fixture"
)

// storage: one host exports NFS and iSCSI. The other mounts, logs in, makes a
// volume group with volumes, and finishes what it was writing when the cable
// between them was dead for a while.
func (p pair) storage(t *testing.T) {
	share := fixture.NFS(t, p.server)
	target := fixture.ISCSI(t, p.server, fixture.Target{LUNs: []fixture.LUN{{Name: "lun0", Size: 300 << 20}}})
	fixture.Initiator(t, p.client)
	disk := target.Login(t, p.client)[0]

	p.client.Sh(t, `modprobe -a nfsv4 dm-mod
		mkdir -p /mnt/share
		mount -t nfs -o vers=4.2,hard,timeo=50 `+share.Source()+` /mnt/share
		pvcreate -qqy `+disk+`
		vgcreate -qq lab `+disk+`
		lvcreate -qqy -Wn -n one -L 100M lab
		lvcreate -qqy -Wn -n two -L 100M lab`)
	p.client.Cleanup(t, func() {
		p.client.Sh(t, "umount /mnt/share; vgchange -qqan lab")
	})
	if got := strings.Fields(p.client.Run(t, "lvs", "--noheadings", "-o", "lv_name", "lab")); len(got) != 2 {
		t.Fatalf("logical volumes %q, want two", got)
	}

	link := p.client.Link(0)
	p.client.Run(t, "dd", "if=/dev/urandom", "of=/dev/shm/data", "bs=1M", "count=4")
	link.Cut()
	t.Cleanup(link.Heal)
	writer := p.client.Begin(t, lab.Command{Args: []string{"bash", "-euc", `
		dd if=/dev/shm/data of=/dev/lab/one bs=1M oflag=direct & first=$!
		dd if=/dev/shm/data of=/mnt/share/data bs=1M conv=fsync
		wait $first`}})
	time.Sleep(3 * time.Second) // the writers are waiting for the dead link
	if writer.Ended() {
		t.Error("writes ended over a dead link")
	}
	link.Heal()
	if r := writer.Wait(t); r.Code != 0 {
		t.Fatalf("the writes did not survive the cut: exit code %d\n%s", r.Code, r.Stderr)
	}
	p.client.Sh(t, "cmp -n 4194304 /dev/shm/data /dev/lab/one && cmp /dev/shm/data /mnt/share/data")
	if got := p.server.Run(t, "stat", "-c", "%s", share.Path+"/data"); got != "4194304" {
		t.Errorf("the server has %s bytes of the file", got)
	}
}
