// SPDX-License-Identifier: GPL-2.0-or-later

package lldp

import (
	"context"
	"log/slog"

	"govdsm/internal/network/netlink"
)

// Ear hears the neighbours of links.
type Ear interface {
	Hear(ctx context.Context, device string) (Heard, error)
}

// Daemon is a program that hears neighbours for everybody on the host.
type Daemon interface {
	Ear
	// Active reports whether it runs and answers.
	Active(ctx context.Context) bool
}

// Service hears through the first of the daemons that runs, and by itself
// where none does.
type Service struct {
	Kernel  *netlink.Kernel
	Daemons []Daemon
	Self    *Listener
	Log     *slog.Logger
}

// Run makes lldpad receive, where it runs, and listens until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	for _, d := range s.Daemons {
		if p, ok := d.(Lldpad); ok && p.Active(ctx) {
			s.enable(ctx, p)
		}
	}
	return s.Self.Run(ctx)
}

func (s *Service) enable(ctx context.Context, p Lldpad) {
	links, err := s.Kernel.Links(ctx)
	if err != nil {
		s.Log.WarnContext(ctx, "LLDP: the links are not known", "err", err)
		return
	}
	for i := range links {
		if !s.Self.options.Card(&links[i]) {
			continue
		}
		if err := p.Enable(ctx, links[i].Name); err != nil {
			s.Log.WarnContext(ctx, "LLDP: lldpad does not receive", "link", links[i].Name, "err", err)
		}
	}
}

// Neighbours tells what is known of devices. Those that are down, or not there,
// are not listened to.
func (s *Service) Neighbours(ctx context.Context, devices []string) (map[string]Heard, error) {
	links, err := s.Kernel.Links(ctx)
	if err != nil {
		return nil, err
	}
	up := make(map[string]bool, len(links))
	for i := range links {
		up[links[i].Name] = links[i].OperUp()
	}
	ear := s.ear(ctx)
	all := make(map[string]Heard, len(devices))
	for _, device := range devices {
		if !up[device] { // a name that is no link's never gets to a program
			all[device] = Heard{}
			continue
		}
		if all[device], err = ear.Hear(ctx, device); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s *Service) ear(ctx context.Context) Ear {
	for _, d := range s.Daemons {
		if d.Active(ctx) {
			return d
		}
	}
	return s.Self
}
