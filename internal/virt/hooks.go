// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"maps"
)

// Hooks runs the administrator's scripts at a point of a VM's life. Scripts
// get the data and may replace it; vars are added to their environment.
type Hooks interface {
	// Any reports whether the point has scripts.
	Any(point string) bool
	// RunXML returns what the scripts made of the domain XML, which is xml
	// itself when there are none. The error is one for managers; it comes only
	// from points whose scripts may refuse, and with it the XML is valid too.
	RunXML(ctx context.Context, point, xml string, vars map[string]string) (string, error)
	// RunJSON is RunXML for points whose data is JSON.
	RunJSON(ctx context.Context, point string, data []byte, vars map[string]string) ([]byte, error)
}

// LaunchFlags passes the flags with which libvirt starts a domain through the
// scripts of before_vm_start.
type LaunchFlags interface {
	Store(vmID string, flags uint32) error
	Load(vmID string) (uint32, error)
	Remove(vmID string) error
}

// noHooks is a host without scripts.
type noHooks struct{}

func (noHooks) Any(string) bool { return false }

func (noHooks) RunXML(_ context.Context, _, xml string, _ map[string]string) (string, error) {
	return xml, nil
}

func (noHooks) RunJSON(_ context.Context, _ string, data []byte, _ map[string]string) ([]byte, error) {
	return data, nil
}

// hookVars are what scripts about this VM find in their environment: the VM's
// custom properties and its id.
func (v *VM) hookVars() map[string]string {
	vars := map[string]string{}
	v.notes.read(func(n *notes) { maps.Copy(vars, n.m.Custom.Strings()) })
	vars["vmId"] = v.id
	return vars
}

// observe runs scripts whose failure changes nothing.
func (v *VM) observe(ctx context.Context, point, xml string) {
	if !v.vms.hooks.Any(point) {
		return
	}
	if _, err := v.vms.hooks.RunXML(ctx, point, xml, v.hookVars()); err != nil {
		v.log.WarnContext(ctx, "hook failed", "point", point, "error", err)
	}
}

// ask runs scripts that may refuse, on the current definition.
func (v *VM) ask(ctx context.Context, point string) error {
	if !v.vms.hooks.Any(point) {
		return nil
	}
	xml, err := v.vms.libvirt.XML(ctx, v.id)
	if err := v.tell(ctx, err); err != nil {
		return err
	}
	_, err = v.vms.hooks.RunXML(ctx, point, xml, v.hookVars())
	return err
}
