// SPDX-License-Identifier: GPL-2.0-or-later

package sandbox

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

const (
	// libvirtd probes every QEMU that is installed before it answers, which
	// takes a while on a loaded machine.
	startLimit = 90 * time.Second

	endGrace = 10 * time.Second
)

// Libvirt is a libvirt for one folder. Started by root, it runs in a private
// mount namespace and is a full system libvirt (qemu:///system) there; started
// by anyone else, it is a session libvirt (qemu:///session) with its files in
// the folder. It is not told about the machine's own libvirt, nor vice versa.
type Libvirt struct {
	URI     string // for virConnectOpen
	Adopted bool   // something of it ran already, VMs perhaps

	layout  Layout
	alias   alias
	log     *slog.Logger
	session bool
	daemons []process
}

// StartLibvirt starts libvirt for the folder dir, or takes over the one that
// runs there. It outlives this program; Stop ends it, VMs included. The caller
// sees to it that nobody else does the same to dir at the same time: Start
// does, by a lock.
func StartLibvirt(ctx context.Context, dir string, log *slog.Logger) (_ *Libvirt, err error) {
	layout, err := newLayout(dir)
	if err != nil {
		return nil, err
	}
	v, err := findLibvirt(layout, log)
	if err != nil {
		return nil, err
	}
	programs, err := libvirtPrograms()
	if err != nil {
		return nil, err
	}
	if err := writeLibvirtConfig(layout, v.alias, v.session); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil && !v.Adopted {
			err = errors.Join(err, v.Stop(context.WithoutCancel(ctx)))
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if _, err := loadProcess(v.daemon(programs[0]).note); errors.Is(err, errGone) {
		if err := forgetUnborn(ctx, layout, log); err != nil {
			return nil, err
		}
	}
	v.daemons = nil
	for _, program := range programs {
		p, err := v.daemon(program).ensure(ctx, log, v.spawn)
		if err != nil {
			return nil, err
		}
		v.daemons = append(v.daemons, p)
	}
	v.URI = v.uri(programs[0])
	return v, nil
}

// findLibvirt returns what runs in the sandbox, and starts nothing.
func findLibvirt(layout Layout, log *slog.Logger) (*Libvirt, error) {
	v := &Libvirt{layout: layout, log: log, session: os.Geteuid() != 0}
	var err error
	if v.alias, err = newAlias(layout, v.socketRoom()); err != nil {
		return nil, err
	}
	for _, name := range append(secondary(), "libvirtd", "virtqemud") {
		if p, err := loadProcess(v.daemon(name).note); err == nil {
			v.daemons = append(v.daemons, p)
		}
	}
	there, err := v.others()
	if err != nil {
		return nil, err
	}
	v.Adopted = len(v.daemons)+len(there) > 0
	return v, nil
}

// socketRoom is how much longer than the folder's name the names of sockets
// get. In a session QEMU's sockets are below it, named after the VM too.
func (v *Libvirt) socketRoom() int {
	if v.session {
		return 84
	}
	return 50
}

// secondary are the daemons that virtqemud relies on.
func secondary() []string {
	return []string{"virtsecretd", "virtnodedevd", "virtnwfilterd", "virtnetworkd", "virtinterfaced", "virtstoraged"}
}

// libvirtPrograms returns the daemons to run, the one to connect to first:
// libvirtd, which does everything, or the ones that replaced it.
func libvirtPrograms() ([]string, error) {
	if path, err := findProgram("libvirtd"); err == nil {
		return []string{path}, nil
	}
	path, err := findProgram("virtqemud")
	if err != nil {
		return nil, errors.New("neither libvirtd nor virtqemud is installed: hack/install-deps run installs it")
	}
	programs := []string{path}
	for _, name := range secondary() {
		if path, err := findProgram(name); err == nil {
			programs = append(programs, path)
		}
	}
	return programs, nil
}

func (v *Libvirt) daemon(program string) daemon {
	name := filepath.Base(program)
	return daemon{
		name:   name,
		argv:   []string{program, "--config", v.config(name)},
		env:    v.environment(),
		socket: filepath.Join(v.alias.path, "run", "libvirt", socketName(name)),
		hello:  libvirtHello(),
		log:    filepath.Join(v.layout.Log(), "libvirt", name+".out"),
		note:   filepath.Join(v.layout.Run(), name+".process"),
	}
}

func (v *Libvirt) config(program string) string {
	return filepath.Join(v.layout.Etc(), "libvirt", program+".conf")
}

func socketName(program string) string {
	if program == "libvirtd" {
		return "libvirt-sock"
	}
	return program + "-sock"
}

// libvirtHello is a call that libvirt answers as soon as all its drivers are
// ready, and to anyone: which ways to log in are there? (libvirt's
// src/rpc/virnetprotocol.x and src/remote/remote_protocol.x)
func libvirtHello() []byte {
	const (
		length     = 28
		program    = 0x20008086
		version    = 1
		authList   = 66
		typeCall   = 0
		serial     = 0
		statusFine = 0
	)
	var frame []byte
	for _, word := range []uint32{length, program, version, authList, typeCall, serial, statusFine} {
		frame = binary.BigEndian.AppendUint32(frame, word)
	}
	return frame
}

func (v *Libvirt) environment() []string {
	env := []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"}
	if !v.session {
		return append(env, "HOME=/root")
	}
	return append(env,
		"HOME="+v.alias.path,
		"XDG_RUNTIME_DIR="+filepath.Join(v.alias.path, "run"),
		"XDG_CONFIG_HOME="+filepath.Join(v.alias.path, "etc"),
		"XDG_CACHE_HOME="+filepath.Join(v.alias.path, "cache"),
		"XDG_DATA_HOME="+filepath.Join(v.alias.path, "lib"))
}

func (v *Libvirt) uri(program string) string {
	mode := "system"
	if v.session {
		mode = "session"
	}
	return fmt.Sprintf("qemu:///%s?socket=%s", mode, url.QueryEscape(v.daemon(program).socket))
}

// spawn puts a process into the namespace of the sandbox, which exists as
// long as anything runs in it: libvirt may have died while VMs live.
func (v *Libvirt) spawn(start func() error) error {
	if v.session {
		return start()
	}
	ns, err := openNamespace(filepath.Join(v.layout.Run(), "libvirt"))
	if err != nil {
		return err
	}
	if ns == nil {
		return inNewNamespace(v.layout.places(), start)
	}
	defer ns.Close()
	return inNamespace(ns, start)
}

// Stop ends libvirt and every VM it runs, and leaves the files. VMs are ended
// hard: a guest that is to shut down in good order has been asked before.
func (v *Libvirt) Stop(ctx context.Context) error {
	var errs []error
	for _, p := range v.daemons {
		errs = append(errs, p.end(ctx, endGrace))
	}
	there, err := v.others()
	errs = append(errs, err)
	for _, p := range there {
		errs = append(errs, p.end(ctx, endGrace))
	}
	return errors.Join(append(errs, v.alias.remove(v.layout))...)
}

// others are the processes that libvirt started, QEMU and its helpers; in a
// namespace, also whatever else runs in it.
func (v *Libvirt) others() ([]process, error) {
	find := members
	if v.session {
		find = sessionMembers
	}
	return find(filepath.Join(v.layout.Run(), "libvirt"))
}
