// SPDX-License-Identifier: GPL-2.0-or-later

// Package setup is the part of host networking's changes that vdsmd itself
// does: it hands them to root's helper and remembers whether they were saved.
package setup

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/network/connectivity"
)

// Root carries changes out.
type Root interface {
	// Setup returns when the change is kept or undone.
	Setup(ctx context.Context, params *api.HostSetupNetworksParams) error
	// SetSafe makes what is set up what the next boot restores.
	SetSafe(ctx context.Context) error
	// ChangeNumVFs gives a card so many virtual functions.
	ChangeNumVFs(ctx context.Context, device string, count uint64) error
}

// Options configure a Setup.
type Options struct {
	Root      Root
	Cards     Cards        // nil: libvirt's names mean nothing
	ClientLog string       // file of confirmations; "" for the default
	Log       *slog.Logger // nil for silence
}

// Setup answers the verbs that change networks.
type Setup struct {
	o         Options
	dirty     atomic.Bool
	underWay  atomic.Int32 // changes that wait to be confirmed, perhaps
	confirmed atomic.Int64 // when a manager's call was last noted, ns
}

// New returns a Setup.
func New(o Options) *Setup {
	if o.ClientLog == "" {
		o.ClientLog = connectivity.DefaultFile
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Setup{o: o}
}

// Bind binds the verbs.
func (s *Setup) Bind(t *dispatch.Table) {
	dispatch.Bind(t, api.HostSetupNetworks, s.setupNetworks)
	dispatch.Bind(t, api.HostSetSafeNetworkConfig, s.setSafeNetworkConfig)
	dispatch.Bind(t, api.HostHostdevChangeNumvfs, s.hostdevChangeNumvfs)
	dispatch.Bind(t, api.HostConfirmConnectivity, s.confirmConnectivity, dispatch.Inline())
}

// ConfigDirty reports changes that are not saved, from memory.
func (s *Setup) ConfigDirty() bool { return s.dirty.Load() }

// UnderWay reports whether networks are being changed.
func (s *Setup) UnderWay() bool { return s.underWay.Load() > 0 }

// noteEvery bounds how often calls are noted while we know of no change. There
// may be one: supervdsmd goes on when vdsmd is started anew.
const noteEvery = time.Second

// ConfirmConnectivity notes at once that a manager still reaches us. Every ping
// of every manager comes here, so it touches the file only when somebody may be
// watching it.
func (s *Setup) ConfirmConnectivity() {
	now := time.Now().UnixNano()
	if s.underWay.Load() == 0 && now-s.confirmed.Load() < int64(noteEvery) {
		return
	}
	s.confirmed.Store(now)
	if err := connectivity.Confirm(s.o.ClientLog); err != nil {
		s.o.Log.Warn("cannot note that a manager was heard from", "error", err)
	}
}

// setupNetworks counts as a change even when it fails, as in the original.
func (s *Setup) setupNetworks(ctx context.Context, p *api.HostSetupNetworksParams) (api.Status, error) {
	s.underWay.Add(1)
	defer s.underWay.Add(-1)
	was := s.dirty.Swap(true)
	if err := s.o.Root.Setup(ctx, p); err != nil {
		if errors.Is(err, api.ErrResourceUnavailable) {
			s.dirty.Store(was) // another call is under way: this one was not accepted
		}
		if errors.Is(err, api.ErrHook) {
			// This verb has a code of its own for scripts (API.py, setupNetworks).
			err = api.ErrHookFailed.Because(err.Error()).Caused(err)
		}
		return api.Status{}, err
	}
	if p.Options.CommitOnSuccess != nil && bool(*p.Options.CommitOnSuccess) {
		s.dirty.Store(false)
	}
	return api.Done, nil
}

func (s *Setup) setSafeNetworkConfig(ctx context.Context, _ *api.NoParams) (api.Nothing, error) {
	if err := s.o.Root.SetSafe(ctx); err != nil {
		return api.Nothing{}, err
	}
	s.dirty.Store(false)
	return api.Nothing{}, nil
}

func (s *Setup) confirmConnectivity(context.Context, *api.NoParams) (api.Nothing, error) {
	s.ConfirmConnectivity()
	return api.Nothing{}, nil
}
