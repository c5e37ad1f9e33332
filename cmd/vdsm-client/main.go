// SPDX-License-Identifier: GPL-2.0-or-later

// Command vdsm-client calls the verbs of a host from the command line.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"govdsm/internal/vdsmclient"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := vdsmclient.Main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
