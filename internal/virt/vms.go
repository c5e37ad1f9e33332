// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/event"
	"govdsm/internal/libvirt"
)

// Options say what the pillar works with. Libvirt and Events are needed, the
// rest has defaults.
type Options struct {
	Libvirt     Libvirt
	Events      *event.Bus
	Hooks       Hooks       // nil: no scripts
	LaunchFlags LaunchFlags // nil: scripts cannot change the flags of a start
	Storage     Storage     // nil: disks of a storage domain are refused
	Payloads    Payloads    // nil: disks made of files in the metadata are refused
	Secrets     Secrets     // nil: TPM and NVRAM data from the manager are refused
	Display     Display     // nil: each display network has a bridge of its name
	Arch        string      // of the host, as uname names it; "" for x86_64
	// Identity says what a guest may learn about its host; nil for nothing.
	Identity func(context.Context) Identity
	Log      *slog.Logger

	// Unwanted is a file that outlives the daemon, for the ids of domains that
	// libvirt is to undefine when it is back; "" for none.
	Unwanted string

	// VNCSASL says that qemu.conf makes VNC clients authenticate by SASL, so
	// that a display needs no password.
	VNCSASL bool
	// HostStopping reports whether the host is shutting down, which a guest's
	// shutdown is then put down to. nil: never.
	HostStopping func(context.Context) bool

	SampleInterval time.Duration // vm_sample_interval, default 15 s
	CommandTimeout time.Duration // vm_command_timeout, default 60 s
	// StartTimeout bounds libvirt's work on one start. Default 10 min.
	StartTimeout time.Duration
	// StartGrace is how long a start whose libvirtd was lost may go on without
	// a QEMU. Default 30 s.
	StartGrace time.Duration
	GuestAgent GuestAgent
	// KillPausedAfter is how long a VM that is to be killed then may stand still
	// for an I/O error: until its leases may be others'. Default 80 s, which is
	// eight times sanlock:io_timeout.
	KillPausedAfter time.Duration
	// ShutdownDelay and ShutdownTimeout are user_shutdown_timeout and
	// sys_shutdown_timeout, for calls that name none. Defaults 30 s and 120 s.
	ShutdownDelay, ShutdownTimeout time.Duration
}

// Identity is what a guest may learn about its host.
type Identity struct {
	OSName    string // "Debian"
	OSVersion string // "12-1"
	Serial    string // the host's UUID
}

