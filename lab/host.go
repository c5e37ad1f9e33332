// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"govdsm/lab/internal/wire"
)

const (
	// bootLimit is how long a host may take from power to its agent's first
	// word. An emulated host on a busy machine is slow.
	bootLimit = 4 * time.Minute

	// silenceLimit is how long it may say nothing meanwhile. The kernel talks
	// all the time while it boots: one that is silent has stopped, which under
	// emulation happens about once in a hundred boots.
	silenceLimit = time.Minute
)

// errSilent is a boot that has stopped.
var errSilent = fmt.Errorf("its console has been silent for %v", silenceLimit)

// Host is a Linux host of a lab. It is on or off; its disks and cables stay
// the same. Its methods may be called at once.
type Host struct {
	Place // the host itself, where commands run unless in a clean place

	// Name is the name in the Spec, and the host's host name.
	Name string
	// Address is its IPv4 address on eth0, empty without a card. The other
	// hosts also know it by its name.
	Address string

	spec  Spec
	kit   *kit
	index int
	peers map[string]string
	links []*Link
	disks []*os.File

	console, kernelLog, complaints, story record

	mu      sync.Mutex // guards what follows
	machine *machine
	agent   *agent
	monitor *monitor
	logs    map[string]*record // of its daemons
	kept    []string           // files to keep as artefacts
	spaces  int                // how many clean places there were
}

// Boot switches the host on and waits until it takes commands. When it stops
// in the middle of booting, it is switched off and on again, once.
func (h *Host) Boot(ctx context.Context) error {
	begin := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, bootLimit, fmt.Errorf("no sign of life within %v", bootLimit))
	defer cancel()
	a, err := h.awake(ctx)
	if errors.Is(err, errSilent) {
		h.note("%v; once more", err)
		a, err = h.awake(ctx)
	}
	if err != nil {
		return err
	}
	setup := &wire.Setup{Name: h.Name, Peers: h.peers}
	if h.Address != "" {
		setup.Address = h.Address + "/24"
	}
	if err := a.ask(ctx, wire.Request{Setup: setup}, nil); err != nil {
		return h.blame(fmt.Errorf("set up: %w", err))
	}
	h.note("booted in %.1f s under %s", time.Since(begin).Seconds(), h.kit.accelerator)
	return nil
}

// awake switches the host on and waits for its agent's first word.
func (h *Host) awake(ctx context.Context) (*agent, error) {
	m, a, err := h.powerOn()
	if err != nil {
		return nil, err
	}
	heard, since := h.console.size(), time.Now()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-a.ready:
			return a, nil
		case <-a.gone:
			<-m.gone // the port closes with QEMU
			err = fmt.Errorf("died while booting: QEMU %s", m.ended())
		case <-ctx.Done():
			err = fmt.Errorf("did not boot: %w", context.Cause(ctx))
		case <-tick.C:
			if now := h.console.size(); now != heard {
				heard, since = now, time.Now()
			} else if time.Since(since) > silenceLimit {
				err = fmt.Errorf("did not boot: %w", errSilent)
			}
		}
		if err != nil {
			err = h.blame(err)
			h.PowerOff()
			return nil, err
		}
	}
}

// MAC returns the address of the host's i-th card.
func (h *Host) MAC(i int) string { return fmt.Sprintf("52:54:00:55:%02x:%02x", h.index, i) }

// Link returns the cable of the host's i-th card, eth0 being card 0.
func (h *Host) Link(i int) *Link { return h.links[i] }

// Disk returns the device of the disk with that name in the Spec.
func (h *Host) Disk(name string) string {
	i := slices.IndexFunc(h.spec.Disks, func(d Disk) bool { return d.Name == name })
	if i < 0 {
		panic(fmt.Sprintf("lab: host %s has no disk %q", h.Name, name))
	}
	return fmt.Sprintf("/dev/vd%c", 'a'+i)
}

// On tells whether the host is switched on and its machine still there.
func (h *Host) On() bool {
	a, err := h.talk()
	if err != nil {
		return false
	}
	select {
	case <-a.gone:
		return false
	default:
		return true
	}
}

// Cleanup calls undo when the test ends, unless the host has been switched off
// since: with its memory went all that there was to undo.
func (h *Host) Cleanup(t testing.TB, undo func()) {
	h.mu.Lock()
	then := h.machine
	h.mu.Unlock()
	t.Cleanup(func() {
		h.mu.Lock()
		same := h.machine == then
		h.mu.Unlock()
		if same && h.On() {
			undo()
		}
	})
}

// PowerOff pulls the power cord: what the host had not written to its disks is
// lost. On a host that is off it does nothing.
func (h *Host) PowerOff() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.machine == nil {
		return
	}
	for _, link := range h.links {
		link.network.mu.Lock()
		link.carrier = nil
		link.network.forget(link)
		link.network.mu.Unlock()
	}
	h.machine.kill()
	<-h.agent.gone
	_ = h.monitor.conn.Close()
	h.machine = nil
	h.note("powered off")
}

// Shutdown writes everything to the disks and switches the host off.
func (h *Host) Shutdown(ctx context.Context) error {
	a, err := h.talk()
	if err != nil {
		return err
	}
	if _, err := a.begin(wire.Request{Power: true}, nil); err != nil {
		return h.blame(err)
	}
	return h.WaitOff(ctx)
}

// Restart pulls the power cord and switches the host on again.
func (h *Host) Restart(ctx context.Context) error {
	h.PowerOff()
	return h.Boot(ctx)
}

// Freeze stops the host where it stands, as a hung hypervisor would. Nobody in
// it notices, everybody around it does. Thaw lets it go on.
func (h *Host) Freeze() error { return h.signal(syscall.SIGSTOP, "frozen") }

// Thaw lets a frozen host go on.
func (h *Host) Thaw() error { return h.signal(syscall.SIGCONT, "thawed") }

func (h *Host) signal(s syscall.Signal, what string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.machine == nil {
		return fmt.Errorf("lab: host %s is off", h.Name)
	}
	h.note("%s", what)
	return h.machine.process.Signal(s)
}

// WaitOff waits until the host has switched itself off, panicked, or was reset
// by its watchdog; in a lab a reset also ends in off. Boot switches it on again.
func (h *Host) WaitOff(ctx context.Context) error {
	h.mu.Lock()
	m := h.machine
	h.mu.Unlock()
	if m == nil {
		return nil
	}
	select {
	case <-m.gone:
		h.PowerOff()
		return nil
	case <-ctx.Done():
		return fmt.Errorf("lab: host %s is still on: %w", h.Name, context.Cause(ctx))
	}
}

// talk returns the agent of the machine that is on.
func (h *Host) talk() (*agent, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.machine == nil {
		return nil, fmt.Errorf("lab: host %s is off", h.Name)
	}
	return h.agent, nil
}

// blame puts a trouble with the machine into words, with the last it said.
func (h *Host) blame(err error) error {
	var panicked string
	if _, why, ok := strings.Cut(h.console.String(), "Kernel panic"); ok {
		panicked = "\nKernel panic" + strings.TrimRight(strings.SplitN(why, "\n", 2)[0], "\r ")
	}
	return fmt.Errorf("lab: host %s %w%s\nlast console lines:\n%s\nQEMU said:\n%s",
		h.Name, err, panicked, h.console.tail(20), h.complaints.tail(5))
}

// note adds a line to the host's story, which is the first artefact to read.
func (h *Host) note(format string, args ...any) {
	fmt.Fprintf(&h.story, "%s %s\n", time.Now().Format("15:04:05.000"), fmt.Sprintf(format, args...))
}
