// SPDX-License-Identifier: GPL-2.0-or-later

// Command vdsmd is the host agent: it speaks to managers and owns VMs.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"govdsm/internal/daemon"
	"govdsm/internal/version"
)

func main() {
	daemon.ServeIfHelper()
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "vdsmd:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	o := daemon.Options{Stdout: os.Stdout}
	flags := flag.NewFlagSet("vdsmd", flag.ExitOnError)
	flags.StringVar(&o.Sandbox, "sandbox", "", "run a host of its own below `DIR`, touching nothing else")
	flags.StringVar(&o.Listen, "listen", "", "listen on `ADDRESS:PORT` in place of the configured ones; port 0 is any free one")
	flags.StringVar(&o.User, "user", "", "become `NAME` when started as root (default vdsm)")
	flags.BoolFunc("tls", "speak TLS, in place of vars.ssl; --tls=false for plain TCP", func(text string) error {
		on, err := strconv.ParseBool(text)
		o.TLS = &on
		return err
	})
	coverage := flags.Bool("coverage", false, "print which verbs are implemented, and exit")
	showVersion := flags.Bool("version", false, "print the version, and exit")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case *showVersion:
		_, err := fmt.Println("vdsmd", version.Version)
		return err
	case *coverage:
		return daemon.Coverage(os.Stdout)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return daemon.Run(ctx, o)
}
