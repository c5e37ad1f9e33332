// SPDX-License-Identifier: GPL-2.0-or-later

package domxml

import (
	"context"
	"strconv"
	"strings"
)

// editLeases fills in where the leases of volumes are. Leases of VMs arrive
// with real values and stay.
func editLeases(ctx context.Context, d *Domain, in *Input) error {
	for _, lease := range d.Leases() {
		leaf := findLease(in.Drives, lease)
		if leaf == nil {
			in.Log.DebugContext(ctx, "lease belongs to no drive", "key", lease.Key, "lockspace", lease.Lockspace)
			continue
		}
		target := child(lease.elem, "target")
		if target == nil {
			target = lease.elem.CreateElement("target")
		}
		for _, f := range []struct{ attr, mark, value string }{
			{"path", "LEASE-PATH", leaf.LeasePath},
			{"offset", "LEASE-OFFSET", strconv.FormatInt(leaf.LeaseOffset, 10)},
		} {
			if old, ok := lookup(target, f.attr); !ok || strings.HasPrefix(old, f.mark) {
				setAttr(target, f.attr, f.value)
				in.Log.InfoContext(ctx, "lease filled in", "key", lease.Key, f.attr, f.value)
			}
		}
	}
	return nil
}

// findLease returns the leaf volume that the lease is for, nil when no drive
// has it or its storage has no leases.
func findLease(drives []Drive, lease Lease) *Volume {
	for _, drive := range drives {
		leaf := drive.Leaf
		if leaf != nil && leaf.VolumeID == lease.Key && leaf.DomainID == lease.Lockspace && leaf.LeasePath != "" {
			return leaf
		}
	}
	return nil
}
