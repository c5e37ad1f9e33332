// SPDX-License-Identifier: GPL-2.0-or-later

// Command demo is what make run runs: it starts a host below one folder, boots
// a small VM on it, and shows how both are doing until Ctrl-C, which ends
// everything that it started.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// options are the command line.
type options struct {
	bin    string
	dir    string
	once   bool
	every  time.Duration
	memory int
}

// upLimit is how long the VM may take to be Up. A guest without an agent
// counts as powering up for its first minute.
const upLimit = 3 * time.Minute

func main() {
	// The daemon is told when the thread that started it ends, so this one
	// stays for as long as the program.
	runtime.LockOSThread()
	var o options
	flag.StringVar(&o.bin, "bin", "bin", "where vdsmd and the others are")
	flag.StringVar(&o.dir, "dir", "", "folder of the host; it is kept (default a temporary one, which is removed)")
	flag.BoolVar(&o.once, "once", false, "end as soon as the VM is up")
	flag.DurationVar(&o.every, "every", 2*time.Second, "how often to look")
	flag.IntVar(&o.memory, "memory", 256, "memory of the VM in MiB")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	s := newScreen(os.Stdout)
	dir, remove, err := folder(o.dir)
	if err != nil {
		return err
	}
	defer remove()
	s.step("starting a host below %s", dir)
	a, err := startAgent(ctx, o.bin, dir)
	if err != nil {
		return err
	}
	defer func() {
		s.step("stopping the VM and the host")
		if stopErr := a.stop(); stopErr != nil && err == nil {
			err = stopErr
		}
		s.step("all gone; what was started is stopped")
	}()
	s.step("the host answers at %s", a.address)
	h, err := dial(ctx, a)
	if err != nil {
		return interrupted(ctx, err)
	}
	defer h.Close()
	v, err := create(ctx, h, dir, o.memory, s)
	if err != nil {
		return interrupted(ctx, err)
	}
	return interrupted(ctx, watch(ctx, o, a, h, v, s))
}

// interrupted makes the end that was asked for a good one.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// folder returns the folder of the host. One that we made goes with us.
func folder(wish string) (dir string, remove func(), err error) {
	if wish != "" {
		dir, err = filepath.Abs(wish)
		return dir, func() {}, err
	}
	dir, err = os.MkdirTemp("", "govdsm-run-")
	return dir, func() { _ = os.RemoveAll(dir) }, err // what is left is in a temporary folder
}

// watch shows the VM until ctx ends, or until it is up if that is enough.
func watch(ctx context.Context, o options, a *agent, h *host, v vm, s *screen) error {
	tick := time.NewTicker(o.every)
	defer tick.Stop()
	limit := time.Now().Add(upLimit)
	last := "" // of Up and Down, what was seen last
	for {
		rows, err := h.rows(ctx, v)
		if err != nil {
			return err
		}
		s.table(rows, hints(o, a, v))
		now := find(rows, v.id)
		switch {
		case now.failed:
			return fmt.Errorf("the VM did not live: %s", now.exit)
		case now.status == "Down" && o.once:
			return fmt.Errorf("the VM ended before it was up: %s", now.exit)
		case now.status == "Down" && last != "Down":
			s.note("%s is down: %s", v.name, now.exit)
		case now.status == "Up" && last != "Up":
			s.note("%s is up", v.name)
			if o.once {
				return nil
			}
		case last != "Up" && last != "Down" && time.Now().After(limit):
			return fmt.Errorf("the VM is not up after %v", upLimit)
		}
		if now.status == "Up" || now.status == "Down" {
			last = now.status
		}
		select {
		case <-ctx.Done():
			return nil
		case err := <-a.exited:
			a.exited <- err // for stop
			return fmt.Errorf("vdsmd ended: %v\n%s", err, a.said())
		case <-tick.C:
		}
	}
}

// find returns the row of a VM; an empty one while, or once, it has none.
func find(rows []row, id string) row {
	for _, r := range rows {
		if r.id == id {
			return r
		}
	}
	return row{}
}

// hints are commands to type next.
func hints(o options, a *agent, v vm) []string {
	client := fmt.Sprintf("%s --pki %s -p %s", filepath.Join(o.bin, "vdsm-client"), a.pki(), a.port())
	return []string{
		client + " Host getVMList",
		client + " --output table Host getAllVmStats",
		client + " VM shutdown vmID=" + v.id + " delay=0 message=bye",
		client + " events",
	}
}
