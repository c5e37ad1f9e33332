// SPDX-License-Identifier: GPL-2.0-or-later

package domain

import "context"

// The folders of the master.
const (
	masterVMs   = MasterDir + "/vms"
	masterTasks = MasterDir + "/tasks"
)

// CheckMaster reports whether the folder of the master is there, and whether
// it holds what it should. Of a domain that is no master both are true.
func (d *Domain) CheckMaster(ctx context.Context) (mounted, valid bool, err error) {
	if !d.Known().Role.IsMaster() {
		return true, true, nil
	}
	found, err := d.dir.StatAll(ctx, []string{MasterDir, masterVMs, masterTasks})
	if err != nil {
		return false, false, Access(d.id, err)
	}
	mounted = found[MasterDir] != nil
	// Where nothing is mounted it is not known to be wrong.
	return mounted, !mounted || found[masterVMs] != nil && found[masterTasks] != nil, nil
}
