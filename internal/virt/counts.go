// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import "govdsm/api"

// Counts are the VMs of this host by what they do.
type Counts struct {
	All      int // known ones, those that are down included
	Active   int // up
	Incoming int // migrating to this host
	Outgoing int // migrating away
}

// Counts returns how many VMs there are, from memory.
func (m *VMs) Counts() Counts {
	var c Counts
	for _, v := range m.all() {
		c.All++
		switch v.status() {
		case api.VmStatusUp:
			c.Active++
		case api.VmStatusMigrationDestination:
			c.Incoming++
		case api.VmStatusMigrationSource:
			c.Outgoing++
		}
	}
	return c
}
