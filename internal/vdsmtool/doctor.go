// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmtool

import (
	"encoding/json"
	"time"

	"github.com/spf13/cobra"

	"govdsm/internal/doctor"
)

func (t *tool) doctor() *cobra.Command {
	var asJSON bool
	var limit time.Duration
	var sandbox, address string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what is wrong with the host, since when, and what to type next",
		Long: "doctor examines the host and changes nothing. Run it as root to have everything examined.\n" +
			"It exits with 1 when something does not work; warnings alone leave 0.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			host := doctor.Running(t.root)
			if sandbox != "" {
				host = doctor.InSandbox(sandbox, address)
			}
			found := doctor.Examine(cmd.Context(), host.Checks(), limit)
			var err error
			if asJSON {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				err = enc.Encode(found)
			} else {
				err = doctor.WriteTable(cmd.OutOrStdout(), found, time.Now())
			}
			if err == nil && doctor.Sick(found) {
				err = exitCode(1)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().DurationVar(&limit, "timeout", 10*time.Second, "how long a check may take")
	cmd.Flags().StringVar(&sandbox, "sandbox", "", "examine the sandbox in this `folder`")
	cmd.Flags().StringVar(&address, "address", "", "where the sandbox's vdsmd listens, `HOST:PORT`")
	return cmd
}
