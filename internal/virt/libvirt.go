// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"time"

	"govdsm/internal/libvirt"
)

// Libvirt is what the pillar needs of libvirt, by purpose. Domains are named
// by their UUID. *libvirt.Client is one.
type Libvirt interface {
	connection
	definitions
	power
	reader
	networks
	agents
	devices
}

type connection interface {
	// WaitConnected returns when calls can succeed, or with the context's end.
	WaitConnected(ctx context.Context) error
}

type definitions interface {
	// Find returns the domains that have the id or the name.
	Find(ctx context.Context, id, name string) ([]string, error)
	Define(ctx context.Context, xml string) error
	Undefine(ctx context.Context, id string) error
	SetMetadata(ctx context.Context, id, prefix, namespace, element string) error
}

type power interface {
	Create(ctx context.Context, id string, flags uint32) error
	Destroy(ctx context.Context, id string, graceful bool) error
	Shutdown(ctx context.Context, id string, by libvirt.Means) error
	Reboot(ctx context.Context, id string, by libvirt.Means) error
	Reset(ctx context.Context, id string) error
	Suspend(ctx context.Context, id string) error
	Resume(ctx context.Context, id string) error
}

type reader interface {
	List(ctx context.Context) ([]libvirt.Domain, error)
	XML(ctx context.Context, id string) (string, error)
	State(ctx context.Context, id string) (libvirt.Status, error)
	// States returns the state of every domain in one call.
	States(ctx context.Context) (map[string]libvirt.Status, error)
	DiskErrors(ctx context.Context, id string) (map[string]libvirt.DiskError, error)
	// BulkStats returns the figures of all domains with a QEMU in one call.
	BulkStats(ctx context.Context) ([]libvirt.Stats, error)
}

type agents interface {
	// AgentCommand sends a command to the agent in the guest.
	AgentCommand(ctx context.Context, id, command string, limit time.Duration) (reply string, err error)
	Freeze(ctx context.Context, id string) error
	Thaw(ctx context.Context, id string) error
}

type devices interface {
	SetMemory(ctx context.Context, id string, kib uint64) error
	UpdateDevice(ctx context.Context, id, device string) error
	Screenshot(ctx context.Context, id string) (picture []byte, mime string, err error)
}

type networks interface {
	StartNetwork(ctx context.Context, name, xml string) error
	RemoveNetwork(ctx context.Context, name string) error
}
