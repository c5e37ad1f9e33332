// SPDX-License-Identifier: GPL-2.0-or-later

package asroot

import (
	"errors"
	"strings"
	"testing"

	"govdsm/internal/storage/nbd"
)

const server = "52cb593f-837c-4633-a444-35a0a0383706"

func TestNBDCommand(t *testing.T) {
	t.Parallel()
	s := New(Options{Users: []User{{Name: "vdsm", Groups: []string{"kvm"}}}})
	good := nbd.Export{
		Layer:  nbd.Layer{Path: "/rhev/data-center/mnt/_data/sd/images/i/v", Format: "qcow2"},
		Config: nbd.Config{ReadOnly: true},
	}
	got, err := s.nbdCommand(server, good)
	want := "systemd-run --quiet --collect --unit=vdsm-nbd-" + server + ".service --uid=vdsm --gid=kvm -- /usr/bin/qemu-nbd " +
		"--socket /run/vdsm/nbd/" + server + ".sock --persistent --shared=8 --export-name= --cache=none --aio=native " +
		`--allocation-depth --read-only json:{"driver":"qcow2","file":{"driver":"file","filename":"/rhev/data-center/mnt/_data/sd/images/i/v"}}`
	if err != nil || strings.Join(got, " ") != want {
		t.Errorf("%v\n%s, want\n%s", err, strings.Join(got, " "), want)
	}
	for name, change := range map[string]func(*nbd.Export){
		"another folder": func(e *nbd.Export) { e.Path = "/etc/shadow" },
		"a way out":      func(e *nbd.Export) { e.Path = "/rhev/data-center/mnt/../../../etc/shadow" },
		"the mounts":     func(e *nbd.Export) { e.Path = "/rhev/data-center/mnt" },
		"a neighbour":    func(e *nbd.Export) { e.Path = "/rhev/data-center/mntx/a" },
		"no path":        func(e *nbd.Export) { e.Path = "" },
		"a newline":      func(e *nbd.Export) { e.Path += "\n" },
		"a format":       func(e *nbd.Export) { e.Format = "ssh" },
		"a bitmap":       func(e *nbd.Export) { e.Bitmap = "a --fork" },
	} {
		bad := good
		change(&bad)
		if _, err := s.nbdCommand(server, bad); !errors.Is(err, ErrNotAllowed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, id := range []string{"", "x", "../x", server + ".service --user"} {
		if _, err := s.nbdCommand(id, good); !errors.Is(err, ErrNotAllowed) {
			t.Errorf("%q is started: %v", id, err)
		}
		if err := s.StopNBD(t.Context(), id); !errors.Is(err, ErrNotAllowed) {
			t.Errorf("%q is stopped: %v", id, err)
		}
	}
}
