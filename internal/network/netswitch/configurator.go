// SPDX-License-Identifier: GPL-2.0-or-later

// Package netswitch is host networking as root: it carries out what
// Host.setupNetworks asks for, from the request to the kept or undone change.
//
// A call is a transaction over the kernel and the stored configuration. At any
// instant at which the process may die, the next one finds either the old
// networks with the old configuration, or the new with the new, or a journal
// that leads back to the old.
//
// Source of the order of things: lib/vdsm/network/api.py and
// netswitch/configurator.py; docs/decisions tells where we differ.
package netswitch

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"sync"
	"time"

	"govdsm/api"
	"govdsm/internal/network/connectivity"
	"govdsm/internal/network/dhcp"
	"govdsm/internal/network/kernelconfig"
	"govdsm/internal/network/linkapply"
	"govdsm/internal/network/netconf"
	"govdsm/internal/network/persistence"
)

// Hooks runs administrators' scripts.
type Hooks interface {
	// Any reports whether a point has scripts: where it has none, no document
	// need be made for them.
	Any(point string) bool
	// RunJSON returns the document as the scripts left it. The error is one
	// for managers, from points whose scripts may refuse.
	RunJSON(ctx context.Context, point string, document []byte, vars map[string]string) ([]byte, error)
}

// Options configure a Configurator.
type Options struct {
	Running    *persistence.Store // what was set up
	Persistent *persistence.Store // what the next boot restores
	Applier    Applier
	Switch     string        // socket of Open vSwitch's database; "" for the default
	Lock       string        // file by which processes exclude each other; "" for none
	Clients    *dhcp.Clients // nil: nobody keeps leases
	Hooks      Hooks         // nil: none
	// BondOptions are what the kernel's bonds know. It is asked when a request
	// has bonds, so that the driver is not loaded for nothing. nil: not known,
	// so that names of options are not checked.
	BondOptions func(context.Context) (kernelconfig.BondOptions, error)
	ClientLog   string // see package connectivity; "" for the default
	ResolvConf  string // "" for the default
	FakeNICs    []string
	HiddenNICs  []string
	Log         *slog.Logger // nil for silence
}

// Configurator sets networks up. Its methods may be called at once: the second
// caller is refused, not kept waiting.
type Configurator struct {
	o   Options
	one sync.Mutex // one change of networks or of the stored configuration
}

// New returns a configurator. Call Recover before anything else.
func New(o Options) *Configurator {
	o.ClientLog = cmp.Or(o.ClientLog, connectivity.DefaultFile)
	o.ResolvConf = cmp.Or(o.ResolvConf, linkapply.DefaultResolvConf)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Configurator{o: o}
}

// Recover undoes the call that a former process did not finish.
func (c *Configurator) Recover(ctx context.Context) error {
	release, err := c.holdPatiently(ctx)
	if err != nil {
		return err
	}
	defer release()
	return c.recover(ctx)
}

func (c *Configurator) recover(ctx context.Context) error {
	return c.o.Applier.Recover(ctx, func(r linkapply.Recovered) error {
		if len(r.Note) == 0 {
			return nil // the stored configuration was not to change
		}
		var old netconf.Config
		if err := json.Unmarshal(r.Note, &old); err != nil {
			return fmt.Errorf("configuration in the journal: %w", err)
		}
		return c.o.Running.Save(old)
	})
}

// SetSafe makes what is set up what the next boot restores.
func (c *Configurator) SetSafe(ctx context.Context) error {
	release, err := c.hold()
	if err != nil {
		return err
	}
	defer release()
	return c.persist(ctx)
}

// Setup carries out a request. When it fails the former networks are back.
// Errors have the codes of host networking where these have one.
func (c *Configurator) Setup(ctx context.Context, params *api.HostSetupNetworksParams) error {
	release, err := c.hold()
	if err != nil {
		return err
	}
	defer release()
	request, err := c.prepare(ctx, *params)
	if err == nil {
		err = c.setup(ctx, request)
	}
	point := "after_network_setup"
	if err != nil {
		point = "after_network_setup_fail"
	}
	c.observe(ctx, point, *params, request)
	return err
}

