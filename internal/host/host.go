// SPDX-License-Identifier: GPL-2.0-or-later

// Package host answers for the machine: what it can do (Host.getCapabilities),
// how it does (Host.getStats), what it is made of, and the few settings of it
// that a manager may change.
//
// It tells what it knows. What the host, its tools or libvirt do not say is
// absent from an answer or has the value that the contract names for "unknown";
// a tool or a libvirt that fails makes answers poorer and never makes them
// fail, or wait longer than patience allows. Only the scripts of an
// administrator can refuse an answer.
//
// Without a network pillar nothing is told of the network: the maps that
// managers insist on are then empty.
package host

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"govdsm/api"
	"govdsm/internal/host/asroot"
	"govdsm/internal/host/fence"
	"govdsm/internal/host/hostfs"
	"govdsm/internal/host/mom"
	"govdsm/internal/host/osinfo"
	"govdsm/internal/host/sample"
	"govdsm/internal/host/software"
	"govdsm/internal/host/virtcaps"
	"govdsm/internal/job"
)

// Libvirt is what is asked of libvirt. Documents are XML. Versions are
// libvirt's numbers, major*1000000 + minor*1000 + release; 0 is unknown.
type Libvirt interface {
	Capabilities(ctx context.Context) (string, error)
	DomainCapabilities(ctx context.Context, arch, machine, virtType string) (string, error)
	Versions(ctx context.Context) (libvirt, hypervisor uint64, err error)
	// NodeDevices returns the documents of the devices that have one of the
	// capabilities, which are of deviceCapabilities; nil means all devices.
	NodeDevices(ctx context.Context, capabilities []string) ([]string, error)
}

// Privileged is what needs root. Package asroot carries it out.
type Privileged interface {
	HardwareInfo(ctx context.Context) (api.HardwareInformation, error)
	Facts(ctx context.Context) (asroot.Facts, error)
	TuneKSM(ctx context.Context, settings []asroot.KSMSetting) error
}

// Hooks runs the scripts that administrators install. Package hook's runner is
// one.
type Hooks interface {
	// Installed returns the scripts of every point with their checksums.
	Installed() api.HookScriptInfoMap
	// Any reports at once whether a point has scripts.
	Any(point string) bool
	// RunJSON runs the scripts of a point and returns the document as they
	// left it. It fails when they refuse what is about to happen.
	RunJSON(ctx context.Context, point string, document []byte, vars map[string]string) ([]byte, error)
}

// VMCounts counts VMs by what they do.
type VMCounts struct {
	All      int64 // known ones, those that are down too
	Active   int64 // up
	Incoming uint64
	Outgoing uint64
}

// VMs counts the VMs, from memory.
type VMs interface{ Counts() VMCounts }

// Storage is what the storage pillar adds to answers, from memory.
type Storage interface {
	DomainVersions() []int64
	BlockSizes() api.SupportedBlockSizeMap
	DomainVitals() api.StorageDomainVitalsMap
	MultipathHealth() api.MultipathHealthMap
}

// Network is what the network pillar adds to answers.
type Network interface {
	Capabilities(ctx context.Context) (api.VdsmNetworkCapabilities, error)
	// Statistics reads the counters of every link.
	Statistics(ctx context.Context) (api.HostNetworkStatistics, error)
	// Owner names the link that has an address, "" when none has.
	Owner(ctx context.Context, address netip.Addr) (string, error)
	// ConfigDirty reports unsaved changes, from memory.
	ConfigDirty() bool
	// ConfirmConnectivity notes at once that a manager still reaches us.
	ConfirmConnectivity()
}

// Features says what this build of the daemon can do with VMs and storage, as
// capabilities that managers look for. They are facts about the other pillars,
// so whoever puts the daemon together knows them.
type Features struct {
	LiveSnapshot, LiveMerge                     bool
	Backup, ColdBackup, ClearBitmaps            bool
	DeferredPreallocation, ReplicateExtend      bool
	CDChangePdiv, RefreshDisk                   bool
	MeasureSubchain, MeasureActive, BitmapsInfo bool
	MailboxEvents, ZerocopyMigrations           bool
	Additional                                  []string // "libgfapi_supported" and its like
}

// Build identifies the daemon.
type Build struct{ Name, Version, Revision string }

