// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmtool

import (
	"errors"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// serviceCommands are service-start and its like, for systemd's units.
func (t *tool) serviceCommands() []*cobra.Command {
	var all []*cobra.Command
	for _, c := range []struct{ verb, short string }{
		{"start", "Start a unit"},
		{"stop", "Stop a unit"},
		{"status", "Print the state of a unit; exit 0 when it runs"},
		{"restart", "Restart a unit"},
		{"reload", "Have a unit read its configuration again"},
		{"disable", "Keep a unit from starting with the host"},
	} {
		all = append(all, &cobra.Command{
			Use:   "service-" + c.verb + " UNIT",
			Short: c.short,
			Args:  cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				return t.systemctl(cmd, c.verb, "--", args[0])
			},
		})
	}
	return all
}

// systemctl runs it with our output and returns its exit code.
func (t *tool) systemctl(cmd *cobra.Command, args ...string) error {
	t.log.InfoContext(cmd.Context(), "runs", "command", "systemctl "+strings.Join(args, " "))
	run := exec.CommandContext(cmd.Context(), "systemctl", append([]string{"--no-pager"}, args...)...)
	run.WaitDelay = 5 * time.Second
	run.Stdout, run.Stderr = cmd.OutOrStdout(), cmd.ErrOrStderr()
	err := run.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() > 0 {
		return exitCode(exit.ExitCode())
	}
	return err
}
