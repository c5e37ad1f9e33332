// SPDX-License-Identifier: GPL-2.0-or-later

// Package sandbox runs a host below one folder: its own libvirt, its own
// certificate authority, its own supervdsmd, its own logs.
//
// It promises that nothing outside the folder changes: no mount, file, control
// group or service of the machine, and no process but those it started. What
// it started outlives a killed vdsmd, as on a real host, and the next Start
// with the same folder takes it over; Stop ends it all and leaves the files.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"govdsm/internal/pki"
)

// Options say where a sandbox is and what runs in it.
type Options struct {
	Dir string // made if it is missing; any length

	// Claim, if made before, stands for Dir; Start takes it over, also when it
	// fails. With nil, Start claims Dir itself.
	Claim *Claim

	// BinDir is where supervdsmd is. When empty, it is looked for beside the
	// running program.
	BinDir string

	// Cache is a folder where sandboxes hand on to one another what libvirt
	// has learned about QEMU, which saves the first VM of each some seconds.
	// It is the one thing written outside Dir; "" for nothing.
	Cache string

	Log *slog.Logger
}

// Sandbox is a running host below one folder.
type Sandbox struct {
	Layout
	Libvirt    *Libvirt
	Files      pki.Files // this host's identity
	Client     pki.Files // an identity for callers
	Privileged string    // socket of supervdsmd

	lock       *os.File
	cache      string
	log        *slog.Logger
	supervdsmd process
}

// Start brings up whatever of the sandbox does not run yet and returns when
// all of it answers. A folder that is in use already is ErrInUse. After an error
// nothing runs that did not run before; what did, VMs perhaps, still does.
func Start(ctx context.Context, o Options) (_ *Sandbox, err error) {
	claim := o.Claim
	if claim == nil {
		if claim, err = NewClaim(o.Dir); err != nil {
			return nil, err
		}
	}
	layout := claim.layout
	s := &Sandbox{Layout: layout, log: o.Log, cache: o.Cache, lock: claim.file}
	defer func() {
		switch {
		case err == nil:
		case s.Libvirt != nil && s.Libvirt.Adopted:
			err = errors.Join(err, s.Leave())
		default:
			err = errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
		}
	}()
	if err := s.ensureIdentities(); err != nil {
		return nil, err
	}
	if err := recallCapabilities(layout, o.Cache); err != nil {
		o.Log.WarnContext(ctx, "libvirt learns about QEMU anew", "err", err)
	}
	if s.Libvirt, err = StartLibvirt(ctx, layout.Dir, o.Log); err != nil {
		return nil, err
	}
	return s, s.ensureSupervdsmd(ctx, o.BinDir)
}

func (s *Sandbox) ensureIdentities() error {
	ca, err := pki.EnsureAuthority(filepath.Join(s.PKI(), "ca"))
	if err != nil {
		return err
	}
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	if s.Files, err = ca.Ensure(s.PKI(), pki.Subject{
		CommonName: name,
		Names:      []string{name, "localhost", "127.0.0.1", "::1"},
	}); err != nil {
		return err
	}
	s.Client, err = ca.Ensure(s.ClientPKI(), pki.Subject{CommonName: "govdsm sandbox client"})
	return err
}

// ensureSupervdsmd runs the privileged helper where libvirt runs, so that both
// see the same files under the same names.
func (s *Sandbox) ensureSupervdsmd(ctx context.Context, binDir string) error {
	if binDir == "" {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		binDir = filepath.Dir(self)
	}
	program, err := filepath.Abs(filepath.Join(binDir, "supervdsmd"))
	if err != nil {
		return err
	}
	if _, err := os.Stat(program); err != nil {
		return fmt.Errorf("%w: make build makes it", err)
	}
	s.Privileged = filepath.Join(s.Libvirt.alias.path, "run", "vdsm", "svdsm.sock")
	socket := s.Privileged
	if !s.Libvirt.session {
		socket = "/run/vdsm/svdsm.sock" // the same one, as it is called in there
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	s.supervdsmd, err = daemon{
		name: "supervdsmd",
		argv: []string{
			program, "--socket", socket,
			"--allow-uid", strconv.Itoa(os.Geteuid()),
			"--log", filepath.Join(s.Log(), "vdsm", "supervdsm.log"),
		},
		env:    s.Libvirt.environment(),
		socket: s.Privileged,
		log:    filepath.Join(s.Log(), "vdsm", "supervdsmd.out"),
		note:   filepath.Join(s.Run(), "supervdsmd.process"),
	}.ensure(ctx, s.log, s.Libvirt.spawn)
	return err
}

// Leave gives the sandbox up and lets it run, for the next Start.
func (s *Sandbox) Leave() error { return s.lock.Close() }

// Stop ends everything that runs in the sandbox, VMs included, and gives it
// up. Files and logs stay.
func (s *Sandbox) Stop(ctx context.Context) error {
	began := time.Now()
	var errs []error
	if s.supervdsmd.PID != 0 {
		errs = append(errs, s.supervdsmd.end(ctx, endGrace))
	}
	if s.Libvirt != nil {
		errs = append(errs, s.Libvirt.Stop(ctx))
	}
	if err := keepCapabilities(s.Layout, s.cache); err != nil {
		s.log.WarnContext(ctx, "the next sandbox learns about QEMU anew", "err", err)
	}
	err := errors.Join(append(errs, s.lock.Close())...)
	s.log.DebugContext(ctx, "sandbox stopped", "dir", s.Dir, "took", time.Since(began), "err", err)
	return err
}

// Clean ends what an owner that was killed has left running in dir, without
// starting anything.
func Clean(ctx context.Context, dir string, log *slog.Logger) error {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	claim, err := NewClaim(dir)
	if err != nil {
		return err
	}
	layout := claim.layout
	s := &Sandbox{Layout: layout, log: log, lock: claim.file}
	s.Libvirt, err = findLibvirt(layout, log)
	if err != nil {
		return errors.Join(err, s.lock.Close())
	}
	if p, err := loadProcess(filepath.Join(layout.Run(), "supervdsmd.process")); err == nil {
		s.supervdsmd = p
	}
	return s.Stop(ctx)
}
