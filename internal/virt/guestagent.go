// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"govdsm/api"
	"govdsm/internal/libvirt"
	"govdsm/internal/virt/agent"
	"govdsm/internal/virt/domxml"
)

// guestAgentChannel is where QEMU's guest agent answers, through libvirt.
const guestAgentChannel = "org.qemu.guest_agent.0"

// maxPolls is how many guests are asked at once: half the calls that libvirt
// takes from us, so that guests cannot keep the other half from anybody.
const maxPolls = 16

// GuestAgent says how guests are asked about themselves, which the section
// [guest_agent] of the configuration decides on a host. Zero values mean the
// defaults.
type GuestAgent struct {
	Disabled       bool
	Interval       time.Duration // between polls; default 5 s
	CommandTimeout time.Duration // of one command, whole seconds; default 1 s
	PollTimeout    time.Duration // of everything asked at once; default 30 s
	agent.Periods
}

func (o GuestAgent) withDefaults() GuestAgent {
	for d, value := range map[*time.Duration]time.Duration{
		&o.Interval:       5 * time.Second,
		&o.CommandTimeout: time.Second,
		&o.PollTimeout:    30 * time.Second,
		&o.Capabilities:   300 * time.Second,
		&o.System:         120 * time.Second,
		&o.Users:          10 * time.Second,
		&o.CPUs:           60 * time.Second,
		&o.FileSystems:    300 * time.Second,
		&o.Eager:          120 * time.Second,
		&o.Rest:           60 * time.Second,
	} {
		if *d == 0 {
			*d = value
		}
	}
	return o
}

// guestAgent is what a VM knows of its agent.
type guestAgent struct {
	mu        sync.Mutex
	known     bool         // connected says what libvirt said
	missed    bool         // events, perhaps
	connected bool         // somebody in the guest listens
	polling   bool         // one goroutine asks, and no other
	agent     *agent.Agent // only the polling goroutine calls it
	back      bool         // it came back since the last poll
	facts     *agent.Facts // nil before the first answer
}

// forget begins anew with an agent that a reboot has ended.
func (g *guestAgent) forget(p agent.Periods) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.agent = agent.New(p)
}

// set notes what libvirt tells of the channel. A hint from the definition is
// older than any event and counts only before the first.
func (g *guestAgent) set(connected, hint bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if hint && g.known {
		return
	}
	g.back = g.back || connected && !g.connected
	g.known, g.connected = true, connected
}

// doubt says that events may have been missed: the next hint counts, and until
// then nobody is asked.
func (g *guestAgent) doubt() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.known, g.connected, g.missed = false, false, true
}

// doubted reports, once, whether there was doubt.
func (g *guestAgent) doubted() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	missed := g.missed
	g.missed = false
	return missed
}

// take returns the agent for one poll, or nil when it is not to be asked now.
func (g *guestAgent) take() *agent.Agent {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.connected || g.polling {
		return nil
	}
	if g.back {
		g.agent.Forgive()
	}
	g.back, g.polling = false, true
	return g.agent
}

// put ends the poll of the agent and keeps what it told. It reports whether the
// agent has answered for the first time since the guest began.
func (g *guestAgent) put(a *agent.Agent, silent bool) (first bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.polling = false
	if g.agent != a { // the guest has been reset meanwhile
		return false
	}
	facts := a.Facts()
	if facts.Version == "" {
		return false
	}
	g.facts = &facts
	return silent
}

func (g *guestAgent) told() *agent.Facts {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.facts
}

// hintAgent takes from the definition whether an agent listens.
func (v *VM) hintAgent(dom *domxml.Domain) {
	for _, c := range dom.Channels() {
		if c.Name == guestAgentChannel && c.State != "" {
			v.agent.set(c.State == "connected", true)
		}
	}
}

// findAgent looks, once the VM is started, whether an agent listens of which
// events may have been missed.
func (v *VM) findAgent(ctx context.Context) {
	select {
	case <-v.started:
		if v.agent.doubted() {
			v.lookAgain(ctx)
		}
	case <-ctx.Done():
	}
}

// doubtAgents notes that news of any agent may have been missed.
func (m *VMs) doubtAgents() {
	for _, v := range m.all() {
		v.agent.doubt()
	}
}

// pollAgents asks the guests that have an agent, each on its own, so that one
// that does not answer holds up nobody.
func (m *VMs) pollAgents(ctx context.Context) {
	for _, v := range m.all() {
		if !v.cpuRuns() {
			continue
		}
		a := v.agent.take()
		if a == nil {
			continue
		}
		m.work.Go(func() {
			silent := a.Facts().Version == ""
			select {
			case m.polls <- struct{}{}:
				v.pollAgent(ctx, a)
				<-m.polls
			case <-ctx.Done():
			}
			if v.agent.put(a, silent) {
				v.guestIsUp(ctx)
			}
		})
	}
}

// cpuRuns reports whether the guest can answer at all.
func (v *VM) cpuRuns() (runs bool) {
	v.with(func(s *state) { runs = s.stored == api.VmStatusUp && !s.cpuStopped })
	return runs
}

func (v *VM) pollAgent(ctx context.Context, a *agent.Agent) {
	o := v.vms.o.GuestAgent
	poll, cancel := context.WithTimeout(ctx, o.PollTimeout)
	defer cancel()
	var began time.Time
	v.with(func(s *state) { began = s.startTime })
	now := time.Now()
	if err := a.Poll(poll, v.askAgent, now, now.Sub(began)); err != nil && ctx.Err() == nil {
		v.log.DebugContext(ctx, "the guest agent does not answer", "error", err)
	}
}

// askAgent is an agent.Caller.
func (v *VM) askAgent(ctx context.Context, command string) (string, error) {
	o := v.vms.o.GuestAgent
	// libvirt keeps the limit; ours is for a libvirt that does not.
	ctx, cancel := context.WithTimeout(ctx, 3*o.CommandTimeout+time.Second)
	defer cancel()
	reply, err := v.vms.libvirt.AgentCommand(ctx, v.id, `{"execute":"`+command+`"}`, o.CommandTimeout)
	if errors.Is(err, libvirt.InternalError) || errors.Is(err, libvirt.AgentCommandFailed) {
		err = fmt.Errorf("%w: %w", agent.ErrRefused, err)
	}
	return reply, err
}

// guestIsUp notes that a guest which was coming up has done so: its agent runs.
func (v *VM) guestIsUp(ctx context.Context) {
	up := false
	v.with(func(s *state) {
		if s.guest == api.VmStatusPoweringUp || s.guest == api.VmStatusRebootInProgress {
			up = true
			s.guestChange(api.VmStatusUp, time.Now())
		}
	})
	if up {
		v.log.InfoContext(ctx, "the guest agent answers", "version", v.agent.told().Version)
		v.notify(ctx, v.guestDetails())
	}
}

// fillGuest fills in what the guest has told.
func fillGuest(r *api.RunningVmStats, f *agent.Facts) {
	if f == nil {
		return
	}
	r.AppsList = f.Applications()
	r.GuestCPUCount = f.CPUs
	r.GuestName, r.GuestOS, r.GuestOSInfo, r.GuestTimezone = f.HostName, f.System, f.OS, f.Timezone
	r.NetIfaces, r.DisksUsage, r.PCIDevices = f.NICs, f.Mounts, f.Devices
	if f.HostName != nil {
		r.GuestFQDN = *f.HostName
	}
	if f.Users != nil {
		r.Username = *f.Users
	}
}
