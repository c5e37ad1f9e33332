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

	// Statistics may run scripts, so they do not run inline.
	dispatch.Bind(t, api.VMGetStats, m.getStats)
	dispatch.Bind(t, api.HostGetAllVMStats, m.getAllVMStats)

	dispatch.Bind(t, api.VMGetInfo, m.getInfo, dispatch.Inline())
	dispatch.Bind(t, api.HostGetVMList, m.getVMList, dispatch.Inline())
	dispatch.Bind(t, api.HostGetVMFullList, m.getVMFullList, dispatch.Inline())
	dispatch.Bind(t, api.HostDumpxmls, m.dumpXMLs, dispatch.Inline())
}
