// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"govdsm/client"
	"govdsm/test/hosttest"
)

// copied is how much is copied: so much that it takes a while.
const copied = 128 << 20

// disk is a volume of a killedCentre.
type disk struct{ image, volume string }

func newDisk() disk { return disk{uuid.NewString(), uuid.NewString()} }

func (d *killedCentre) of(v disk, more map[string]any) map[string]any {
	p := map[string]any{"storagepoolID": d.pool, "storagedomainID": d.domain, "imageID": v.image, "volumeID": v.volume}
	for k, val := range more {
		p[k] = val
	}
	return p
}

// create makes a volume: raw without a parent, else qcow2 upon it.
func (d *killedCentre) create(c *client.Host, v, parent disk, format int) disk {
	d.t.Helper()
	blank := "00000000-0000-0000-0000-000000000000"
	if parent.image == "" {
		parent = disk{blank, blank}
	}
	task := string(d.call(c, "Volume.create", d.of(v, map[string]any{
		"size": fmt.Sprint(copied), "volFormat": format, "preallocate": 2, "diskType": "DATA", "desc": "",
		"srcImgUUID": parent.image, "srcVolUUID": parent.volume,
	})))
	d.await(c, strings.Trim(task, `"`))
	return v
}

func (d *killedCentre) path(v disk) string {
	return filepath.Join(d.folder, d.domain, "images", v.image, v.volume)
}

// fill writes a pattern all over a volume.
func (d *killedCentre) fill(v disk, format string) {
	d.t.Helper()
	d.qemuIO(v, format, fmt.Sprintf("write -P 7 0 %d", copied))
}

func (d *killedCentre) qemuIO(v disk, format, command string) {
	d.t.Helper()
	out, err := exec.Command("qemu-io", "-f", format, "-c", command, d.path(v)).CombinedOutput()
	if err != nil || bytes.Contains(out, []byte("verification failed")) {
		d.t.Fatalf("%s: %v: %s", command, err, out)
	}
}

// says is what the metadata of a volume says.
func (d *killedCentre) says(v disk) string {
	text, err := os.ReadFile(d.path(v) + ".meta")
	if err != nil {
		d.t.Fatal(err)
	}
	return string(text)
}

func (d *killedCentre) wantSays(v disk, what string, texts ...string) {
	d.t.Helper()
	for _, text := range texts {
		if !strings.Contains(d.says(v), text) {
			d.t.Errorf("%s: not %s but\n%s", what, text, d.says(v))
		}
	}
}

// up brings the pool up on a host that has just started.
func (d *killedCentre) up(h *hosttest.Host) *client.Host {
	d.t.Helper()
	h.Run(d.t)
	c := h.Dial(d.t)
	d.connect(c)
	d.join(c)
	d.await(c, d.startSPM(c))
	return c
}

// begin starts a job and returns when its program is at work, or was.
func (d *killedCentre) begin(c *client.Host, verb string, params map[string]any) (job string) {
	d.t.Helper()
	job = uuid.NewString()
	params["job_id"] = job
	d.call(c, verb, params)
	hosttest.Until(d.t, verb+" begins", func() error {
		raw := string(d.call(c, "Host.getJobs", map[string]any{"job_ids": []string{job}}))
		if len(d.programs()) == 0 && !strings.Contains(raw, `"done"`) {
			return fmt.Errorf("no qemu-img runs, and the job is %s", raw)
		}
		return nil
	})
	return job
}

// end waits until a job is done.
func (d *killedCentre) end(c *client.Host, job string) {
	d.t.Helper()
	hosttest.Until(d.t, "the end of the job", func() error {
		raw := string(d.call(c, "Host.getJobs", map[string]any{"job_ids": []string{job}}))
		if strings.Contains(raw, `"failed"`) {
			d.t.Fatal(raw)
		}
		if !strings.Contains(raw, `"done"`) {
			return fmt.Errorf("the job is %s", raw)
		}
		return nil
	})
}

