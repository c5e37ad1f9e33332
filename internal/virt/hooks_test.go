// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"govdsm/api"
	"govdsm/internal/hook"
	"govdsm/internal/virt"
)

// scripts installs hook scripts, by point, and returns what runs them.
func scripts(t *testing.T, texts map[string]string) (dir string, o virt.Options) {
	t.Helper()
	dir = t.TempDir()
	for point, text := range texts {
		if err := os.MkdirAll(filepath.Join(dir, point), 0o755); err != nil {
			t.Fatal(err)
		}
		script := "#!/bin/sh\nset -e\nOUT=" + dir + "\n" + text
		if err := os.WriteFile(filepath.Join(dir, point, "10_test"), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir, virt.Options{
		Hooks:       hook.New(hook.Options{Dir: dir, TempDir: t.TempDir()}),
		LaunchFlags: hook.LaunchFlags{Dir: t.TempDir()},
	}
}

func TestHooksOfALife(t *testing.T) {
	t.Parallel()
	note := `echo "$vmId $fruit $(basename $(dirname $0))" >>$OUT/trace`
	dir, o := scripts(t, map[string]string{
		"before_vm_start":      note + "\n" + `sed -i s/MARK/CHANGED/ $_hook_domxml`,
		"after_vm_start":       note,
		"before_vm_pause":      note,
		"after_vm_pause":       note,
		"before_vm_cont":       note,
		"after_vm_cont":        note,
		"before_vm_destroy":    note,
		"after_vm_destroy":     note,
		"after_get_vm_stats":   `sed -i 's/"vmName":"[^"]*"/"vmName":"hooked"/' $_hook_json`,
		"before_get_vm_stats":  note,
		"before_device_create": note,
	})
	h, _ := startHost(t, mockDriver(t), o)
	s := newSketch()
	s.metadata = "<ovirt-vm:custom><ovirt-vm:fruit>apple</ovirt-vm:fruit></ovirt-vm:custom>"
	s.onRoot = "<description>MARK</description>"
	h.create(s.id, s.xml())
	h.awaitEvent(s.id, "Powering up")
	contains(t, xmlOf(h, s.id), "CHANGED")
	if st := h.stats(s.id); st["vmName"] != "hooked" {
		t.Errorf("statistics %v", st)
	}
	trace := func() string {
		text, err := os.ReadFile(filepath.Join(dir, "trace"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	ran := func(point string) {
		t.Helper()
		want := s.id + " apple " + point + "\n"
		h.eventually(func() bool { return strings.Contains(trace(), want) },
			func() string { return "no " + want + " in " + trace() })
	}
	h.must("VM.pause", vmID(s.id))
	ran("after_vm_pause")
	h.must("VM.cont", vmID(s.id))
	ran("after_vm_cont")
	h.must("VM.destroy", vmID(s.id))
	for _, point := range []string{"before_vm_start", "after_vm_start", "before_vm_pause", "before_vm_cont", "before_vm_destroy", "after_vm_destroy"} {
		ran(point)
	}
}

func TestHooksRefuse(t *testing.T) {
	t.Parallel()
	refuse := "echo no >&2; exit 2"
	_, o := scripts(t, map[string]string{
		"before_vm_pause": refuse, "before_get_vm_stats": refuse, "before_get_all_vm_stats": refuse,
	})
	h, _ := startHost(t, mockDriver(t), o)
	s := newSketch()
	h.create(s.id, s.xml())
	h.awaitEvent(s.id, "Powering up")
	err := h.refused("VM.pause", vmID(s.id), api.ErrHook)
	contains(t, err.Error(), `(b'no\n',)`)
	if status, err := h.client.State(t.Context(), s.id); err != nil || status.Off() {
		t.Errorf("the domain is %+v, %v", status, err)
	}
	h.refused("VM.getStats", vmID(s.id), api.ErrHookFailed)
	h.refused("Host.getAllVmStats", object{}, api.ErrHook)
}

func TestHookRefusesStart(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"refuses": "echo no >&2; exit 2",
		"rubbish": "echo '<domain' >$_hook_domxml",
		"imposes": "sed -i 's,<uuid>.*</uuid>,<uuid>11111111-1111-1111-1111-111111111111</uuid>,' $_hook_domxml",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, o := scripts(t, map[string]string{"before_vm_start": script})
			h, _ := startHost(t, mockDriver(t), o)
			s := newSketch()
			h.create(s.id, s.xml())
			down := h.awaitEvent(s.id, "Down")
			if down["exitReason"] != 1.0 || down["exitMessage"] == "" {
				t.Errorf("event %v", down)
			}
			t.Log(down["exitMessage"])
		})
	}
}

// A script may change the flags with which the domain starts; a number that is
// none ends the start.
func TestHookChangesLaunchFlags(t *testing.T) {
	t.Parallel()
	run := t.TempDir()
	flags := hook.LaunchFlags{Dir: run}
	for script, want := range map[string]string{
		"echo 1 >" + run + "/$vmId/launchflags":   "Paused",
		"echo two >" + run + "/$vmId/launchflags": "Down",
	} {
		_, o := scripts(t, map[string]string{"before_vm_start": script})
		o.LaunchFlags = flags
		d := mockDriver(t)
		o.Libvirt = startsPaused{d.client}
		h, _ := startHost(t, d, o)
		s := newSketch()
		h.create(s.id, s.xml())
		h.await(s.id, want)
		if _, err := os.Stat(filepath.Join(run, s.id)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the folder of the flags is still there: %v", err)
		}
	}
}
