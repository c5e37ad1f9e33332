// SPDX-License-Identifier: GPL-2.0-or-later

package host

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/host/asroot"
	"govdsm/internal/host/cpu"
	"govdsm/internal/host/hba"
	"govdsm/internal/host/osinfo"
	"govdsm/internal/host/sample"
	"govdsm/internal/host/software"
	"govdsm/internal/host/virtcaps"
	"govdsm/internal/hostfs"
)

// supportedEngines are the versions of the manager that speak this protocol.
var supportedEngines = []string{"4.2", "4.3", "4.4", "4.5"}

// answers are what the slow sources said, all at the same time. A nil or zero
// one is not known.
type answers struct {
	host     *virtcaps.Host
	domain   *virtcaps.Domain
	versions versions
	hardware api.HardwareInformation
	facts    asroot.Facts
	network  api.VdsmNetworkCapabilities
	packages *software.Installed
}

// Capabilities tells what the host can do. It takes as long as the slowest
// source, at most patience, and fails only when a hook script refuses it.
func (h *Host) Capabilities(ctx context.Context) (api.VdsmCapabilities, error) {
	if err := h.before(ctx, "before_get_caps"); err != nil {
		return api.VdsmCapabilities{}, err
	}
	a := h.ask(ctx)
	caps := h.constants()
	h.processor(ctx, &caps, a)
	h.system(&caps, a)
	h.devices(&caps, a)
	h.links(ctx, &caps, a)
	if h.options.Storage != nil {
		caps.DomainVersions = h.options.Storage.DomainVersions()
		caps.SupportedBlockSize = h.options.Storage.BlockSizes()
	}
	caps.Hooks = api.HookScriptInfoMap{}
	if h.options.Hooks != nil {
		caps.Hooks = orEmpty(h.options.Hooks.Installed())
	}
	document, ok := h.after(ctx, "after_get_caps", caps)
	if !ok {
		return caps, nil
	}
	return caps.Rewritten(withMember(document, "lastClientIface", caps.LastClientIface)), nil
}

// ask puts all questions at once.
func (h *Host) ask(ctx context.Context) (a answers) {
	var all sync.WaitGroup
	all.Go(func() { a.host = ask(ctx, h, "host capabilities", &h.hostCaps, h.askHost) })
	all.Go(func() { a.domain = ask(ctx, h, "domain capabilities", &h.domainCaps, h.askDomain) })
	all.Go(func() { a.versions = ask(ctx, h, "libvirt's version", &h.versions, h.askVersions) })
	all.Go(func() { a.hardware = ask(ctx, h, "hardware", &h.hardware, h.options.Privileged.HardwareInfo) })
	all.Go(func() { a.facts = ask(ctx, h, "root's facts", &h.facts, h.options.Privileged.Facts) })
	all.Go(func() { a.network = ask(ctx, h, "network", &h.network, h.askNetwork) })
	all.Go(func() { a.packages = ask(ctx, h, "packages", &h.packages, h.software.Installed) })
	all.Wait()
	return a
}

// ask asks one source. What fails is logged and costs no more than its part
// of the answer.
func ask[T any](ctx context.Context, h *Host, what string, a *asked[T], question func(context.Context) (T, error)) T {
	answer, known, err := a.get(ctx, h.life, question)
	if err != nil && !errors.Is(err, errNoLibvirt) && ctx.Err() == nil {
		h.options.Log.WarnContext(ctx, "capabilities are told without a fresh answer", "about", what, "known", known, "error", err)
	}
	return answer
}

