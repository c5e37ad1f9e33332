// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"encoding/xml"
	"fmt"
	"strings"
	"sync"

	"govdsm/internal/virt/domxml"
)

// Display knows what carries a network of the manager on this host.
type Display interface {
	// Northbound returns the bridge of the network, or, of a network without
	// one, the device that carries it.
	Northbound(ctx context.Context, network string) (device string, bridged bool, err error)
}

// bridges is a host where every network has a bridge of its name.
type bridges struct{}

func (bridges) Northbound(_ context.Context, network string) (string, bool, error) {
	return network, true, nil
}

// displayNetworks are the libvirt networks vdsm-<name> that displays listen
// on. Each exists while there is a VM that uses it.
type displayNetworks struct {
	libvirt networks
	display Display

	mu    sync.Mutex // held while libvirt is asked: one network, one change
	users map[string]map[string]bool
}

// networkName is what libvirt calls a network of the manager.
func networkName(network string) string { return "vdsm-" + network }

// use makes the network exist for the VM.
func (d *displayNetworks) use(ctx context.Context, network, vm string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	device, bridged, err := d.display.Northbound(ctx, network)
	if err != nil {
		return fmt.Errorf("display network %s: %w", network, err)
	}
	if err := d.libvirt.StartNetwork(ctx, networkName(network), networkXML(network, device, bridged)); err != nil {
		return err
	}
	d.adopt(network, vm)
	return nil
}

// adopt notes that the VM uses a network that exists. The lock is held.
func (d *displayNetworks) adopt(network, vm string) {
	if d.users[network] == nil {
		d.users[network] = make(map[string]bool)
	}
	d.users[network][vm] = true
}

// recall is adopt for a VM that ran before we did.
func (d *displayNetworks) recall(network, vm string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.adopt(network, vm)
}

// leave removes the network when the VM was the last to use it.
func (d *displayNetworks) leave(ctx context.Context, network, vm string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.users[network], vm)
	if len(d.users[network]) > 0 {
		return nil
	}
	delete(d.users, network)
	return d.libvirt.RemoveNetwork(ctx, networkName(network))
}

func networkXML(network, device string, bridged bool) string {
	var dev strings.Builder
	_ = xml.EscapeText(&dev, []byte(device)) // writing to memory does not fail
	var name strings.Builder
	_ = xml.EscapeText(&name, []byte(networkName(network)))
	if bridged {
		return fmt.Sprintf(`<network><name>%s</name><forward mode="bridge"/><bridge name="%s"/></network>`,
			name.String(), dev.String())
	}
	return fmt.Sprintf(`<network><name>%s</name><forward mode="passthrough"><interface dev="%s"/></forward></network>`,
		name.String(), dev.String())
}

// openDisplays makes the networks that the VM's displays listen on.
func (v *VM) openDisplays(ctx context.Context, dom *domxml.Domain) error {
	for _, network := range dom.DisplayNetworks() {
		if err := v.vms.display.use(ctx, network, v.id); err != nil {
			return err
		}
		v.held.displays = append(v.held.displays, network)
	}
	return nil
}
