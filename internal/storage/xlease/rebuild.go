// SPDX-License-Identifier: GPL-2.0-or-later

package xlease

import (
	"context"
	"errors"
	"fmt"
	"time"

	"govdsm/api"
)

// Rebuild brings index and resources together again and finishes whatever was
// interrupted. A record counts and its resource is written to match; without a
// record a resource is cleared. A record that cannot be read takes the name of
// its resource, unless another record has it. Without a valid header nothing
// can be done: ErrInvalidIndex.
//
// The index is written once, at the end. When Rebuild fails before, the index
// is as it was.
func (v Volume) Rebuild(ctx context.Context, lockspace string, now time.Time) error {
	if !validName(lockspace) {
		return api.ErrInvalidParameterException.OfText("lockspace=" + lockspace)
	}
	b, _, err := v.read()
	if err != nil {
		return err
	}
	size, err := v.File.Size()
	if err != nil {
		return fmt.Errorf("size of the leases volume: %w", err)
	}
	empty := recordBytes("", 0)
	for r := range MaxLeases {
		if v.Offset(r)+v.Alignment > size {
			// The volume ends before this slot: there can be no lease.
			copy(record(b, r), empty)
			continue
		}
		if err := v.mend(ctx, b, r, lockspace); err != nil {
			return fmt.Errorf("rebuilding record %d: %w", r, err)
		}
	}
	return v.replace(b, lockspace, now)
}

// mend brings one record and its resource together.
func (v Volume) mend(ctx context.Context, b []byte, r int, lockspace string) error {
	offset := v.Offset(r)
	resource, err := v.Resources.ReadResource(ctx, offset)
	if err != nil && !errors.Is(err, ErrNoResource) {
		return err
	}
	found := parseRecord(record(b, r))
	if found.Err != nil {
		// Only another record with this name makes the resource a stray one.
		// (The original finds the broken record itself and drops the lease.)
		copy(record(b, r), recordBytes("", 0))
		v.Log.WarnContext(ctx, "a record cannot be read", "record", r, "resource", resource, "error", found.Err)
		if validName(resource) && find(b, resource) < 0 {
			copy(record(b, r), recordBytes(resource, offset))
			return nil
		}
	}
	switch {
	case found.ID == resource:
		return nil
	case found.ID == "":
		v.Log.WarnContext(ctx, "a resource without a record is cleared", "record", r, "resource", resource)
		return v.Resources.WriteResource(ctx, "", "", offset)
	}
	v.Log.WarnContext(ctx, "the resource of a record is written again",
		"record", r, "lease", found.ID, "resource", resource)
	return v.Resources.WriteResource(ctx, lockspace, found.ID, offset)
}
