// SPDX-License-Identifier: GPL-2.0-or-later

package ops

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"govdsm/api"
	"govdsm/internal/privileged"
)

// mirror copies the traffic of bridges, and of nothing else, to interfaces of
// virtual machines, and to no others.
func (n network) mirror(ctx context.Context, p *privileged.MirrorParams) (privileged.None, error) {
	if n.configurator == nil {
		return privileged.None{}, refused()
	}
	if !isLink(p.Bridge, "bridge") {
		return privileged.None{}, api.ErrNetBadBridge.Says("there is no bridge " + api.Repr(p.Bridge))
	}
	if !p.On {
		return privileged.None{}, n.mirrors.Stop(ctx, p.Bridge, p.Watcher)
	}
	if !isLink(p.Watcher, "tun_flags") {
		return privileged.None{}, api.ErrNetBadNic.Says("there is no interface of a virtual machine " + api.Repr(p.Watcher))
	}
	return privileged.None{}, n.mirrors.Start(ctx, p.Bridge, p.Watcher)
}

// isLink tells whether there is a link whose folder in sysfs has the entry by
// which links of one kind are known.
func isLink(name, entry string) bool {
	if name == "" || len(name) > 15 || strings.ContainsAny(name, "/\x00") || strings.HasPrefix(name, ".") {
		return false
	}
	_, err := os.Stat(filepath.Join("/sys/class/net", name, entry))
	return err == nil
}
