// SPDX-License-Identifier: GPL-2.0-or-later

// Package daemon is the composition root of vdsmd: it reads the configuration,
// builds the pillars, hands each what it needs of the others, and starts and
// stops them in order. It is the one package that knows them all, and none of
// them knows it.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	sdnotify "github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sync/errgroup"

	"govdsm/internal/logging"
	"govdsm/internal/rpc"
	"govdsm/internal/sandbox"
	"govdsm/internal/version"
)

// Run is vdsmd from its start to its end. It returns when ctx is done and
// everything it started has ended, or when the daemon cannot go on.
//
// VMs do not belong to the daemon: on a real host they run on. A sandbox ends
// with its daemon, VMs included.
func Run(ctx context.Context, o Options) error {
	s, err := read(o)
	if err != nil {
		return err
	}
	// Before anything is written: another vdsmd may be at home here.
	var place *sandbox.Claim
	if o.Sandbox != "" {
		if place, err = sandbox.NewClaim(o.Sandbox); err != nil {
			return err
		}
	} else {
		if err := becomeUser(o.User, s); err != nil {
			return err
		}
		lock, err := lockOnly(s.run)
		if err != nil {
			return err
		}
		defer lock.Close()
	}
	logs, err := openLog(o, s)
	if err != nil {
		if place != nil {
			err = errors.Join(err, place.Close())
		}
		return err
	}
	defer logs.Close()
	log := logs.Logger("daemon")
	log.InfoContext(ctx, "vdsmd starts", "version", version.Version, "sandbox", o.Sandbox)
	for _, p := range s.problems {
		log.WarnContext(ctx, "configuration", "problem", p.String())
	}
	if place != nil {
		stop, err := startSandbox(ctx, s, place, logs)
		if err != nil {
			return err
		}
		defer stop()
	}
	if err := limitProcess(s); err != nil {
		log.WarnContext(ctx, "process limits", "err", err)
	}
	d, err := build(ctx, s, logs)
	if err != nil {
		log.ErrorContext(ctx, "vdsmd cannot start", "err", err)
		return err
	}
	err = d.run(ctx, o)
	log.InfoContext(ctx, "vdsmd has stopped", "err", err)
	return err
}

// startSandbox starts what a real host has beside vdsmd, and returns what ends
// it. The claim passes to the sandbox.
func startSandbox(ctx context.Context, s *settings, place *sandbox.Claim, logs *logging.Log) (stop func(), err error) {
	log := logs.Logger("sandbox")
	box, err := sandbox.Start(ctx, sandbox.Options{Claim: place, Cache: sandboxCache(), Log: log})
	if err != nil {
		return nil, err
	}
	stop = func() {
		if err := box.Stop(context.WithoutCancel(ctx)); err != nil {
			log.ErrorContext(ctx, "sandbox did not stop in good order", "err", err)
		}
	}
	if err := ensureID(s.id); err != nil {
		stop()
		return nil, err
	}
	s.libvirtURI, s.pki, s.privileged = box.Libvirt.URI, box.Files, box.Privileged
	return stop, nil
}

// sandboxCache is where sandboxes hand on what is costly to learn anew; "" when
// the user has no such folder.
func sandboxCache() string {
	dir, err := sandbox.Cache()
	if err != nil {
		return ""
	}
	return dir
}

func openLog(o Options, s *settings) (*logging.Log, error) {
	options := logging.Options{Path: s.logFile(), Journal: logging.UnderSystemd()}
	if o.Sandbox != "" {
		if err := os.MkdirAll(s.logs, 0o755); err != nil {
			return nil, err
		}
	}
	if o.Sandbox != "" || !logging.Rotated("") {
		options.MaxBytes, options.Keep = logging.RotateBytes, logging.RotateKeep
	}
	return logging.Open(options)
}

// daemon is everything that runs.
type daemon struct {
	settings *settings
	log      *slog.Logger
	logs     *logging.Log
	wire     *rpc.Server
	pillars  *pillars
}

// build makes everything and opens the port; nothing runs yet.
func build(ctx context.Context, s *settings, logs *logging.Log) (*daemon, error) {
	p, err := newPillars(s, logs)
	if err != nil {
		return nil, err
	}
	wire, err := listen(ctx, s, p, logs)
	if err != nil {
		return nil, err
	}
	return &daemon{settings: s, log: logs.Logger("daemon"), logs: logs, wire: wire, pillars: p}, nil
}

// run starts everything and waits for the end. The port is open while VMs are
// found again, and calls are answered with code 99 until that is done.
func (d *daemon) run(ctx context.Context, o Options) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return d.wire.Run(ctx) })
	for _, part := range d.pillars.parts(d) {
		group.Go(func() error {
			if err := part.run(ctx); err != nil && ctx.Err() == nil {
				return fmt.Errorf("%s: %w", part.name, err)
			}
			return nil
		})
	}
	group.Go(func() error { return d.becomeReady(ctx, o) })
	d.notify(sdnotify.SdNotifyReady + "\nSTATUS=looking for VMs that run already")
	<-ctx.Done()
	d.notify(sdnotify.SdNotifyStopping)
	err := group.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// becomeReady opens the gate when the VMs are known.
func (d *daemon) becomeReady(ctx context.Context, o Options) error {
	began := time.Now()
	select {
	case <-d.pillars.vms.Ready():
	case <-ctx.Done():
		return nil
	}
	d.wire.SetReady(true)
	d.notify("STATUS=ready")
	d.log.InfoContext(ctx, "ready", "address", d.wire.Addr(), "recovery", time.Since(began).Round(time.Millisecond))
	if o.Sandbox != "" {
		if _, err := fmt.Fprintf(o.Stdout, "ready %s\n", d.wire.Addr()); err != nil {
			return err
		}
	}
	return nil
}

// notify tells systemd, where there is one, how far the daemon is.
func (d *daemon) notify(state string) {
	if _, err := sdnotify.SdNotify(false, state); err != nil {
		d.log.Warn("cannot notify systemd", "err", err)
	}
}
