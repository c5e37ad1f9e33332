// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"govdsm/api"
	"govdsm/internal/libvirt"
	"govdsm/internal/virt/domxml"
)

var (
	// errDestroyed ends a start whose VM is wanted no more.
	errDestroyed = errors.New("destroyed during the startup")
	// errActive is a domain in our way that lives.
	errActive = errors.New("a domain of that id or name is running already")
)

// start brings the VM up and tells how it went. It is the only writer of the
// VM until started is closed.
func (v *VM) start(ctx context.Context, dom *domxml.Domain) {
	defer close(v.started)
	v.conclude(ctx, v.launch(ctx, dom))
}

// errInterrupted is a start that did not outlive us.
var errInterrupted = errors.New("the start was interrupted")

// goOn is start for a VM whose start an earlier run of the daemon has begun.
func (v *VM) goOn(ctx context.Context) {
	defer close(v.started)
	v.conclude(ctx, v.outcome(ctx, errInterrupted))
}

// conclude makes the VM Up or Down.
func (v *VM) conclude(ctx context.Context, err error) {
	if err == nil {
		err = v.settle(ctx)
	}
	switch {
	case err == nil:
		v.log.InfoContext(ctx, "VM is up")
		v.notify(ctx, v.runningDetails())
	case v.vms.ctx.Err() != nil:
		// The daemon ends. It looks at the VM again when it is back.
	default:
		v.startFailed(ctx, err)
	}
}

// launch does everything up to a running QEMU.
func (v *VM) launch(ctx context.Context, dom *domxml.Domain) error {
	select {
	case v.vms.starts <- struct{}{}:
		defer func() { <-v.vms.starts }()
	case <-ctx.Done():
		return errDestroyed
	}
	steps := []func(context.Context, *domxml.Domain) error{
		v.check, v.removeStale, v.prepareDrives, v.openDisplays, v.preprocess, v.define,
	}
	for _, step := range steps {
		if err := step(ctx, dom); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return errDestroyed
		}
	}
	return v.run(ctx)
}

func (v *VM) check(_ context.Context, dom *domxml.Domain) error { return dom.Check() }

// removeStale clears away what an earlier life of the VM has left behind.
func (v *VM) removeStale(ctx context.Context, _ *domxml.Domain) error {
	if err := v.vms.unwanted.drop(v.id); err != nil {
		v.log.WarnContext(ctx, "cannot note that the domain is wanted again", "error", err)
	}
	ids, err := v.vms.libvirt.Find(ctx, v.id, v.name)
	if err != nil {
		return err
	}
	for _, id := range ids {
		status, err := v.vms.libvirt.State(ctx, id)
		if errors.Is(err, libvirt.NoDomain) {
			continue
		}
		if err != nil {
			return err
		}
		if !status.Off() {
			v.external.Store(id == v.id)
			return fmt.Errorf("%w: %w", api.ErrVMExists, errActive)
		}
		if err := v.vms.libvirt.Undefine(ctx, id); err != nil && !errors.Is(err, libvirt.NoDomain) {
			return err
		}
	}
	return nil
}

// preprocess turns the manager's document into the one libvirt gets.
func (v *VM) preprocess(ctx context.Context, dom *domxml.Domain) error {
	host := v.vms.o.Identity(ctx)
	return dom.Preprocess(ctx, domxml.Input{
		Arch: v.vms.o.Arch, OSName: host.OSName, OSVersion: host.OSVersion, Serial: host.Serial,
		Drives: v.held.drives,
		CreateHook: func(ctx context.Context, device string, custom map[string]string) (string, error) {
			vars := v.hookVars()
			for k, value := range custom {
				vars[k] = value
			}
			return v.vms.hooks.RunXML(ctx, "before_device_create", device, vars)
		},
		Log: v.log,
	})
}

// define lets hooks have their say, notes what the start is known by, and
// gives the definition to libvirt.
//
// The original defines a placeholder first, to have somewhere to put metadata.
// Ours go into the document itself, which saves libvirt two rounds.
func (v *VM) define(ctx context.Context, dom *domxml.Domain) error {
	dom, err := v.beforeStart(ctx, dom)
	if err != nil {
		return err
	}
	v.with(func(s *state) { s.startTime = time.Now() })
	v.notes.mu.Lock()
	if kib, ok := dom.MemoryKiB(); ok {
		v.notes.m.Values[domxml.ValueBalloonTarget] = domxml.Int(kib)
	}
	v.notePinning(dom)
	v.update()
	err = dom.SetMetadata(v.notes.m)
	v.notes.mu.Unlock()
	if err != nil {
		return err
	}
	v.log.DebugContext(ctx, "defining the domain", "xml", dom.String())
	return v.vms.libvirt.Define(ctx, dom.String())
}

// notePinning says who decided where virtual CPUs run, unless the manager did
// say so. The notes are locked.
func (v *VM) notePinning(dom *domxml.Domain) {
	values := v.notes.m.Values
	if _, ok := values[domxml.ValueCPUPolicy]; ok {
		return
	}
	pins := dom.Pinning()
	if len(pins) == 0 {
		return
	}
	values[domxml.ValueCPUPolicy] = domxml.Text("manual")
	values[domxml.ValueManuallyPinnedCPUs] = domxml.Text(joinSorted(pins))
}

// beforeStart runs the hooks that see the whole document and may change it.
func (v *VM) beforeStart(ctx context.Context, dom *domxml.Domain) (*domxml.Domain, error) {
	if err := v.offerLaunchFlags(); err != nil {
		return nil, err
	}
	before := dom.String()
	after, err := v.vms.hooks.RunXML(ctx, "before_vm_start", before, v.hookVars())
	if err != nil {
		return nil, err
	}
	if after == before {
		return dom, nil
	}
	changed, err := domxml.Parse(after)
	if err != nil {
		return nil, fmt.Errorf("before_vm_start: %w", err)
	}
	if !strings.EqualFold(changed.UUID(), v.id) {
		return nil, fmt.Errorf("before_vm_start: the hook changed the VM's id to %s", changed.UUID())
	}
	return changed, nil
}

// run starts QEMU.
func (v *VM) run(ctx context.Context) error {
	flags, err := v.launchFlags(ctx)
	if err != nil {
		return err
	}
	v.held.qemu = true
	if err = v.launchQEMU(ctx, flags); err != nil {
		err = v.doubt(ctx, err)
	}
	v.with(func(s *state) {
		if err == nil && s.destroyRequested {
			err = errDestroyed
		}
	})
	return err
}

func (v *VM) launchQEMU(ctx context.Context, flags uint32) error {
	ctx, cancel := context.WithTimeout(ctx, v.vms.o.StartTimeout)
	defer cancel()
	return v.vms.libvirt.Create(ctx, v.id, flags)
}

// settle learns what libvirt made of the domain and takes the VM to Up.
func (v *VM) settle(ctx context.Context) error {
	xml, err := v.vms.libvirt.XML(ctx, v.id)
	if err != nil {
		return err
	}
	if err := v.look(xml); err != nil {
		return err
	}
	v.observe(ctx, "after_vm_start", xml)
	stopped := v.launchPaused()
	v.with(func(s *state) {
		now := time.Now()
		if s.startTime.IsZero() { // nobody noted it
			s.startTime = now
		}
		s.guestChange(api.VmStatusPoweringUp, s.startTime)
		s.sampledSince = now
		s.cpuStopped = stopped
		s.pauseCode = pauseNoError
		if s.destroyRequested {
			err = errDestroyed
			return
		}
		s.move(launched)
	})
	return err
}
