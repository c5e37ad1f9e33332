// SPDX-License-Identifier: GPL-2.0-or-later

package libvirt

import (
	"context"
	"time"

	binding "libvirt.org/go/libvirt"
)

// AgentCommand sends a command to the QEMU guest agent, as JSON, and returns
// its reply, JSON too, of which the guest decides what is in it. The agent has
// the given time, in whole seconds and at least one, for its answer;
// AgentUnresponsive says that there is none, InternalError that the agent
// refused or that what it said is no reply.
func (c *Client) AgentCommand(ctx context.Context, id, command string, limit time.Duration) (string, error) {
	seconds := max(1, limit.Round(time.Second)/time.Second)
	return withDomain(ctx, c, "ask the guest agent", id, func(d *binding.Domain) (string, error) {
		return d.QemuAgentCommand(command, binding.DomainQemuAgentCommandTimeout(seconds), 0)
	})
}

// Freeze makes the guest's file systems stand still, through its agent.
// AgentUnresponsive says that there is none.
func (c *Client) Freeze(ctx context.Context, id string) error {
	return onDomain(ctx, c, "freeze the file systems", id, func(d *binding.Domain) error {
		return d.FSFreeze(nil, 0)
	})
}

// Thaw undoes Freeze.
func (c *Client) Thaw(ctx context.Context, id string) error {
	return onDomain(ctx, c, "thaw the file systems", id, func(d *binding.Domain) error {
		return d.FSThaw(nil, 0)
	})
}
