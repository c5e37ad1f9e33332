// SPDX-License-Identifier: GPL-2.0-or-later

// Command vdsm-tool sets a host up for vdsmd and says what is wrong with it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"govdsm/internal/vdsmtool"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	os.Exit(vdsmtool.Run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
