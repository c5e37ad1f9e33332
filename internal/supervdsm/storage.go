// SPDX-License-Identifier: GPL-2.0-or-later

package supervdsm

import (
	"cmp"

	"govdsm/internal/config"
	"govdsm/internal/distro"
	"govdsm/internal/logging"
	"govdsm/internal/storage/asroot"
)

// storage builds what mounts storage. It is nil for a sandbox.
func (o *Options) storage(logs *logging.Log) *asroot.Storage {
	if len(o.AllowUIDs) > 0 && o.State == "" {
		return nil
	}
	settings, _ := config.Load(o.Root) // vdsmd reports what is wrong with it
	return asroot.New(asroot.Options{
		Repository: settings.IRS.Repository,
		Users: []asroot.User{
			{Name: cmp.Or(o.User, DefaultUser), Groups: []string{cmp.Or(o.Group, DefaultGroup)}, Write: true},
			{Name: distro.Detect(o.Root).QEMUUser, Groups: []string{cmp.Or(o.Group, DefaultGroup)}},
		},
		Log: logs.Logger("storage"),
	})
}
