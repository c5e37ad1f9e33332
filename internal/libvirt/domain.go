// SPDX-License-Identifier: GPL-2.0-or-later

package libvirt

import (
	"context"

	binding "libvirt.org/go/libvirt"
)

// The methods of this file change domains. A domain that does not exist is
// NoDomain; one in the wrong state is OperationInvalid.

// Define makes or replaces the persistent definition of a domain.
func (c *Client) Define(ctx context.Context, xml string) error {
	_, err := call(ctx, c, "define the domain", func(conn *binding.Connect) (struct{}, error) {
		d, err := conn.DomainDefineXML(xml)
		if err != nil {
			return struct{}{}, err
		}
		defer free(d)
		return struct{}{}, nil
	})
	return err
}

// StartPaused makes Create leave the guest's CPUs stopped.
const StartPaused = uint32(binding.DOMAIN_START_PAUSED)

// Create starts a defined domain. Flags are libvirt's virDomainCreateFlags.
// Starting takes as long as QEMU needs, so the context decides how long it may.
func (c *Client) Create(ctx context.Context, id string, flags uint32) error {
	return onDomain(ctx, c, "start the domain", id, func(d *binding.Domain) error {
		return d.CreateWithFlags(binding.DomainCreateFlags(flags))
	})
}

// Destroy ends QEMU. A graceful one gives up rather than send SIGKILL.
func (c *Client) Destroy(ctx context.Context, id string, graceful bool) error {
	return onDomain(ctx, c, "destroy the domain", id, func(d *binding.Domain) error {
		if graceful {
			return d.DestroyFlags(binding.DOMAIN_DESTROY_GRACEFUL)
		}
		return d.Destroy()
	})
}

// Undefine removes a domain's definition with its NVRAM and the records of
// its checkpoints.
func (c *Client) Undefine(ctx context.Context, id string) error {
	const flags = binding.DOMAIN_UNDEFINE_NVRAM | binding.DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
	return onDomain(ctx, c, "undefine the domain", id, func(d *binding.Domain) error {
		err := d.UndefineFlags(flags)
		if isCode(err, binding.ERR_INVALID_ARG, binding.ERR_ARGUMENT_UNSUPPORTED) {
			return d.Undefine() // a driver that has neither, such as test:///
		}
		return err
	})
}

// Means is how a guest is asked to shut down or reboot.
type Means int

// The means there are.
const (
	ByAgent Means = iota // the QEMU guest agent; AgentUnresponsive when silent
	ByACPI               // the power button
)

// Shutdown asks the guest to power off; it does not wait for it.
func (c *Client) Shutdown(ctx context.Context, id string, by Means) error {
	flags := binding.DOMAIN_SHUTDOWN_GUEST_AGENT
	if by == ByACPI {
		flags = binding.DOMAIN_SHUTDOWN_ACPI_POWER_BTN
	}
	return onDomain(ctx, c, "shut the guest down", id, func(d *binding.Domain) error {
		return d.ShutdownFlags(flags)
	})
}

// Reboot asks the guest to restart; it does not wait for it.
func (c *Client) Reboot(ctx context.Context, id string, by Means) error {
	flags := binding.DOMAIN_REBOOT_GUEST_AGENT
	if by == ByACPI {
		flags = binding.DOMAIN_REBOOT_ACPI_POWER_BTN
	}
	return onDomain(ctx, c, "reboot the guest", id, func(d *binding.Domain) error {
		return d.Reboot(flags)
	})
}

// Reset restarts the guest as the reset button does.
func (c *Client) Reset(ctx context.Context, id string) error {
	return onDomain(ctx, c, "reset the guest", id, func(d *binding.Domain) error { return d.Reset(0) })
}

// Suspend stops the guest's CPUs.
func (c *Client) Suspend(ctx context.Context, id string) error {
	return onDomain(ctx, c, "pause the guest", id, (*binding.Domain).Suspend)
}

// Resume lets the guest's CPUs run.
func (c *Client) Resume(ctx context.Context, id string) error {
	return onDomain(ctx, c, "resume the guest", id, (*binding.Domain).Resume)
}

// SetMetadata stores an element in the metadata of a domain's current
// definition, the live one of a running domain, in place of the element with
// that namespace. An empty element removes it.
func (c *Client) SetMetadata(ctx context.Context, id, prefix, namespace, element string) error {
	return onDomain(ctx, c, "store metadata", id, func(d *binding.Domain) error {
		return d.SetMetadata(binding.DOMAIN_METADATA_ELEMENT, element, prefix, namespace,
			binding.DOMAIN_AFFECT_CURRENT)
	})
}

// SetMemory tells the balloon of a running domain how much memory the guest
// shall have, in KiB.
func (c *Client) SetMemory(ctx context.Context, id string, kib uint64) error {
	return onDomain(ctx, c, "set the balloon", id, func(d *binding.Domain) error {
		return d.SetMemory(kib)
	})
}

// UpdateDevice changes a device of a running domain to what the element says,
// which may hold a secret.
func (c *Client) UpdateDevice(ctx context.Context, id, device string) error {
	return onDomain(ctx, c, "update the device", id, func(d *binding.Domain) error {
		return d.UpdateDeviceFlags(device, binding.DOMAIN_DEVICE_MODIFY_CURRENT)
	})
}