// Options configure a Host. Root, Build and Log are enough to begin with: what
// has no provider is not reported.
type Options struct {
	Root   string       // of the host's file system, "" for the real one
	Kernel osinfo.Uname // zero for the running kernel
	Build  Build

	Libvirt    Libvirt
	Privileged Privileged // nil: done by this process itself
	Hooks      Hooks
	VMs        VMs
	Storage    Storage
	Network    Network
	Jobs       *job.Registry

	// SetLogLevel changes what the logger of a name logs, "" for all.
	SetLogLevel func(name string, level slog.Level) error

	// KVMWorks tells what a probe found out: on some machines /dev/kvm is
	// there and useless. nil: the device's presence decides.
	KVMWorks func() bool
	// FakeKVM asks libvirt for emulated guests in place of KVM's, as does the
	// configuration option fake_kvm_support; FakeArch goes with it.
	FakeKVM  bool
	FakeArch string

	ThreadsAsCores    bool             // report_host_threads_as_cores
	ReservedMem       int64            // MiB, host_mem_reserve + extra_mem_reserve
	GuestOverhead     int64            // MiB, guest_ram_overhead
	ReservedHugepages map[uint64]int64 // pages kept from VMs, by size in KiB
	Features          Features

	SampleInterval time.Duration // 0 for 15 s
	IDFile         string        // an administrator's name for the host, below Root; "" for /etc/vdsm/vdsm.id
	RunDir         string        // whose free space is told, "" for /run/vdsm/
	MOMSocket      string        // "" for /run/vdsm/mom-vdsm.sock
	Fence          fence.Options // its Log is ours when nil
	RPM, Ndctl     string        // programs; "" for those on the path

	Log *slog.Logger
}

// Host answers for one machine. Its methods may be called at once.
type Host struct {
	options  Options
	fs       hostfs.FS
	kernel   osinfo.Uname
	started  time.Time
	sampler  *sample.Sampler
	software *software.Database
	mom      *mom.Client
	fencer   *fence.Fencer

	life context.Context // ends with Run
	end  context.CancelFunc

	momActive atomic.Bool
	engine    atomic.Pointer[hostedEngine]

	hostCaps   asked[*virtcaps.Host]
	domainCaps asked[*virtcaps.Domain]
	versions   asked[versions]
	hardware   asked[api.HardwareInformation]
	facts      asked[asroot.Facts]
	network    asked[api.VdsmNetworkCapabilities]
	packages   asked[*software.Installed]
}

// New returns a Host. It reads nothing of the host but the kernel's name.
func New(o Options) (*Host, error) {
	if o.Kernel == (osinfo.Uname{}) {
		kernel, err := osinfo.RunningKernel()
		if err != nil {
			return nil, err
		}
		o.Kernel = kernel
	}
	defaults(&o)
	fs := hostfs.At(o.Root)
	if o.Privileged == nil {
		o.Privileged = asroot.New(fs, o.Kernel.Machine)
	}
	reader := sample.NewReader(fs, []string{"/tmp", "/var/log", o.RunDir}, o.ReservedHugepages)
	h := &Host{
		options:  o,
		fs:       fs,
		kernel:   o.Kernel,
		started:  time.Now(),
		sampler:  sample.NewSampler(reader.Read, o.SampleInterval),
		software: software.New(fs, o.RPM),
		mom:      mom.NewClient(o.MOMSocket),
		fencer:   fence.New(o.Fence),
	}
	h.life, h.end = context.WithCancel(context.Background())
	h.engine.Store(&hostedEngine{})
	return h, nil
}

func defaults(o *Options) {
	if o.SampleInterval == 0 {
		o.SampleInterval = 15 * time.Second
	}
	if o.RunDir == "" {
		o.RunDir = "/run/vdsm/"
	}
	if o.IDFile == "" {
		o.IDFile = "/etc/vdsm/vdsm.id"
	}
	if o.MOMSocket == "" {
		o.MOMSocket = "/run/vdsm/mom-vdsm.sock"
	}
	if o.Ndctl == "" {
		o.Ndctl = "ndctl"
	}
	if o.Fence.Log == nil {
		o.Fence.Log = o.Log
	}
}

// Run samples the host until the context ends.
func (h *Host) Run(ctx context.Context) {
	defer h.end()
	var parts sync.WaitGroup
	parts.Go(func() { h.warmUp(ctx) })
	parts.Go(func() { h.watch(ctx) })
	h.sampler.Run(ctx)
	parts.Wait()
}

// warmUp asks libvirt until it has answered once: when it meets new emulators
// that takes long, and shall be done when a manager wants to know. It is
// called before libvirt is connected, so that it fails at first is no news.
func (h *Host) warmUp(ctx context.Context) {
	if h.options.Libvirt == nil {
		return
	}
	ticker := time.NewTicker(warmUpInterval)
	defer ticker.Stop()
	for {
		_, _, err1 := h.hostCaps.get(ctx, h.life, h.askHost)
		_, _, err2 := h.domainCaps.get(ctx, h.life, h.askDomain)
		if err1 == nil && err2 == nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

const warmUpInterval = time.Second

// watch looks at the daemons beside ours that statistics tell about.
func (h *Host) watch(ctx context.Context) {
	ticker := time.NewTicker(h.options.SampleInterval)
	defer ticker.Stop()
	for {
		h.momActive.Store(h.mom.Ping(ctx))
		h.engine.Store(readHostedEngine(h.fs))
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// arch is the architecture that guests have.
func (h *Host) arch() string {
	if h.options.FakeKVM && h.options.FakeArch != "" {
		return h.options.FakeArch
	}
	return h.kernel.Machine
}
