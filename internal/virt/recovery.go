// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"errors"
	"sync"
	"time"

	"govdsm/api"
	"govdsm/internal/libvirt"
	"govdsm/internal/virt/domxml"
)

const (
	// recoveryRetry is the pause before recovery is tried again.
	recoveryRetry = time.Second
	// recoveryWidth is how many domains are read at once.
	recoveryWidth = 8
	// strangerInterval is how often domains that others started are looked
	// for.
	strangerInterval = 60 * time.Second
)

// Channels that tell what a domain is (lib/vdsm/virt/vmchannels.py).
const (
	legacyAgentChannel = "com.redhat.rhevm.vdsm"
	guestfsChannel     = "org.libguestfs.channel.0"
)

// recover finds the VMs that libvirt has, however long it takes to get an
// answer. It reports false when the context ended first.
func (m *VMs) recover(ctx context.Context) bool {
	complained := false
	for ctx.Err() == nil {
		err := m.libvirt.WaitConnected(ctx)
		if err == nil {
			err = m.findAll(ctx)
		}
		if err == nil {
			return true
		}
		if ctx.Err() == nil && !complained {
			m.log.ErrorContext(ctx, "cannot find the VMs yet, trying on", "error", err)
			complained = true
		}
		select {
		case <-ctx.Done():
		case <-time.After(recoveryRetry):
		}
	}
	return false
}

// findAll registers a VM for every domain of ours. Two calls serve all
// domains; then each is read once.
func (m *VMs) findAll(ctx context.Context) error {
	began := time.Now()
	m.undefineUnwanted(ctx)
	domains, err := m.libvirt.List(ctx)
	if err != nil {
		return err
	}
	states, err := m.libvirt.States(ctx)
	if err != nil {
		return err
	}
	jobs := make(chan libvirt.Domain)
	var readers sync.WaitGroup
	for range min(recoveryWidth, len(domains)) {
		readers.Go(func() {
			for d := range jobs {
				m.recoverDomain(ctx, d, states[d.ID])
			}
		})
	}
	for _, d := range domains {
		jobs <- d
	}
	close(jobs)
	readers.Wait()
	if n := m.count(); n > 0 {
		m.log.InfoContext(ctx, "found VMs again", "vms", n, "took", time.Since(began).Round(time.Millisecond))
	}
	return ctx.Err()
}

// recoverDomain registers the VM of a domain, if it is to be seen.
//
// The original destroys a domain of ours that it cannot make sense of. We list
// it by its state alone: a manager can destroy it, nobody can bring it back.
func (m *VMs) recoverDomain(ctx context.Context, d libvirt.Domain, status libvirt.Status) {
	if status.Off() && m.unwanted.has(d.ID) {
		return // it goes when libvirt lets it
	}
	xml, err := m.libvirt.XML(ctx, d.ID)
	if err != nil {
		if !errors.Is(err, libvirt.NoDomain) {
			m.log.ErrorContext(ctx, "cannot read a domain", "vmId", d.ID, "error", err)
		}
		return
	}
	v := m.newVM(d.ID, d.Name)
	dom, err := domxml.Parse(xml)
	if err != nil {
		m.log.ErrorContext(ctx, "a domain is not understood", "vmId", d.ID, "error", err)
		v.external.Store(true) // nothing is written into what is not understood
		v.view.Store(&view{xml: xml})
	} else {
		stranger := !hasChannel(dom, legacyAgentChannel) && !dom.HasMetadata()
		if hasChannel(dom, guestfsChannel) || stranger && status.Off() {
			return
		}
		v.external.Store(stranger)
		v.recall(ctx, xml, dom)
	}
	if startingUp(status) && !v.external.Load() {
		v.held.qemu = true
		start, cancel := m.background(ctx)
		v.cancel = cancel
		if !m.add(v) {
			cancel()
			return
		}
		m.work.Go(func() {
			defer cancel()
			v.goOn(start)
		})
		return
	}
	close(v.started)
	v.resumeFrom(ctx, status)
	m.add(v)
}

func hasChannel(dom *domxml.Domain, name string) bool {
	for _, c := range dom.Channels() {
		if c.Name == name {
			return true
		}
	}
	return false
}

