// SPDX-License-Identifier: GPL-2.0-or-later

package virt

import (
	"context"
	"encoding/json"
	"maps"

	"govdsm/api"
)

// Hooks runs the administrator's scripts at a point of a VM's life. Scripts
// get the data and may replace it; env is added to their environment.
type Hooks interface {
	// RunXML returns what the scripts made of the domain XML, which is xml
	// itself when there are none. With an error the XML is valid too: scripts
	// after the failed one have run.
	RunXML(ctx context.Context, point, xml string, env map[string]string) (string, error)
	// RunJSON is RunXML for values. It returns nil when no script ran, so that
	// a point without scripts costs nothing.
	RunJSON(ctx context.Context, point string, data any, env map[string]string) (json.RawMessage, error)
}

// noHooks is a host without scripts.
type noHooks struct{}

func (noHooks) RunXML(_ context.Context, _, xml string, _ map[string]string) (string, error) {
	return xml, nil
}

func (noHooks) RunJSON(context.Context, string, any, map[string]string) (json.RawMessage, error) {
	return nil, nil
}

// hookEnv is what scripts about this VM find in their environment: the VM's
// custom properties and its id.
func (v *VM) hookEnv() map[string]string {
	env := map[string]string{}
	v.notes.read(func(n *notes) { maps.Copy(env, n.m.Custom.Strings()) })
	env["vmId"] = v.id
	return env
}

// observe runs scripts whose failure changes nothing.
func (v *VM) observe(ctx context.Context, point, xml string) {
	if _, err := v.vms.hooks.RunXML(ctx, point, xml, v.hookEnv()); err != nil {
		v.log.WarnContext(ctx, "hook failed", "point", point, "error", err)
	}
}

// ask runs scripts that may refuse.
func (v *VM) ask(ctx context.Context, point, xml string) error {
	if _, err := v.vms.hooks.RunXML(ctx, point, xml, v.hookEnv()); err != nil {
		return api.ErrHook.Of(err.Error()).Caused(err)
	}
	return nil
}
