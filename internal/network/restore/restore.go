// SPDX-License-Identifier: GPL-2.0-or-later

// Package restore brings back at boot the networks that were saved: those whose
// cards are there at once, those whose cards come late as soon as they come. A
// card that has another name now is found by the address that is burnt into it.
// What cannot be restored is reported and holds nothing else up.
//
// Source of the order of things: lib/vdsm/network/restore_net_config.py;
// docs/decisions/0049 tells where we differ.
package restore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"govdsm/api"
	"govdsm/internal/network/drift"
	"govdsm/internal/network/netconf"
	"govdsm/internal/network/netlink"
	"govdsm/internal/network/persistence"
)

// DefaultMark is the file that says that the networks of this boot were
// restored.
const DefaultMark = "/run/vdsm/nets_restored"

// DefaultWait is how long cards that lack are waited for. Drivers load within
// seconds; a card that is gone delays the daemons by no more than this.
const DefaultWait = 10 * time.Second

// Networks carries out set-ups: the configurator of this process, or
// supervdsmd.
type Networks interface {
	Setup(ctx context.Context, params *api.HostSetupNetworksParams) error
}

// VirtualFunctions makes the virtual functions of cards.
type VirtualFunctions interface {
	SetNumVFs(ctx context.Context, nic string, count int) error
}

// Options configure a Restorer.
type Options struct {
	Host     *drift.Host
	Kernel   *netlink.Kernel
	Networks Networks
	// Forget takes out of the running configuration what the boot has taken
	// out of the kernel; nil does not.
	Forget func(ctx context.Context) error
	VFs    VirtualFunctions // nil: cards that should have some are reported
	Mark   string           // "" for the default
	Wait   time.Duration    // for late cards; 0 for none
	Log    *slog.Logger
}

// Restorer restores.
type Restorer struct {
	o     Options
	vfs   map[string]bool // cards that have been given their virtual functions
	found Report
}

// Report is what came of it.
type Report struct {
	Already bool     `json:"already"` // this boot's networks were restored before, nothing was done
	Done    []string `json:"done"`    // "network blue", in order
	Removed []string `json:"removed"`
	Same    int      `json:"same"` // networks and bonds that were as saved
	Renamed []string `json:"renamed"`
	Failed  []Fault  `json:"failed"`
}

// Fault is something that was not restored.
type Fault struct {
	What string `json:"what"` // "network blue"
	Why  string `json:"why"`
}

// New returns a Restorer.
func New(o Options) *Restorer {
	if o.Mark == "" {
		o.Mark = DefaultMark
	}
	return &Restorer{o: o, vfs: make(map[string]bool), found: Report{
		Done: []string{}, Removed: []string{}, Renamed: []string{}, Failed: []Fault{},
	}}
}

// Restore restores what was saved, unless that was done since the boot already
// and force is not set. Single networks that fail are in the report; the error
// is about the whole.
func (r *Restorer) Restore(ctx context.Context, force bool) (Report, error) {
	_, err := os.Stat(r.o.Mark)
	switch {
	case err == nil && !force:
		return Report{Already: true}, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return Report{}, err
	}
	if r.o.Forget != nil {
		if err := r.o.Forget(ctx); err != nil {
			return Report{}, fmt.Errorf("the running configuration: %w", err)
		}
	}
	if err := r.restore(ctx); err != nil {
		return r.found, err
	}
	return r.found, r.mark()
}

// restore takes a first turn with the cards that are there, and one more
// whenever a card comes for which something waits.
func (r *Restorer) restore(ctx context.Context) error {
	cards, err := r.watch(ctx)
	if err != nil {
		return err
	}
	defer cards.stop()
	limit := time.NewTimer(r.o.Wait)
	defer limit.Stop()
	view, err := r.o.Host.Look(ctx)
	for first := true; ; first = false {
		if err != nil {
			return err
		}
		a := availability(view)
		r.turn(ctx, view, a, first)
		for last := a; sameCards(last, a); {
			if a.complete() {
				return nil
			}
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-limit.C:
				r.give(ctx, a)
				return nil
			case <-cards.changed:
			}
			if view, err = r.o.Host.Look(ctx); err != nil {
				return err
			}
			a = availability(view)
		}
	}
}