// recall takes over what the domain tells about the VM.
func (v *VM) recall(ctx context.Context, xml string, dom *domxml.Domain) {
	notes, err := dom.Metadata()
	if err != nil {
		v.log.ErrorContext(ctx, "the VM's notes are not understood", "error", err)
		v.external.Store(true)
		notes = domxml.NewMetadata()
	}
	v.notes.m = notes
	v.hintAgent(dom)
	v.view.Store(viewOf(xml, dom, notes, fromLibvirt))
	v.with(func(s *state) { s.recall(notes.Values) })
	for _, network := range dom.DisplayNetworks() {
		v.vms.display.recall(network, v.id)
		v.held.displays = append(v.held.displays, network)
	}
	for _, entry := range notes.Devices {
		if image, ok := imageOf(entry.Values); ok && v.vms.o.Storage != nil {
			v.held.images = append(v.held.images, image)
		}
		v.held.payloads = v.held.payloads || entry.Files() != nil
	}
}

// resumeFrom sets the VM's status from its domain's.
func (v *VM) resumeFrom(ctx context.Context, status libvirt.Status) {
	if status.Off() {
		v.giveBack(ctx)
		v.released = true
		e, saved := savedExit(v.notes.m.Values)
		if saved {
			v.with(func(s *state) {
				s.exit = e
				s.move(ended)
			})
			return
		}
		v.setDown(ctx, exitOfShutoff(status))
		return
	}
	v.held.qemu = true
	code := v.readPauseCode(ctx, status)
	v.with(func(s *state) {
		if s.startTime.IsZero() {
			s.startTime = time.Now()
		}
		s.guestChange(api.VmStatusPoweringUp, s.startTime)
		s.sampledSince = time.Now()
		s.pauseCode = code
		if status.State == libvirt.StatePaused {
			s.cpuStopped = true
			s.move(paused)
			return
		}
		s.move(launched)
	})
}

// reconcile compares what we believe with what libvirt says, after a time in
// which events may have been missed.
func (m *VMs) reconcile(ctx context.Context) {
	m.undefineUnwanted(ctx)
	states, err := m.libvirt.States(ctx)
	if err != nil {
		m.log.WarnContext(ctx, "cannot compare the VMs with libvirt's domains", "error", err)
		return // libvirt went away again, and will be back
	}
	for id := range states {
		if m.lookup(id) == nil {
			m.mu.Lock()
			m.strangers[id] = true
			m.mu.Unlock()
		}
	}
	for _, v := range m.all() {
		status, there := states[v.id]
		v.queue.add(&m.work, func() {
			select {
			case <-v.started:
				v.compare(ctx, status, there)
			default: // its start finds out by itself, all but whether an agent listens
				m.work.Go(func() { v.findAgent(m.ctx) })
			}
		})
	}
}

// compare brings the VM's status in line with its domain's.
func (v *VM) compare(ctx context.Context, status libvirt.Status, there bool) {
	if there && !status.Off() {
		v.with(func(s *state) { s.cpuStopped = status.State == libvirt.StatePaused })
		v.findAgent(ctx)
		return
	}
	v.verify(ctx) // the list may be older than the domain
}

// verify ends the VM if its QEMU is gone without anybody having told us.
func (v *VM) verify(ctx context.Context) {
	var reason *api.VmExitReason
	down := false
	v.with(func(s *state) { reason, down = s.reason, s.stored == api.VmStatusDown })
	if down {
		return
	}
	status, err := v.vms.libvirt.State(ctx, v.id)
	if err == nil && !status.Off() || err != nil && !errors.Is(err, libvirt.NoDomain) {
		return
	}
	e := exitFor(reason)
	if found := exitOfShutoff(status); err == nil && reason == nil && found.reason != api.VmExitReasonGenericError {
		e = found
	}
	v.finish(ctx, e)
}

// adoptStrangers looks at domains that were heard of and are not ours. Those
// that run become external VMs.
func (m *VMs) adoptStrangers(ctx context.Context) {
	m.mu.Lock()
	strangers := m.strangers
	m.strangers = make(map[string]bool)
	m.mu.Unlock()
	if len(strangers) == 0 {
		return
	}
	domains, err := m.libvirt.List(ctx)
	if err != nil {
		return // they will be heard of again
	}
	for _, d := range domains {
		if !strangers[d.ID] || m.lookup(d.ID) != nil {
			continue
		}
		status, err := m.libvirt.State(ctx, d.ID)
		if err != nil || status.Off() {
			continue
		}
		m.recoverDomain(ctx, d, status)
	}
}
