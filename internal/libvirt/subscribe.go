// SPDX-License-Identifier: GPL-2.0-or-later

package libvirt

import (
	"fmt"

	binding "libvirt.org/go/libvirt"
)

// The callbacks run on libvirt's thread. The domain they get is lent to them:
// it must be neither kept nor freed.
type (
	lentConn   = *binding.Connect
	lentDomain = *binding.Domain
)

// subscribe makes libvirt tell put of everything the package has an event for.
func (s *session) subscribe(put func(Event)) error {
	for what, register := range s.registrations(put) {
		id, err := register()
		switch {
		case isCode(err, binding.ERR_NO_SUPPORT):
			// A driver that never sends this event; test:/// knows few.
		case err != nil:
			return fmt.Errorf("listen for %s: %w", what, err)
		default:
			s.callbacks = append(s.callbacks, id)
		}
	}
	return nil
}

// about calls f with the domain's id.
func about(d lentDomain, put func(Event), f func(vm string) Event) {
	if id, err := d.GetUUIDString(); err == nil {
		put(f(id))
	}
}

func (s *session) registrations(put func(Event)) map[string]func() (int, error) {
	c := s.conn
	return map[string]func() (int, error){
		"lifecycle": func() (int, error) {
			return c.DomainEventLifecycleRegister(nil, func(_ lentConn, d lentDomain, e *binding.DomainEventLifecycle) {
				about(d, put, func(vm string) Event { return Lifecycle{vm, Change(e.Event), e.Detail} })
			})
		},
		"reboot": func() (int, error) {
			return c.DomainEventRebootRegister(nil, func(_ lentConn, d lentDomain) {
				about(d, put, func(vm string) Event { return Reboot{vm} })
			})
		},
		"clock changes": func() (int, error) {
			return c.DomainEventRTCChangeRegister(nil, func(_ lentConn, d lentDomain, e *binding.DomainEventRTCChange) {
				about(d, put, func(vm string) Event { return RTCChange{vm, e.Utcoffset} })
			})
		},
		"disk errors": func() (int, error) {
			return c.DomainEventIOErrorReasonRegister(nil, func(_ lentConn, d lentDomain, e *binding.DomainEventIOErrorReason) {
				about(d, put, func(vm string) Event {
					return IOError{vm, e.SrcPath, e.DevAlias, IOErrorAction(e.Action), e.Reason}
				})
			})
		},
		"graphics": func() (int, error) {
			return c.DomainEventGraphicsRegister(nil, func(_ lentConn, d lentDomain, e *binding.DomainEventGraphics) {
				about(d, put, func(vm string) Event {
					return Graphics{vm, GraphicsPhase(e.Phase), e.Remote.Node, e.Remote.Service}
				})
			})
		},
		"watchdogs": func() (int, error) {
			return c.DomainEventWatchdogRegister(nil, func(_ lentConn, d lentDomain, e *binding.DomainEventWatchdog) {
				about(d, put, func(vm string) Event { return Watchdog{vm, int(e.Action)} })
			})
		},
		"removed devices": func() (int, error) {
			return c.DomainEventDeviceRemovedRegister(nil, func(_ lentConn, d lentDomain, e *binding.DomainEventDeviceRemoved) {
				about(d, put, func(vm string) Event { return DeviceRemoved{vm, e.DevAlias} })
			})
		},
		"block thresholds": func() (int, error) {
			return c.DomainEventBlockThresholdRegister(nil, func(_ lentConn, d lentDomain, e *binding.DomainEventBlockThreshold) {
				about(d, put, func(vm string) Event {
					return BlockThreshold{vm, e.Dev, e.Path, e.Threshold, e.Excess}
				})
			})
		},
		"completed jobs": func() (int, error) {
			return c.DomainEventJobCompletedRegister(nil, func(_ lentConn, d lentDomain, e *binding.DomainEventJobCompleted) {
				about(d, put, func(vm string) Event { return jobCompleted(vm, &e.Info) })
			})
		},
		"block jobs": func() (int, error) {
			return c.DomainEventBlockJob2Register(nil, func(_ lentConn, d lentDomain, e *binding.DomainEventBlockJob) {
				about(d, put, func(vm string) Event { return BlockJob{vm, e.Disk, int(e.Type), int(e.Status)} })
			})
		},
		"guest agents": func() (int, error) {
			return c.DomainEventAgentLifecycleRegister(nil, func(_ lentConn, d lentDomain, e *binding.DomainEventAgentLifecycle) {
				up := e.State == binding.CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_CONNECTED
				about(d, put, func(vm string) Event { return AgentLifecycle{vm, up} })
			})
		},
	}
}

func jobCompleted(vm string, info *binding.DomainJobInfo) Event {
	e := JobCompleted{VM: vm, Kind: int(info.Type), Downtime: info.Downtime}
	if info.DowntimeNetSet {
		e.Downtime = info.DowntimeNet
	}
	return e
}
