// SPDX-License-Identifier: GPL-2.0-or-later

package daemon

import (
	"context"
	"os"
	"path/filepath"

	"govdsm/internal/config"
	"govdsm/internal/hook"
	"govdsm/internal/host/osinfo"
	"govdsm/internal/libvirt"
	"govdsm/internal/logging"
	"govdsm/internal/virt"
	"govdsm/internal/virt/agent"
	"govdsm/internal/virt/payload"
)

// addVirt builds the connection to libvirt and the VMs on it.
func (p *pillars) addVirt(s *settings, hooks *hook.Runner, logs *logging.Log) error {
	kernel, err := osinfo.RunningKernel()
	if err != nil {
		return err
	}
	p.libvirt = libvirt.New(nil, libvirt.Options{
		URI:         s.libvirtURI,
		Handler:     func(e libvirt.Event) { p.vms.Handle(e) },
		Log:         logs.Logger("libvirt"),
		CallTimeout: s.Vars.VMCommandTimeout,
	})
	p.vms = virt.New(virt.Options{
		Libvirt:     p.libvirt,
		Events:      p.bus,
		Hooks:       hooks,
		Storage:     storageOfVMs{p},
		LaunchFlags: hook.LaunchFlags{Dir: s.run},
		Payloads: payload.New(payload.Options{
			Dir: filepath.Join(s.run, "payload"), GID: os.Getegid(), Log: logs.Logger("payload"),
		}),
		Arch: kernel.Machine,
		Identity: func(ctx context.Context) virt.Identity {
			id := p.host.Identity(ctx)
			return virt.Identity{
				OSName:    string(id.System.Name),
				OSVersion: id.System.Version + "-" + id.System.Release,
				Serial:    id.UUID,
			}
		},
		Unwanted:        filepath.Join(s.state, "undefine"),
		VNCSASL:         vncSASL(s.qemuConf),
		HostStopping:    hostStopping,
		GuestAgent:      guestAgent(s.GuestAgent),
		SampleInterval:  s.Vars.VMSampleInterval,
		CommandTimeout:  s.Vars.VMCommandTimeout,
		KillPausedAfter: 8 * s.Sanlock.IOTimeout,
		ShutdownDelay:   s.Vars.UserShutdownTimeout,
		ShutdownTimeout: s.Vars.SysShutdownTimeout,
		Log:             logs.Logger("virt"),
	})
	return nil
}

func guestAgent(c config.GuestAgent) virt.GuestAgent {
	return virt.GuestAgent{
		Disabled: !c.EnableQGAPoller, Interval: c.QGAPollingPeriod,
		CommandTimeout: c.QGACommandTimeout, PollTimeout: c.QGATaskTimeout,
		Periods: agent.Periods{
			Capabilities: c.QGAInfoPeriod, System: c.QGASysinfoPeriod, Users: c.QGAActiveUsersPeriod,
			CPUs: c.QGACPUInfoPeriod, FileSystems: c.QGADiskInfoPeriod, Eager: c.QGAInitialInfoInterval,
		},
	}
}