// turn restores what can be with the cards that are there.
func (r *Restorer) turn(ctx context.Context, view drift.View, a available, first bool) {
	if first {
		for _, p := range view.Problems {
			r.fails(ctx, "file "+p.Path, p)
		}
	}
	for _, text := range a.renamed {
		if !slices.Contains(r.found.Renamed, text) {
			r.o.Log.WarnContext(ctx, "a card has another name now", "what", text)
			r.found.Renamed = append(r.found.Renamed, text)
		}
	}
	r.virtualFunctions(ctx, a)
	if first {
		r.removeExtra(ctx, view)
	}
	todo := changes(view, a)
	if first {
		r.found.Same = len(a.config.Networks) + len(a.config.Bonds) - len(todo.Networks) - len(todo.Bondings)
	}
	for _, name := range slices.Sorted(maps.Keys(todo.Bondings)) {
		r.setup(ctx, "bond "+name, netconf.Request{Bondings: map[string]netconf.Bond{name: todo.Bondings[name]}})
	}
	for _, name := range byImportance(todo.Networks) {
		r.setup(ctx, "network "+name, netconf.Request{Networks: map[string]netconf.Network{name: todo.Networks[name]}})
	}
}

// byImportance puts networks first by which others reach the host.
func byImportance(networks map[string]netconf.Network) []string {
	names := slices.Sorted(maps.Keys(networks))
	slices.SortStableFunc(names, func(a, b string) int {
		switch x, y := networks[a].DefaultRoute, networks[b].DefaultRoute; {
		case x == y:
			return 0
		case x:
			return -1
		}
		return 1
	})
	return names
}

// removeExtra removes networks that were set up and not saved. Bonds stay:
// nobody knows whose they are. So does a network whose file is there and cannot
// be understood: it may be the one by which the host is reached.
func (r *Restorer) removeExtra(ctx context.Context, view drift.View) {
	for _, name := range slices.Sorted(maps.Keys(view.Running.Networks)) {
		_, saved := view.Stored.Networks[name]
		if saved || slices.ContainsFunc(view.Problems, func(p persistence.Problem) bool { return filepath.Base(p.Path) == name }) {
			continue
		}
		request := netconf.Request{Networks: map[string]netconf.Network{name: {Remove: true}}}
		if r.call(ctx, "network "+name, request) {
			r.o.Log.InfoContext(ctx, "a network that was not saved was removed", "network", name)
			r.found.Removed = append(r.found.Removed, "network "+name)
		}
	}
}

func (r *Restorer) setup(ctx context.Context, what string, request netconf.Request) {
	if r.call(ctx, what, request) {
		r.o.Log.InfoContext(ctx, "restored", "what", what)
		if !slices.Contains(r.found.Done, what) {
			r.found.Done = append(r.found.Done, what)
		}
	}
}

// call makes one set-up, which nobody has to confirm.
func (r *Restorer) call(ctx context.Context, what string, request netconf.Request) bool {
	params := request.Params()
	params.Options = api.SetupNetworkOptions{ConnectivityCheck: new(api.Tobool(false)), InRollback: new(api.Truth(true))}
	err := r.o.Networks.Setup(ctx, &params)
	if err != nil {
		r.fails(ctx, what, err)
		return false
	}
	r.found.Failed = slices.DeleteFunc(r.found.Failed, func(f Fault) bool { return f.What == what })
	return true
}

// fails notes a fault, once for each thing: a late card has everything tried
// again that lacks.
func (r *Restorer) fails(ctx context.Context, what string, why error) {
	r.o.Log.ErrorContext(ctx, "not restored", "what", what, "error", why)
	fault := Fault{What: what, Why: why.Error()}
	if i := slices.IndexFunc(r.found.Failed, func(f Fault) bool { return f.What == what }); i >= 0 {
		r.found.Failed[i] = fault
	} else {
		r.found.Failed = append(r.found.Failed, fault)
	}
}

// virtualFunctions gives cards theirs, once each. Networks may lie on them.
func (r *Restorer) virtualFunctions(ctx context.Context, a available) {
	for _, nic := range slices.Sorted(maps.Keys(a.vfs)) {
		if r.vfs[nic] {
			continue
		}
		r.vfs[nic] = true
		err := errors.New("this build does not make virtual functions")
		if r.o.VFs != nil {
			err = r.o.VFs.SetNumVFs(ctx, nic, a.vfs[nic])
		}
		if err != nil {
			r.fails(ctx, fmt.Sprintf("%d virtual functions of %s", a.vfs[nic], nic), err)
		}
	}
}

// give reports what lacks at the end of the wait.
func (r *Restorer) give(ctx context.Context, a available) {
	for _, f := range a.lacks {
		r.fails(ctx, f.What, errors.New(f.Why))
	}
}

// mark keeps the networks from being restored twice in one boot.
func (r *Restorer) mark() error {
	if err := os.MkdirAll(filepath.Dir(r.o.Mark), 0o755); err != nil {
		return err
	}
	// The folder is vdsm's, and we are root: a link in it is not followed.
	f, err := os.OpenFile(r.o.Mark, os.O_CREATE|os.O_WRONLY|syscall.O_NOFOLLOW, 0o644)
	if err != nil {
		return err
	}
	return f.Close()
}