// kill ends vdsmd, and the qemu-img that it ran if that outlives it, as systemd
// does with what is left in a unit.
func (d *killedCentre) kill(h *hosttest.Host) {
	d.t.Helper()
	h.Kill()
	deadline := time.Now().Add(hosttest.Patience)
	for left := d.programs(); len(left) > 0; left = d.programs() {
		for _, p := range left {
			_ = p.Kill() // it may have ended just now
		}
		if time.Now().After(deadline) {
			d.t.Fatal("qemu-img does not end")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// made reports whether a job that changes a volume of generation 0 was done.
func (d *killedCentre) made(v disk) bool { return strings.Contains(d.says(v), "GEN=1") }

// programs are the qemu-img at work on the domain.
func (d *killedCentre) programs() (found []*os.Process) {
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		d.t.Fatal(err)
	}
	for _, name := range lines {
		text, err := os.ReadFile(name)
		if err != nil || !bytes.Contains(text, []byte("qemu-img")) || !bytes.Contains(text, []byte(d.domain)) {
			continue
		}
		var pid int
		if _, err := fmt.Sscanf(name, "/proc/%d/", &pid); err != nil {
			continue
		}
		if p, err := os.FindProcess(pid); err == nil {
			found = append(found, p)
		}
	}
	return found
}

// The daemon is killed in the middle of jobs and of a task. The one that comes
// next knows no job; a volume that was being filled is illegal and of the old
// generation, by which a manager sees that the copy was not made; the base of a
// merge is as legal as before, of the old generation; and both can be asked for
// again. A task is undone.
func TestStorageJobsKilled(t *testing.T) {
	t.Parallel()
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &killedCentre{t: t, folder: folder, pool: uuid.NewString(), domain: uuid.NewString()}
	makeDomain(t, folder, d.domain)
	h := hosttest.Start(t)
	c := h.Dial(t)
	d.connect(c)
	d.call(c, "StoragePool.create", map[string]any{
		"storagepoolID": d.pool, "name": "p", "masterSdUUID": d.domain, "masterVersion": 1, "domainList": []string{d.domain},
		"lockRenewalIntervalSec": 5, "leaseTimeSec": 60, "ioOpTimeoutSec": 10, "leaseRetries": 3,
	})
	d.join(c)
	d.await(c, d.startSPM(c))

	from, to := d.create(c, newDisk(), disk{}, 5), d.create(c, newDisk(), disk{}, 4)
	d.fill(from, "raw")
	div := func(v disk) map[string]any {
		return map[string]any{"endpoint_type": "div", "sd_id": d.domain, "img_id": v.image, "vol_id": v.volume, "generation": 0}
	}
	copying := map[string]any{"source": div(from), "destination": div(to), "copy_bitmaps": false}
	d.begin(c, "SDM.copy_data", copying)
	d.kill(h)
	c = d.up(h)
	if raw := string(d.call(c, "Host.getJobs", map[string]any{})); raw != "{}" {
		t.Errorf("there are jobs: %s", raw)
	}
	if d.made(to) {
		t.Log("the copy was made before the kill")
	} else {
		d.wantSays(to, "killed while copying", "LEGALITY=ILLEGAL", "GEN=0")
		d.end(c, d.begin(c, "SDM.copy_data", copying))
	}
	d.wantSays(to, "copied", "LEGALITY=LEGAL", "GEN=1")
	d.qemuIO(to, "qcow2", fmt.Sprintf("read -P 7 0 %d", copied))

	base := d.create(c, newDisk(), disk{}, 5)
	top := d.create(c, disk{base.image, uuid.NewString()}, base, 4)
	leaf := d.create(c, disk{base.image, uuid.NewString()}, top, 4)
	d.fill(top, "qcow2")
	merging := map[string]any{"merge_bitmaps": false, "subchain_info": map[string]any{
		"sd_id": d.domain, "img_id": base.image, "top_id": top.volume, "base_id": base.volume, "base_generation": 0,
	}}
	d.begin(c, "SDM.merge", merging)
	d.kill(h)
	c = d.up(h)
	if d.made(base) {
		t.Log("the merge was made before the kill")
	} else {
		d.wantSays(base, "killed while merging", "LEGALITY=LEGAL", "GEN=0")
		d.wantSays(leaf, "killed while merging", "PUUID="+top.volume)
		d.end(c, d.begin(c, "SDM.merge", merging))
	}
	d.wantSays(base, "merged", "LEGALITY=LEGAL", "GEN=1")
	d.qemuIO(base, "raw", fmt.Sprintf("read -P 7 0 %d", copied))

	target := newDisk()
	var task string
	if err := json.Unmarshal(d.call(c, "Volume.copy", d.of(from, map[string]any{
		"dstSdUUID": d.domain, "dstImgUUID": target.image, "dstVolUUID": target.volume, "desc": "", "volType": 8,
		"volFormat": 4, "preallocate": 2, "postZero": "false", "force": "false",
	})), &task); err != nil {
		t.Fatal(err)
	}
	status := func() string { return string(d.call(c, "Task.getStatus", map[string]any{"taskID": task})) }
	hosttest.Until(t, "the copy begins", func() error {
		if len(d.programs()) == 0 && !strings.Contains(status(), `"finished"`) {
			return fmt.Errorf("no qemu-img runs, and the task is %s", status())
		}
		return nil
	})
	d.kill(h)
	c = d.up(h)
	hosttest.Until(t, "the end of the task", func() error {
		if !strings.Contains(status(), `"finished"`) {
			return fmt.Errorf("the task is %s", status())
		}
		return nil
	})
	if strings.Contains(status(), `"success"`) {
		t.Log("the copy was made before the kill")
		d.wantSays(target, "copied", "LEGALITY=LEGAL")
		return
	}
	if !strings.Contains(status(), `"cleanSuccess"`) {
		t.Errorf("the task is %s", status())
	}
	if _, err := os.Stat(filepath.Dir(d.path(target))); !os.IsNotExist(err) {
		t.Errorf("of the copy there is %v", err)
	}
}
