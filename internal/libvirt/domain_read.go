// SPDX-License-Identifier: GPL-2.0-or-later

package libvirt

import (
	"context"

	binding "libvirt.org/go/libvirt"
)

// The methods of this file read domains.

// Domain is one domain as List finds it.
type Domain struct {
	ID   string // UUID
	Name string
}

// List returns all domains, running or not.
func (c *Client) List(ctx context.Context) ([]Domain, error) {
	return call(ctx, c, "list the domains", func(conn *binding.Connect) ([]Domain, error) {
		ds, err := conn.ListAllDomains(0)
		if err != nil {
			return nil, err
		}
		list := make([]Domain, 0, len(ds))
		for i := range ds {
			defer free(&ds[i])
			id, err := ds[i].GetUUIDString()
			if err != nil {
				return nil, err
			}
			name, err := ds[i].GetName()
			if err != nil {
				return nil, err
			}
			list = append(list, Domain{id, name})
		}
		return list, nil
	})
}

// Find returns the ids of the domains with that id or that name, which may be
// two different ones or none.
func (c *Client) Find(ctx context.Context, id, name string) ([]string, error) {
	return call(ctx, c, "look for the domain", func(conn *binding.Connect) ([]string, error) {
		var found []string
		lookups := []func() (*binding.Domain, error){
			func() (*binding.Domain, error) { return conn.LookupDomainByUUIDString(id) },
			func() (*binding.Domain, error) { return conn.LookupDomainByName(name) },
		}
		for _, lookup := range lookups {
			d, err := lookup()
			if isCode(err, binding.ERR_NO_DOMAIN) {
				continue
			}
			if err != nil {
				return nil, err
			}
			defer free(d)
			uuid, err := d.GetUUIDString()
			if err != nil {
				return nil, err
			}
			if len(found) == 0 || found[0] != uuid {
				found = append(found, uuid)
			}
		}
		return found, nil
	})
}

// XML returns a domain's current definition, without secrets.
func (c *Client) XML(ctx context.Context, id string) (string, error) {
	return withDomain(ctx, c, "read the domain's definition", id, func(d *binding.Domain) (string, error) {
		return d.GetXMLDesc(0)
	})
}

// Metadata returns the element stored under a namespace; NoMetadata when there
// is none.
func (c *Client) Metadata(ctx context.Context, id, namespace string) (string, error) {
	return withDomain(ctx, c, "read metadata", id, func(d *binding.Domain) (string, error) {
		return d.GetMetadata(binding.DOMAIN_METADATA_ELEMENT, namespace, binding.DOMAIN_AFFECT_CURRENT)
	})
}

// Status is a domain's state and why it is in it.
type Status struct {
	State  State
	Reason int // depends on State; see the constants below
}

// State is libvirt's virDomainState.
type State int

// States of a domain.
const (
	StateNone        = State(binding.DOMAIN_NOSTATE)
	StateRunning     = State(binding.DOMAIN_RUNNING)
	StateBlocked     = State(binding.DOMAIN_BLOCKED)
	StatePaused      = State(binding.DOMAIN_PAUSED)
	StateShutdown    = State(binding.DOMAIN_SHUTDOWN)
	StateShutoff     = State(binding.DOMAIN_SHUTOFF)
	StateCrashed     = State(binding.DOMAIN_CRASHED)
	StatePMSuspended = State(binding.DOMAIN_PMSUSPENDED)
)

// Reasons of a state.
const (
	PausedMigration = int(binding.DOMAIN_PAUSED_MIGRATION)
	PausedIOError   = int(binding.DOMAIN_PAUSED_IOERROR)
	PausedPostcopy  = int(binding.DOMAIN_PAUSED_POSTCOPY)
	// PausedStartingUp is a domain whose QEMU is there and whose start is not
	// over.
	PausedStartingUp = int(binding.DOMAIN_PAUSED_STARTING_UP)

	ShutoffShutdown  = int(binding.DOMAIN_SHUTOFF_SHUTDOWN)
	ShutoffDestroyed = int(binding.DOMAIN_SHUTOFF_DESTROYED)
	ShutoffCrashed   = int(binding.DOMAIN_SHUTOFF_CRASHED)
	ShutoffMigrated  = int(binding.DOMAIN_SHUTOFF_MIGRATED)
	ShutoffSaved     = int(binding.DOMAIN_SHUTOFF_SAVED)
	ShutoffFailed    = int(binding.DOMAIN_SHUTOFF_FAILED)
)

// Off reports whether there is no QEMU.
func (s Status) Off() bool { return s.State == StateShutoff || s.State == StateCrashed }

// State returns a domain's state.
func (c *Client) State(ctx context.Context, id string) (Status, error) {
	return withDomain(ctx, c, "read the domain's state", id, func(d *binding.Domain) (Status, error) {
		state, reason, err := d.GetState()
		return Status{State(state), reason}, err
	})
}

// Responsive reports whether libvirt could talk to the domain's QEMU now: no
// other job holds it and no reply is overdue.
func (c *Client) Responsive(ctx context.Context, id string) (bool, error) {
	return withDomain(ctx, c, "read the domain's control state", id, func(d *binding.Domain) (bool, error) {
		info, err := d.GetControlInfo(0)
		if err != nil {
			return false, err
		}
		return info.State == binding.DOMAIN_CONTROL_OK, nil
	})
}

// DiskError is why a disk stopped its guest.
type DiskError int

// Why a disk may stop its guest.
const (
	DiskErrorUnspecified = DiskError(binding.DOMAIN_DISK_ERROR_UNSPEC)
	DiskErrorNoSpace     = DiskError(binding.DOMAIN_DISK_ERROR_NO_SPACE)
)

// DiskErrors returns the disks of a guest that have an error, by target name.
func (c *Client) DiskErrors(ctx context.Context, id string) (map[string]DiskError, error) {
	return withDomain(ctx, c, "read the disk errors", id, func(d *binding.Domain) (map[string]DiskError, error) {
		errs, err := d.GetDiskErrors(0)
		if err != nil {
			return nil, err
		}
		m := make(map[string]DiskError, len(errs))
		for _, e := range errs {
			m[e.Disk] = DiskError(e.Error)
		}
		return m, nil
	})
}
