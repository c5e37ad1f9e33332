// SPDX-License-Identifier: GPL-2.0-or-later

// Package vdsmtool is the command vdsm-tool: it sets a host up for vdsmd and
// says what is wrong with it. The names of the commands and their exit codes
// are those of the original's tool, so that deployment scripts go on working;
// a command that cannot do its work here is not there.
package vdsmtool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"govdsm/internal/config"
	"govdsm/internal/logging"
	"govdsm/internal/version"
)

// tool is what all commands share.
type tool struct {
	root string // prefix of the host's files
	log  *slog.Logger
	logs *logging.Log

	logfile string
	appends bool
	verbose int
}

// exitCode ends the program without another message.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// Run carries out a command line without the program's name and returns the
// exit code: 1 for any failure, unless a program that we ran had its own.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	t := &tool{log: slog.New(slog.DiscardHandler)}
	root := t.command()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if t.logs != nil {
		err = errors.Join(err, t.logs.Close())
	}
	if err == nil {
		return 0
	}
	if code, ok := errors.AsType[exitCode](err); ok {
		return int(code)
	}
	fmt.Fprintln(stderr, "Error: ", err)
	return 1
}

func (t *tool) command() *cobra.Command {
	root := &cobra.Command{
		Use:           "vdsm-tool [options] COMMAND",
		Short:         "Set a host up for vdsmd, and find out what is wrong with it",
		Version:       version.Version,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cmd.SetOut(cmd.ErrOrStderr())
			return errors.Join(cmd.Help(), exitCode(1))
		},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return t.openLog(cmd.ErrOrStderr()) },
	}
	f := root.PersistentFlags()
	f.StringVarP(&t.logfile, "logfile", "l", "", "log to this `file`")
	f.BoolVarP(&t.appends, "append", "a", false, "append to the log file instead of truncating it")
	f.CountVarP(&t.verbose, "verbose", "v", "log warnings; -vv information, -vvv everything")
	f.StringVar(&t.root, "root", "", "work on the host whose files are below this `folder` (tests)")
	root.AddCommand(t.showDefaults(), t.vdsmID(), t.doctor())
	root.AddCommand(t.moduleCommands()...)
	root.AddCommand(t.serviceCommands()...)
	root.AddCommand(t.networkCommands()...)
	root.AddCommand(t.dumpBondingOptions(), t.storageCommand())
	return root
}

func (t *tool) openLog(stderr io.Writer) error {
	levels := []slog.Level{slog.LevelError, slog.LevelWarn, slog.LevelInfo, slog.LevelDebug}
	if t.logfile != "" && !t.appends {
		if err := os.Remove(t.logfile); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	var err error
	t.logs, err = logging.Open(logging.Options{
		Path: t.logfile, Stderr: stderr, RepeatWindow: -1, Level: levels[min(t.verbose, len(levels)-1)],
	})
	t.log = t.logs.Logger("tool")
	return err
}

func (t *tool) showDefaults() *cobra.Command {
	return &cobra.Command{
		Use:   "show-default-config",
		Short: "Print every option of vdsm.conf with its default and meaning",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return config.WriteDefaults(cmd.OutOrStdout()) },
	}
}

func (t *tool) vdsmID() *cobra.Command {
	return &cobra.Command{
		Use:   "vdsm-id",
		Short: "Print the UUID of the host",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			id, err := hostID(t.root)
			if err == nil {
				_, err = fmt.Fprintln(cmd.OutOrStdout(), id)
			}
			return err
		},
	}
}

// needsRoot is asked by commands that change the host.
func (t *tool) needsRoot(cmd *cobra.Command) error {
	if os.Geteuid() != 0 && t.root == "" {
		return fmt.Errorf("%s must be run as root: sudo %s", cmd.Name(), cmd.CommandPath())
	}
	return nil
}