func (o Options) withDefaults() Options {
	o.SampleInterval = cmp.Or(o.SampleInterval, 15*time.Second)
	o.CommandTimeout = cmp.Or(o.CommandTimeout, 60*time.Second)
	o.StartTimeout = cmp.Or(o.StartTimeout, 10*time.Minute)
	o.StartGrace = cmp.Or(o.StartGrace, 30*time.Second)
	o.KillPausedAfter = cmp.Or(o.KillPausedAfter, 80*time.Second)
	o.ShutdownDelay = cmp.Or(o.ShutdownDelay, 30*time.Second)
	o.ShutdownTimeout = cmp.Or(o.ShutdownTimeout, 120*time.Second)
	o.GuestAgent = o.GuestAgent.withDefaults()
	o.Arch = cmp.Or(o.Arch, "x86_64")
	if o.Identity == nil {
		o.Identity = func(context.Context) Identity { return Identity{} }
	}
	if o.Hooks == nil {
		o.Hooks = noHooks{}
	}
	if o.Display == nil {
		o.Display = bridges{}
	}
	if o.HostStopping == nil {
		o.HostStopping = func(context.Context) bool { return false }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// maxStarts is how many VMs may start at once; the others wait their turn.
const maxStarts = 4

// VMs are the virtual machines of this host.
type VMs struct {
	o        Options
	libvirt  Libvirt
	hooks    Hooks
	log      *slog.Logger
	starts   chan struct{} // holds a token per start under way
	polls    chan struct{} // holds a token per guest that is asked
	samples  samples
	display  displayNetworks
	unwanted unwanted
	inbox    inbox
	ready    chan struct{}

	// ctx is the life of the pillar, which outlasts the calls that start work
	// in it; work counts the goroutines of VMs.
	ctx  context.Context
	stop context.CancelFunc
	work sync.WaitGroup

	mu        sync.RWMutex
	byID      map[string]*VM
	strangers map[string]bool // ids heard of that are not ours, yet
}

// New returns an empty registry. It does nothing until Run.
func New(o Options) *VMs {
	o = o.withDefaults()
	ctx, stop := context.WithCancel(context.Background())
	m := &VMs{
		o:         o,
		libvirt:   o.Libvirt,
		hooks:     o.Hooks,
		log:       o.Log,
		starts:    make(chan struct{}, maxStarts),
		polls:     make(chan struct{}, maxPolls),
		ready:     make(chan struct{}),
		ctx:       ctx,
		stop:      stop,
		byID:      make(map[string]*VM),
		strangers: make(map[string]bool),
	}
	m.display = displayNetworks{libvirt: o.Libvirt, display: o.Display, users: make(map[string]map[string]bool)}
	m.unwanted.file, m.unwanted.ids = o.Unwanted, make(map[string]bool)
	m.inbox.filled = make(chan struct{}, 1)
	return m
}

// Run finds the VMs that libvirt has, then follows their lives until the
// context ends. VMs run on after that. When Run returns nothing of the pillar
// is under way any more.
func (m *VMs) Run(ctx context.Context) error {
	defer m.work.Wait()
	defer m.stop()
	if err := m.unwanted.load(); err != nil {
		m.log.ErrorContext(ctx, "cannot read which domains are to be undefined", "error", err)
	}
	if !m.recover(ctx) {
		return nil
	}
	close(m.ready)
	m.work.Go(func() { m.follow(ctx) })
	m.work.Go(func() { m.every(ctx, m.o.SampleInterval, m.sample) })
	m.work.Go(func() { m.every(ctx, strangerInterval, m.adoptStrangers) })
	m.work.Go(func() { m.every(ctx, m.o.KillPausedAfter/2, m.killLongPaused) })
	if !m.o.GuestAgent.Disabled {
		m.work.Go(func() { m.every(ctx, m.o.GuestAgent.Interval, m.pollAgents) })
	}
	<-ctx.Done()
	return nil
}

// Ready is closed once the VMs that ran before have been found again. Until
// then every verb is to be answered with ErrRecoveryInProgress.
func (m *VMs) Ready() <-chan struct{} { return m.ready }

// every calls f at once and then once per interval, until the context ends.
func (m *VMs) every(ctx context.Context, interval time.Duration, f func(context.Context)) {
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	for {
		f(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

// background returns the context for work that a call starts and does not wait
// for: it carries the call's origin and ends with the pillar.
func (m *VMs) background(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithCancel(dispatch.WithOrigin(m.ctx, dispatch.OriginOf(ctx)))
}

// find returns the VM of that id.
func (m *VMs) find(id api.UUID) (*VM, error) {
	if v := m.lookup(string(id)); v != nil {
		return v, nil
	}
	return nil, api.ErrNoSuchVM.With("vmId", string(id))
}

func (m *VMs) lookup(id string) *VM {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.byID[id]
}

// add registers the VM unless its id is taken.
func (m *VMs) add(v *VM) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byID[v.id] != nil {
		return false
	}
	m.byID[v.id] = v
	delete(m.strangers, v.id)
	return true
}

func (m *VMs) remove(v *VM) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byID[v.id] == v {
		delete(m.byID, v.id)
	}
}

// all returns the VMs in the order of their ids.
func (m *VMs) all() []*VM {
	m.mu.RLock()
	list := make([]*VM, 0, len(m.byID))
	for _, v := range m.byID {
		list = append(list, v)
	}
	m.mu.RUnlock()
	slices.SortFunc(list, func(a, b *VM) int { return cmp.Compare(a.id, b.id) })
	return list
}

// count returns how many VMs there are.
func (m *VMs) count() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return len(m.byID)
}

var _ Libvirt = (*libvirt.Client)(nil)
