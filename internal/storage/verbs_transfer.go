// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/storage/glance"
	"govdsm/internal/storage/imageticket"
	"govdsm/internal/storage/nbd"
	"govdsm/internal/storage/volume"
)

// Transfers say how images are served to who transfers them.
type Transfers struct {
	NBDRun      string       // where sockets of NBD servers are: /run/vdsm/nbd
	NBD         nbd.Launcher // nil for children of this process
	Scratch     string       // for transient disks: /var/lib/vdsm/storage/transient_disks
	ImageDaemon string       // socket of ovirt-imageio; "" for the usual one
}

// addTransfers builds what serves images.
func (s *Storage) addTransfers(o Options) {
	t := o.Transfers
	if t.NBD == nil {
		t.NBD = &nbd.Children{Run: t.NBDRun, Log: s.log}
	}
	s.nbd = nbd.New(nbd.Options{Run: t.NBDRun, Scratch: t.Scratch, Launcher: t.NBD, QemuImg: s.qemuImg, Log: s.log})
	s.tickets = imageticket.New(t.ImageDaemon)
	s.glance = glance.New(glance.Options{})
}

func (s *Storage) bindTransfers(t *dispatch.Table) {
	dispatch.Bind(t, api.NBDStartServer, s.startNBD)
	dispatch.Bind(t, api.NBDStopServer, s.stopNBD)
	dispatch.Bind(t, api.HostAddImageTicket, s.addTicket)
	dispatch.Bind(t, api.HostGetImageTicket, s.getTicket)
	dispatch.Bind(t, api.HostExtendImageTicket, s.extendTicket)
	dispatch.Bind(t, api.HostRemoveImageTicket, s.removeTicket)
	dispatch.Bind(t, api.ImageUpload, s.uploadImage)
	dispatch.Bind(t, api.ImageDownload, s.downloadImage)
}

func (s *Storage) startNBD(ctx context.Context, p *api.NBDStartServerParams) (url string, err error) {
	if err := s.poolConnected(); err != nil {
		return "", err
	}
	c := p.Config
	config := nbd.Config{ReadOnly: c.Readonly, Discard: c.Discard, DetectZeroes: c.DetectZeroes, TopOnly: !c.BackingChain}
	if c.Bitmap != nil {
		config.Bitmap = string(*c.Bitmap)
	}
	err = s.inDomain(ctx, c.SDID, func(v *volume.Volumes) error {
		u, err := v.Use(ctx, volumeID(c.ImgID, c.VolID), true)
		if err != nil {
			return err
		}
		served := nbd.Volume{ID: u.ID.Volume, Shared: u.Metadata.Role == api.VolumeRoleSHARED}
		for _, l := range u.Layers {
			served.Layers = append(served.Layers, nbd.Layer(l))
		}
		url, err = s.nbd.Start(ctx, string(p.ServerID), served, config)
		return err
	})
	return url, err
}

func (s *Storage) stopNBD(ctx context.Context, p *api.NBDStopServerParams) (none api.Nothing, err error) {
	return none, s.nbd.Stop(ctx, string(p.ServerID))
}

func (s *Storage) addTicket(ctx context.Context, p *api.HostAddImageTicketParams) (none api.Nothing, err error) {
	return none, s.tickets.Add(ctx, string(p.Ticket.UUID), p.Ticket.Raw)
}

func (s *Storage) getTicket(ctx context.Context, p *api.HostGetImageTicketParams) (t api.TicketInfo, err error) {
	t.Raw, err = s.tickets.Get(ctx, string(p.UUID))
	return t, err
}

func (s *Storage) extendTicket(ctx context.Context, p *api.HostExtendImageTicketParams) (none api.Nothing, err error) {
	return none, s.tickets.Extend(ctx, string(p.UUID), p.Timeout)
}

func (s *Storage) removeTicket(ctx context.Context, p *api.HostRemoveImageTicketParams) (none api.Nothing, err error) {
	return none, s.tickets.Remove(ctx, string(p.UUID))
}
