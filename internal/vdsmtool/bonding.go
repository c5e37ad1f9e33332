// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmtool

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"govdsm/internal/network/bondscan"
	"govdsm/internal/supervdsm"
)

// dumpBondingOptions runs at boot, before networks are restored: comparing
// saved bonds with those of the kernel takes the defaults.
func (t *tool) dumpBondingOptions() *cobra.Command {
	return &cobra.Command{
		Use:   "dump-bonding-options",
		Short: "Ask the kernel which options bonds have, and keep the answer in /run/vdsm",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := t.needsRoot(cmd); err != nil {
				return err
			}
			_, err := bondscan.Dump(cmd.Context(), filepath.Join(t.root, filepath.Dir(supervdsm.DefaultSocket)))
			return err
		},
	}
}
