// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"govdsm/api"
	"govdsm/internal/dispatch"
)

// Bind makes the pillar answer its verbs. The table must not let calls through
// before Ready.
func (m *VMs) Bind(t *dispatch.Table) {
	dispatch.Bind(t, api.VMCreate, m.create)
	dispatch.Bind(t, api.VMDestroy, m.destroy)
	dispatch.Bind(t, api.VMShutdown, m.shutdown)
	dispatch.Bind(t, api.VMReset, m.reset)
	dispatch.Bind(t, api.VMPause, m.pause)
	dispatch.Bind(t, api.VMCont, m.cont)
	dispatch.Bind(t, api.VMSetDestroyOnReboot, m.setDestroyOnReboot)

	dispatch.Bind(t, api.VMSetBalloonTarget, m.setBalloonTarget)
	dispatch.Bind(t, api.VMSetTicket, m.setTicket)
	dispatch.Bind(t, api.VMUpdateDevice, m.updateDevice)
	dispatch.Bind(t, api.VMScreenshot, m.screenshot)
	dispatch.Bind(t, api.VMFreeze, m.freeze)
	dispatch.Bind(t, api.VMThaw, m.thaw)

	dispatch.Bind(t, api.VMGetStats, m.getStats, m.unlessHooked("get_vm_stats"))
	dispatch.Bind(t, api.HostGetAllVMStats, m.getAllVMStats, m.unlessHooked("get_all_vm_stats"))

	dispatch.Bind(t, api.VMGetInfo, m.getInfo, dispatch.Inline())
	dispatch.Bind(t, api.HostGetVMList, m.getVMList, dispatch.Inline())
	dispatch.Bind(t, api.HostGetVMFullList, m.getVMFullList, dispatch.Inline())
	dispatch.Bind(t, api.HostDumpxmls, m.dumpXMLs, dispatch.Inline())
}

// unlessHooked lets a verb that answers from memory run inline where no script
// stands before or after it.
func (m *VMs) unlessHooked(what string) dispatch.Option {
	return dispatch.InlineWhen(func() bool {
		return !m.hooks.Any("before_"+what) && !m.hooks.Any("after_"+what)
	})
}
