// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"govdsm/test/hosttest"
)

// writer is a boot sector that writes its disk from one end to the other,
// 32 KiB at a time, by the BIOS.
//
//	  xor ax,ax; mov ds,ax; mov ss,ax; mov sp,0x7c00
//	next:
//	  mov si,packet; mov ax,0x4300; mov dl,0x80; int 0x13
//	  add dword [si+8],64
//	  jmp next
//	packet: 16 bytes, 64 blocks from 0x8000, block 64 first
func writer() []byte {
	code := []byte{
		0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xd0, 0xbc, 0x00, 0x7c,
		0xbe, 0x20, 0x7c, 0xb8, 0x00, 0x43, 0xb2, 0x80, 0xcd, 0x13,
		0x66, 0x83, 0x44, 0x08, 0x40,
		0xeb, 0xef,
	}
	sector := make([]byte, 512)
	copy(sector, code)
	copy(sector[0x20:], []byte{16, 0, 64, 0, 0x00, 0x80, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0})
	sector[510], sector[511] = 0x55, 0xaa
	return sector
}

// VMs that fill their domain stop. When the domain becomes valid again each
// does as its manager wants: it runs on, stays paused, or goes when it has been
// paused for too long.
func TestVMsAfterIOError(t *testing.T) {
	t.Parallel()
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("small", folder, "tmpfs", 0, "size=12m,mode=755"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(folder, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	// A VM is killed after eight times the time-out of leases.
	d := newDataCentreIn(t, folder, hosttest.Config("[irs]\nsd_health_check_delay = 1\n[sanlock]\nio_timeout = 1\n"))
	vms := make(map[string]hosttest.VM)
	for _, behaviour := range []string{"auto_resume", "leave_paused", "kill"} {
		vms[behaviour] = d.writingVM(t, behaviour) // while there is room for tasks
	}
	for _, v := range vms {
		hosttest.CreateUp(t, d.c, v)
	}
	for behaviour, v := range vms {
		hosttest.Until(t, behaviour+" stops", func() error { return d.is(v.ID, "Paused", "ENOSPC") })
	}
	time.Sleep(9 * time.Second) // for that long a VM may be paused, not longer
	events := hosttest.Listen(t, d.c)

	// Room again, for a while.
	if err := unix.Mount("small", folder, "tmpfs", unix.MS_REMOUNT, "size=400m"); err != nil {
		t.Fatal(err)
	}
	metadata := filepath.Join(folder, d.domain, "dom_md", "metadata")
	valid := func(want string) {
		t.Helper()
		hosttest.Until(t, "the domain's validity "+want, func() error {
			raw := string(d.call("Host.getStorageRepoStats", map[string]any{"domains": []string{d.domain}}))
			if !strings.Contains(raw, `"valid":`+want) && !strings.Contains(raw, `"valid": `+want) {
				return fmt.Errorf("repoStats: %s", raw)
			}
			return nil
		})
	}
	valid("true")
	for behaviour, v := range vms {
		if err := d.is(v.ID, "Paused", "ENOSPC"); err != nil {
			t.Errorf("%s, before its domain has changed: %v", behaviour, err)
		}
	}
	if err := os.Rename(metadata, metadata+".away"); err != nil {
		t.Fatal(err)
	}
	valid("false")
	if err := os.Rename(metadata+".away", metadata); err != nil {
		t.Fatal(err)
	}
	valid("true")
	hosttest.Until(t, "auto_resume goes on", func() error { return d.is(vms["auto_resume"].ID, "U", "") })
	down := events.Await(t, vms["kill"].ID, "Down")
	if fmt.Sprint(down["exitReason"]) != "14" {
		t.Errorf("killed: %v", down)
	}
	if err := d.is(vms["leave_paused"].ID, "Paused", "ENOSPC"); err != nil {
		t.Errorf("leave_paused: %v", err)
	}
	if _, err := d.c.Request(t.Context(), "VM.cont", params(vms["leave_paused"].ID)); err != nil {
		t.Errorf("continued by hand: %v", err)
	}
}

// writingVM is a VM whose disk is larger than its domain, and which fills it.
func (d *dataCentre) writingVM(t *testing.T, behaviour string) hosttest.VM {
	t.Helper()
	image, volume := uuid.NewString(), uuid.NewString()
	p := d.volume(image, volume)
	p["size"], p["volFormat"], p["preallocate"], p["diskType"], p["desc"] = "67108864", 5, 2, "DATA", ""
	p["srcImgUUID"], p["srcVolUUID"] = blank, blank
	d.finish(d.call("Volume.create", p))
	file, err := os.OpenFile(filepath.Join(d.folder, d.domain, "images", image, volume), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(writer()); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	v := withDisk(d.host.Tiny(t), d.pool, d.domain, image, volume)
	v.XML = strings.Replace(v.XML, `type="qcow2" error_policy`, `type="raw" error_policy`, 1)
	v.XML = strings.Replace(v.XML, ">auto_resume<", ">"+behaviour+"<", 1)
	return v
}

// is fails unless a VM has a status that begins so, and a pause code.
func (d *dataCentre) is(id, status, code string) error {
	stats, err := hosttest.Stats(d.t.Context(), d.c, id)
	if err != nil {
		return err
	}
	got, _ := stats["status"].(string)
	paused, _ := stats["pauseCode"].(string)
	if !strings.HasPrefix(got, status) && !(status == "U" && got == "Powering up") || paused != code {
		return fmt.Errorf("it is %s, %q", got, paused)
	}
	return nil
}
