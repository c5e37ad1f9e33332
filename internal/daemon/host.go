// SPDX-License-Identifier: GPL-2.0-or-later

package daemon

import (
	"context"
	"log/slog"

	"govdsm/api"
	"govdsm/internal/event"
	"govdsm/internal/hook"
	"govdsm/internal/host"
	"govdsm/internal/host/asroot"
	"govdsm/internal/job"
	"govdsm/internal/libvirt"
	"govdsm/internal/logging"
	"govdsm/internal/privileged"
	"govdsm/internal/version"
	"govdsm/internal/virt"
)

// addHost builds the pillar that answers for the machine.
func (p *pillars) addHost(s *settings, hooks *hook.Runner, logs *logging.Log) error {
	o := host.Options{
		Build:          host.Build{Name: "Snow Man", Version: "4.50.7", Revision: version.Version},
		Libvirt:        nodeInformation{p.libvirt},
		Privileged:     asRoot{p.root},
		Hooks:          hooks,
		VMs:            vmCounts{p.vms},
		Network:        p.network,
		Jobs:           p.jobs,
		SetLogLevel:    func(name string, level slog.Level) error { logs.SetLevel(name, level); return nil },
		KVMWorks:       p.kvm.works,
		IDFile:         s.id,
		FakeKVM:        s.Vars.FakeKVMSupport,
		FakeArch:       s.Vars.FakeKVMArchitecture,
		ThreadsAsCores: s.Vars.ReportHostThreadsAsCores,
		ReservedMem:    int64(s.Vars.HostMemReserve + s.Vars.ExtraMemReserve),
		GuestOverhead:  int64(s.Vars.GuestRAMOverhead),
		SampleInterval: s.Vars.HostSampleStatsInterval,
		RunDir:         s.run + "/",
		MOMSocket:      s.MOM.SocketPath,
		Log:            logs.Logger("host"),
	}
	if p.storage != nil {
		o.Storage, o.Features.Additional = p.storage, p.storage.Features()
	}
	var err error
	p.host, err = host.New(o)
	return err
}

// nodeInformation is libvirt as the host pillar asks it.
type nodeInformation struct{ *libvirt.Client }

// Versions implements host.Libvirt.
func (n nodeInformation) Versions(ctx context.Context) (lib, hypervisor uint64, err error) {
	v, err := n.Client.Versions(ctx)
	return uint64(v.Libvirt), uint64(v.Hypervisor), err
}

// NodeDevices implements host.Libvirt.
func (n nodeInformation) NodeDevices(ctx context.Context, capabilities []string) ([]string, error) {
	devices, err := n.Client.NodeDevices(ctx, capabilities...)
	documents := make([]string, len(devices))
	for i, d := range devices {
		documents[i] = d.XML
	}
	return documents, err
}

// asRoot carries out what the host pillar needs root for, through supervdsmd.
type asRoot struct{ client *privileged.Client }

// HardwareInfo implements host.Privileged.
func (r asRoot) HardwareInfo(ctx context.Context) (api.HardwareInformation, error) {
	return privileged.Call(ctx, r.client, privileged.HardwareInfo, nil)
}

// Facts implements host.Privileged.
func (r asRoot) Facts(ctx context.Context) (asroot.Facts, error) {
	f, err := privileged.Call(ctx, r.client, privileged.HostFacts, nil)
	if err != nil {
		return asroot.Facts(f), err
	}
	// A failure is in the log of supervdsmd; a host of which nobody knows is no
	// part of OVN.
	if configured, err := privileged.Call(ctx, r.client, privileged.OVNConfigured, nil); err == nil {
		f.OVN = &configured
	}
	return asroot.Facts(f), nil
}

// TuneKSM implements host.Privileged.
func (r asRoot) TuneKSM(ctx context.Context, settings []asroot.KSMSetting) error {
	params := &privileged.KSMTuneParams{}
	for _, s := range settings {
		params.Settings = append(params.Settings, privileged.KSMSetting(s))
	}
	_, err := privileged.Call(ctx, r.client, privileged.KSMTune, params)
	return err
}

// vmCounts are the VMs as the host's statistics count them.
type vmCounts struct{ vms *virt.VMs }

// Counts implements host.VMs.
func (c vmCounts) Counts() host.VMCounts {
	n := c.vms.Counts()
	return host.VMCounts{
		All: int64(n.All), Active: int64(n.Active),
		Incoming: uint64(n.Incoming), Outgoing: uint64(n.Outgoing),
	}
}

// addJobs makes the registry of jobs, which the pillars share.
func (p *pillars) addJobs(logs *logging.Log) {
	p.jobs = job.NewRegistry(job.Options{
		Publish: func(j api.HostJobInfo) error { return event.Publish(p.bus, api.JobStatusEvent, string(j.ID), j) },
		Log:     logs.Logger("job"),
	})
}