// constants fills what does not depend on the host.
func (h *Host) constants() api.VdsmCapabilities {
	f := h.options.Features
	return api.VdsmCapabilities{
		VersionName:           h.options.Build.Name,
		SoftwareVersion:       h.options.Build.Version,
		SoftwareRevision:      h.options.Build.Revision,
		SupportedENGINEs:      supportedEngines,
		VMTypes:               []api.VmType{api.VmTypeKvm},
		ReservedMem:           strconv.FormatInt(h.options.ReservedMem, 10),
		GuestOverhead:         strconv.FormatInt(h.options.GuestOverhead, 10),
		LiveSnapshot:          strconv.FormatBool(f.LiveSnapshot),
		LiveMerge:             strconv.FormatBool(f.LiveMerge),
		BackupEnabled:         f.Backup,
		ColdBackupEnabled:     f.ColdBackup,
		ClearBitmapsEnabled:   f.ClearBitmaps,
		DeferredPreallocation: f.DeferredPreallocation,
		CDChangePdiv:          f.CDChangePdiv,
		RefreshDiskSupported:  f.RefreshDisk,
		ReplicateExtend:       f.ReplicateExtend,
		MeasureSubchain:       f.MeasureSubchain,
		MeasureActive:         f.MeasureActive,
		QemuImageInfoBitmaps:  f.BitmapsInfo,
		MailboxEvents:         f.MailboxEvents,
		ZerocopyMigrations:    f.ZerocopyMigrations,
		AdditionalFeatures:    append([]string{}, f.Additional...),
	}
}

// processor fills the blocks about processors and memory.
func (h *Host) processor(ctx context.Context, caps *api.VdsmCapabilities, a answers) {
	info, err := cpu.Read(h.fs, h.kernel.Machine)
	if err != nil {
		h.options.Log.WarnContext(ctx, "the processor is not known", "error", err)
	}
	caps.CPUModel, caps.CPUSpeed = info.Model, info.Frequency
	caps.CPUFlags = cpu.Flags(info.Flags, a.domain, h.kernel.Machine)
	caps.KvmEnabled = strconv.FormatBool(h.fs.Exists("/dev/kvm") && (h.options.KVMWorks == nil || h.options.KVMWorks()))
	caps.VdsmToCpusAffinity = affinity()
	caps.AutoNUMABalancing = osinfo.NUMABalancing(h.fs)
	caps.Hugepages = sample.HugepageSizes(h.fs)
	if text, err := h.fs.Bytes("/proc/meminfo"); err == nil {
		if kib, ok := hostfs.Meminfo(string(text))["MemTotal"]; ok {
			caps.MemSize = strconv.FormatInt(kib/1024, 10)
		}
	}
	if a.host == nil {
		return
	}
	t := cpu.TopologyOf(a.host, h.fs)
	caps.CPUCores = strconv.FormatInt(t.Cores, 10)
	if h.options.ThreadsAsCores {
		caps.CPUCores = strconv.FormatInt(t.Threads, 10)
	}
	caps.CPUThreads = strconv.FormatInt(t.Threads, 10)
	caps.CPUSockets = strconv.FormatInt(t.Sockets, 10)
	caps.OnlineCpus, caps.CPUTopology = t.OnlineText(), t.CPUs
	caps.NUMANodes, caps.NUMANodeDistance = cpu.Nodes(a.host, h.fs)
	caps.EmulatedMachines = a.host.EmulatedMachines(h.arch())
	if a.host.TSC != nil {
		caps.TSCFrequency, caps.TSCScaling = a.host.TSC.Frequency, a.host.TSC.Scaling
	}
}

