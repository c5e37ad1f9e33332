// SPDX-License-Identifier: GPL-2.0-or-later

// Package linkapply brings the kernel's network to a desired state: bonds,
// VLANs, bridges, MTU, addresses, routes and rules, by rtnetlink and sysfs, and
// bridges and ports of Open vSwitch by its database, without a program or a
// network manager in between.
//
// A change is a plan of small steps, the smallest set that leads from what the
// kernel has to what is wanted. What a document does not name stays as it is.
// The plan is on disk before the first step. Whatever happens from then on,
// a refusal by the kernel, a state that is not reached, a caller who is not
// content, or the death of the process, the former state comes back:
//
//	change, err := applier.Begin(ctx, want, note) // done and verified, or undone
//	if content {
//		err = change.Keep()
//	} else {
//		err = change.Undo(ctx, nil)
//	}
//
// and at the start of the process, before anything else:
//
//	err := applier.Recover(ctx, restore)
//
// See DESIGN.md.
package linkapply
