// SPDX-License-Identifier: GPL-2.0-or-later

package daemon

import (
	"context"
	"path/filepath"

	"govdsm/internal/dispatch"
	"govdsm/internal/event"
	"govdsm/internal/hook"
	"govdsm/internal/host"
	"govdsm/internal/job"
	"govdsm/internal/libvirt"
	"govdsm/internal/logging"
	"govdsm/internal/network"
	"govdsm/internal/network/netinfo"
	"govdsm/internal/network/setup"
	"govdsm/internal/pki"
	"govdsm/internal/privileged"
	"govdsm/internal/storage"
	"govdsm/internal/virt"
)

// pillars are what the daemon is made of, below the wire.
type pillars struct {
	table   *dispatch.Table
	bus     *event.Bus
	certs   *pki.Source // nil without TLS
	libvirt *libvirt.Client
	root    *privileged.Client
	vms     *virt.VMs
	host    *host.Host
	network *network.Network
	netinfo *netinfo.Reader
	jobs    *job.Registry
	kvm     *kvmProbe
	setup   *setup.Setup
	storage *storage.Storage // nil when irs.irs_enable is off
}

// newPillars builds the pillars and binds their verbs; nothing runs yet.
func newPillars(s *settings, logs *logging.Log) (*pillars, error) {
	p := &pillars{
		bus:  event.NewBus(),
		root: privileged.NewClient(s.privileged),
		kvm:  &kvmProbe{memory: filepath.Join(s.state, "kvm.json")},
	}
	faults := logs.Logger("schema")
	p.table = dispatch.NewTable(dispatch.Checker{
		Strict: s.Devel.APIStrictMode,
		Fault: func(ctx context.Context, verb, fault string) {
			faults.DebugContext(ctx, "argument does not fit its declaration", "verb", verb, "fault", fault)
		},
	})
	if s.tls {
		var err error
		if p.certs, err = pki.Open(s.pki, logs.Logger("pki")); err != nil {
			return nil, err
		}
	}
	hooks := hook.New(hook.Options{Dir: s.hooks, PythonPath: hook.Modules(), Log: logs.Logger("hook")})
	if err := p.addVirt(s, hooks, logs); err != nil {
		return nil, err
	}
	p.addNetworkSetup(s, logs)
	if err := p.addNetwork(s, logs); err != nil {
		return nil, err
	}
	p.addJobs(logs)
	p.addStorage(s, logs)
	if err := p.addHost(s, hooks, logs); err != nil {
		return nil, err
	}
	p.vms.Bind(p.table)
	p.host.Bind(p.table)
	p.network.Bind(p.table)
	p.setup.Bind(p.table)
	if p.storage != nil {
		p.storage.Bind(p.table)
	}
	return p, nil
}

// part is something that runs as long as the daemon does.
type part struct {
	name string
	run  func(context.Context) error
}

// parts are what runs beside the wire.
func (p *pillars) parts(d *daemon) []part {
	parts := []part{
		{"libvirt", p.libvirt.Run},
		{"virt", p.vms.Run},
		{"kvm", p.kvm.run},
		{"network", func(ctx context.Context) error { p.netinfo.Run(ctx); return nil }},
		{"host", func(ctx context.Context) error { p.host.Run(ctx); return nil }},
	}
	if p.storage != nil {
		parts = append(parts, part{"storage", p.storage.Run})
	}
	if p.certs != nil {
		parts = append(parts, part{"pki", func(ctx context.Context) error { p.certs.Watch(ctx); return nil }})
	}
	if d.settings.Vars.ConnectionStatsTimeout > 0 {
		parts = append(parts, part{"calls", d.countCalls})
	}
	if d.settings.Health.MonitorEnable {
		parts = append(parts, part{"health", d.watchHealth})
	}
	return parts
}