// system fills the blocks about the operating system and its programs.
func (h *Host) system(caps *api.VdsmCapabilities, a answers) {
	packages := a.packages
	if packages == nil {
		packages = &software.Installed{}
	}
	caps.UUID = h.uuid(a.hardware)
	caps.OperatingSystem = osinfo.Release(h.fs, packages)
	caps.Packages2 = packages.Programs()
	caps.Packages2[api.SoftwarePackageKernel] = h.kernel.Package()
	if h.options.Build.Version != "" { // what runs counts, not what is installed beside it
		caps.Packages2[api.SoftwarePackageVdsm] = api.SoftwarePackageInfo{Version: h.options.Build.Version, Release: h.options.Build.Revision}
	}
	caps.ClusterLevels = clusterLevels(caps.Packages2, a.versions)
	caps.RealtimeKernel = new(h.kernel.Realtime())
	caps.KernelArgs = osinfo.KernelArgs(h.fs)
	caps.KernelFeatures = osinfo.Vulnerabilities(h.fs)
	caps.NestedVirtualization = new(osinfo.Nested(h.fs) && !virtcaps.IsPower(h.kernel.Machine))
	caps.Selinux = osinfo.SELinux(h.fs)
	caps.FipsEnabled = osinfo.FIPS(h.fs)
	caps.KdumpStatus = osinfo.Kdump(h.fs)
	caps.BootUUID = osinfo.BootUUID(h.fs)
	caps.HostedEngineDeployed = readHostedEngine(h.fs).deployed
	caps.VNCEncrypted = a.facts.VNCTLS
	caps.OVNConfigured = a.facts.OVN != nil && *a.facts.OVN
}

// devices fills the blocks about adapters and other devices.
func (h *Host) devices(caps *api.VdsmCapabilities, a answers) {
	if a.facts.InitiatorName != nil {
		caps.ISCSIInitiatorName = *a.facts.InitiatorName
	}
	caps.HBAInventory = hba.Inventory(h.fs, caps.ISCSIInitiatorName)
	caps.RNGSources = osinfo.RNGSources(h.fs)
	passthrough := osinfo.HostdevPassthrough(h.fs, virtcaps.IsPower(h.kernel.Machine))
	caps.HostdevPassthrough = strconv.FormatBool(passthrough)
}

// links fills the block about the network. The maps are always there, managers
// walk them without asking.
func (h *Host) links(ctx context.Context, caps *api.VdsmCapabilities, a answers) {
	n := a.network
	caps.Networks, caps.Bridges = orEmpty(n.Networks), orEmpty(n.Bridges)
	caps.Nics, caps.Vlans, caps.Bondings = orEmpty(n.Nics), orEmpty(n.Vlans), orEmpty(n.Bondings)
	caps.Nameservers = append([]string{}, n.Nameservers...)
	caps.SupportsIPv6 = n.SupportsIPv6
	caps.NetConfigDirty = h.netConfigDirty()
	caps.LastClientIface = h.owner(ctx, clientAddress(ctx))
}

// clientAddress is the address at which the client reached us.
func clientAddress(ctx context.Context) netip.Addr { return dispatch.OriginOf(ctx).Local.Addr() }

func orEmpty[M ~map[K]V, K comparable, V any](m M) M {
	if m == nil {
		return M{}
	}
	return m
}

// affinity returns the processors our own process may run on.
func affinity() []int64 {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil
	}
	ids := []int64{}
	for id := range len(set) * 64 {
		if set.IsSet(id) {
			ids = append(ids, int64(id))
		}
	}
	return ids
}

// withMember sets a member of a JSON object. It is for the one that the
// original adds after hooks have had their turn.
func withMember(object json.RawMessage, name, value string) json.RawMessage {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		return object
	}
	members[name], _ = json.Marshal(value) // a text always marshals
	merged, err := json.Marshal(members)
	if err != nil {
		return object
	}
	return merged
}

// Identity is what guests may be told of their host.
type Identity struct {
	System api.OsVersion
	UUID   string // "" when it is not known
}

// Identity reads it as getCapabilities does, and no longer than that takes.
func (h *Host) Identity(ctx context.Context) Identity {
	packages := ask(ctx, h, "packages", &h.packages, h.software.Installed)
	if packages == nil {
		packages = &software.Installed{}
	}
	return Identity{
		System: osinfo.Release(h.fs, packages),
		UUID:   h.uuid(ask(ctx, h, "hardware", &h.hardware, h.options.Privileged.HardwareInfo)),
	}
}
