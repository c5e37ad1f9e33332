// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"encoding/json"
	"maps"

	"govdsm/api"
	"govdsm/internal/event"
)

// notify publishes VM_status. Nothing is published during recovery: managers
// ask for everything after it.
func (v *VM) notify(ctx context.Context, details api.StatusDetails) {
	select {
	case <-v.vms.ready:
	default:
		return
	}
	params := api.StatusDetails{"status": v.shown()}
	maps.Copy(params, details)
	err := event.Publish(v.vms.o.Events, api.VMStatusEvent, v.id,
		map[api.UUID]api.StatusDetails{api.UUID(v.id): params})
	if err != nil {
		v.log.ErrorContext(ctx, "the event is not published", "error", err)
	}
}

// guestMembers are the statistics that events of a VM that came up leave out.
var guestMembers = []string{
	"vmId", "statusTime", "vmName", "vmType", "kvmEnable", "acpiEnable",
	"username", "session", "memUsage", "guestCPUCount", "appsList", "guestIPs", "guestFQDN",
	"guestName", "guestOs", "guestOsInfo", "guestTimezone", "netIfaces", "disksUsage", "pci_devices",
}

// runningDetails are all running statistics but the guest's.
func (v *VM) runningDetails() api.StatusDetails {
	d := details(v.stats(newMoment()).Value)
	for _, name := range guestMembers {
		delete(d, name)
	}
	return d
}

// guestDetails are what the guest tells about itself.
func (v *VM) guestDetails() api.StatusDetails {
	all, d := details(v.stats(newMoment()).Value), api.StatusDetails{}
	for _, name := range guestMembers[6:] {
		if value, ok := all[name]; ok {
			d[name] = value
		}
	}
	return d
}

// exitDetails say how a VM that is Down ended.
func (v *VM) exitDetails() api.StatusDetails {
	var e *api.ExitedVmStats
	v.with(func(s *state) { e = s.exited(v.id) })
	return details(e)
}

// details turns statistics into the free form of an event.
func details(stats any) api.StatusDetails {
	raw, err := json.Marshal(stats)
	if err != nil {
		return nil // plain structs of text and numbers always marshal
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil
	}
	d := make(api.StatusDetails, len(members))
	for name, value := range members {
		d[name] = value
	}
	return d
}
