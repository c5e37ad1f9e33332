// SPDX-License-Identifier: GPL-2.0-or-later

// Command supervdsmd does for vdsmd what only root can do: a fixed list of
// operations on a unix socket.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"govdsm/internal/privileged"
	"govdsm/internal/supervdsm"
	"govdsm/internal/version"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "supervdsmd:", err)
		if errors.Is(err, syscall.EPERM) {
			os.Exit(int(syscall.EPERM))
		}
		os.Exit(1)
	}
}

func command() *cobra.Command {
	var o supervdsm.Options
	var uids []uint
	cmd := &cobra.Command{
		Use:           "supervdsmd",
		Short:         "Do for vdsmd what only root can do",
		Long:          help(),
		Version:       version.Version,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, uid := range uids {
				o.AllowUIDs = append(o.AllowUIDs, uint32(uid))
			}
			return supervdsm.Run(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Socket, "sockfile", supervdsm.DefaultSocket, "listen on this unix `socket`")
	f.StringVar(&o.Socket, "socket", supervdsm.DefaultSocket, "the same as --sockfile")
	f.StringVar(&o.Log, "log", supervdsm.DefaultLog, "log to this `file`")
	f.StringVar(&o.User, "user", supervdsm.DefaultUser, "serve this `user` (and root)")
	f.StringVar(&o.Group, "group", supervdsm.DefaultGroup, "`group` of the socket")
	f.UintSliceVar(&uids, "allow-uid", nil, "serve these `uids` instead of --user; need not be root then (sandbox)")
	f.StringVar(&o.State, "state", "", "keep the networks' configuration below this `folder` (default "+supervdsm.DefaultState+"; with --allow-uid, none)")
	f.StringVar(&o.Root, "config-root", "", "read the host's files below this `folder` (tests)")
	return cmd
}

// help lists the operations, since they are all that this program can do.
func help() string {
	var b strings.Builder
	b.WriteString("supervdsmd is root for vdsmd. It carries out these operations and no others:\n\n")
	for _, d := range privileged.Operations() {
		fmt.Fprintf(&b, "  %-16s %s\n", d.Name, d.Doc)
	}
	return b.String()
}