// setup makes a change that was found good.
func (c *Configurator) setup(ctx context.Context, p *prepared) error {
	request, err := c.settled(ctx, p)
	if err != nil {
		return err
	}
	after := p.running.Apply(request)
	note, save, err := c.difference(p.running, after)
	if err != nil {
		return err
	}
	leases := c.holdLeases(after)
	rescue := func() error { return c.recover(context.WithoutCancel(ctx)) }
	defer func() {
		// A panic is our caller's to report. The host must not stay between two
		// configurations, nor its leases unattended, until it has been.
		if rescue != nil {
			if err := leases.undo(ctx, rescue); err != nil {
				c.o.Log.ErrorContext(ctx, "the former networks are not back", "error", err)
			}
		}
	}()
	change, err := c.begin(ctx, p, request, note, leases)
	if err != nil {
		again := rescue
		rescue = nil
		return coded(leases.undo(ctx, func() error {
			if errors.Is(err, linkapply.ErrUnfinished) { // it could not be undone when the process started
				return errors.Join(err, again())
			}
			return err
		}))
	}
	rescue = func() error { return change.Undo(ctx, func() error { return save(p.running) }) }
	undo := func(why error) error {
		rescue = nil
		err := leases.undo(ctx, func() error {
			return change.Undo(ctx, func() error { return save(p.running) })
		})
		if err != nil {
			c.o.Log.ErrorContext(ctx, "the former networks are not back", "error", err)
		}
		return why // the caller asked for that, and not for what followed
	}
	if err := save(after); err != nil {
		return undo(fmt.Errorf("save the configuration: %w", err))
	}
	leases.start(ctx)
	if err := c.check(ctx, request.Options); err != nil {
		return undo(err)
	}
	rescue = nil
	if err := change.Keep(); err != nil {
		// The journal stands, so that the next start would undo: do it now.
		return errors.Join(err, leases.undo(ctx, func() error { return c.recover(context.WithoutCancel(ctx)) }))
	}
	leases.keep(ctx)
	c.cardSettings(ctx, request, p.running)
	if request.Options.CommitOnSuccess != nil && bool(*request.Options.CommitOnSuccess) {
		return c.persist(ctx)
	}
	return nil
}

// settled is the request as the scripts want it that may change it. They are
// not asked when all of it comes in another switch type.
func (c *Configurator) settled(ctx context.Context, p *prepared) (netconf.Request, error) {
	if p.change || !c.scripted(beforeSetup) {
		return p.request, nil
	}
	p.now = nil // scripts do as they please
	return c.ask(ctx, p.request)
}

// begin changes the kernel, to be kept or undone.
func (c *Configurator) begin(ctx context.Context, p *prepared, request netconf.Request, note json.RawMessage, leases clients) (change Change, err error) {
	began := time.Now()
	if p.change {
		change, err = c.changeSwitch(ctx, p, note, leases)
	} else {
		var want linkapply.Want
		if want, err = p.want(request); err != nil {
			return nil, err
		}
		leases.fill(&want)
		want.Seen = p.now
		change, err = c.o.Applier.Begin(ctx, want, note)
	}
	if err != nil {
		return nil, err
	}
	c.o.Log.InfoContext(ctx, "the network was changed", "steps", len(change.Steps()), "took", time.Since(began))
	return change, nil
}

// difference returns what the journal shall hold of the old configuration, and
// how to store one. Where old and new are the same both are nothing, so that a
// call that asks for what is there writes nothing.
func (c *Configurator) difference(old, next netconf.Config) (note json.RawMessage, save func(netconf.Config) error, err error) {
	if reflect.DeepEqual(old, next) { // quicker; what is told apart may yet be stored alike
		return nil, keepStored, nil
	}
	before, err := json.Marshal(old)
	if err != nil {
		return nil, nil, err
	}
	after, err := json.Marshal(next)
	if err != nil {
		return nil, nil, err
	}
	if bytes.Equal(before, after) {
		return nil, keepStored, nil
	}
	return before, c.o.Running.Save, nil
}

// keepStored leaves the configuration that is stored as it is.
func keepStored(netconf.Config) error { return nil }

// defaultPatience is how long a manager has to be heard from.
const defaultPatience = 4 * time.Second

// errUnheard ends the wait for a manager.
var errUnheard = errors.New("no manager was heard from")

// check waits for the manager, unless it is told not to.
func (c *Configurator) check(ctx context.Context, o api.SetupNetworkOptions) error {
	if o.ConnectivityCheck != nil && !bool(*o.ConnectivityCheck) {
		return nil
	}
	patience := defaultPatience
	if o.ConnectivityTimeout != nil {
		// The original looks once more after the time is over.
		patience = time.Duration(*o.ConnectivityTimeout)*time.Second + time.Second
	}
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errUnheard)
	defer cancel()
	err := connectivity.Wait(ctx, c.o.ClientLog)
	if errors.Is(err, errUnheard) {
		return api.ErrNetLostConnection.Says("connectivity check failed")
	}
	return err
}

// coded gives errors of the applier the codes of host networking.
func coded(err error) error {
	switch {
	case errors.Is(err, linkapply.ErrUnsupported):
		return api.ErrUnsupportedOperation.With("reason", err.Error()).Caused(err)
	case errors.Is(err, linkapply.ErrBadBridgeOption):
		return api.ErrNetBadParams.Says(err.Error())
	case errors.Is(err, linkapply.ErrBadBondOption):
		return api.ErrNetBadBonding.Says(err.Error())
	case errors.Is(err, linkapply.ErrVanished), errors.Is(err, linkapply.ErrNoLink):
		return api.ErrNetBadNic.Says(err.Error())
	case errors.Is(err, linkapply.ErrSwitch):
		return api.ErrNetOvsConnection.Says(err.Error())
	case errors.Is(err, linkapply.ErrBusy):
		return api.ErrResourceUnavailable
	}
	return err
}

// readResolv returns the text of resolv.conf; a missing one is empty.
func (c *Configurator) readResolv() (string, error) {
	b, err := os.ReadFile(c.o.ResolvConf)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	return string(b), err
}
