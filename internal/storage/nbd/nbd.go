// SPDX-License-Identifier: GPL-2.0-or-later

// Package nbd serves volumes over NBD on local sockets, by qemu-nbd, for backups
// and transfers of images.
//
// A server belongs to who started it, by its id, and lives on its own: it
// outlives vdsmd, and whoever has its id stops it. Nothing is kept in memory.
//
// Source: lib/vdsm/storage/nbd.py, transientdisk.py.
package nbd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"govdsm/api"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/qemuimg"
)

// Layer is the data of a volume.
type Layer struct {
	Path   string
	Format qemuimg.Format
}

// Volume is what is to be served. It is prepared on this host, and what it is
// based on has been checked: qemu-nbd opens all of it.
type Volume struct {
	ID     string
	Layers []Layer // the volume itself, then what it is based on
	Shared bool    // a template
}

// Config says how to serve a volume.
type Config struct {
	ReadOnly     bool
	Discard      bool   // let discards through to storage
	DetectZeroes bool   // write zeros as holes
	TopOnly      bool   // without what the volume is based on
	Bitmap       string // offer this bitmap of changed blocks
}

// Launcher runs qemu-nbd.
type Launcher interface {
	// Start starts a server. The channel, which may be nil, tells when it
	// ended.
	Start(ctx context.Context, id string, e Export) (ended <-chan error, err error)
	// Stop ends a server. One that does not run is success.
	Stop(ctx context.Context, id string) error
}

// QemuImg is what is needed of qemu-img. qemuimg.Runner has it.
type QemuImg interface {
	Create(ctx context.Context, o qemuimg.Create) error
	Info(ctx context.Context, image string, o qemuimg.InfoOptions) (*qemuimg.Info, error)
	AddBitmap(ctx context.Context, image, name string, enabled bool, granularity int64) error
	MergeBitmap(ctx context.Context, source, sourceBitmap string, format qemuimg.Format, target, targetBitmap string) error
}

// Options configure Servers.
type Options struct {
	Run      string // where sockets are: /run/vdsm/nbd
	Scratch  string // for overlays: /var/lib/vdsm/storage/transient_disks
	Launcher Launcher
	QemuImg  QemuImg
	Log      *slog.Logger
}

// Servers are those of this host. Its methods may be called at once.
type Servers struct{ o Options }

// New returns the servers.
func New(o Options) *Servers {
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	return &Servers{o}
}

// Where things are on a host.
const (
	DefaultRun     = "/run/vdsm/nbd"
	DefaultScratch = "/var/lib/vdsm/storage/transient_disks"
)

const (
	// startTimeout is how long qemu-nbd has to listen.
	startTimeout = 10 * time.Second
	// socketMode lets the group in, which the image daemon is in.
	socketMode = 0o660
)

// Start serves a volume and returns the URL of the server. A template that is
// to be written is [api.ErrSharedVolumeNonWritable].
func (s *Servers) Start(ctx context.Context, id string, v Volume, c Config) (url string, err error) {
	if err := c.check(id, v); err != nil {
		return "", err
	}
	e := Export{Layer: v.Layers[0], Config: c}
	if c.Bitmap != "" {
		with, err := s.layersWith(ctx, v.Layers, c.Bitmap)
		if err != nil {
			return "", err
		}
		if len(with) > 1 {
			// Each layer has what changed while it was the top one. qemu-nbd
			// offers the bitmap of one image only: one that has them all.
			path, err := s.overlay(ctx, id, v.Layers[0], c.Bitmap, with)
			if err != nil {
				return "", err
			}
			// What qemu-nbd has open stays.
			defer s.removeOverlay(ctx, id)
			e.Layer = Layer{path, qemuimg.QCOW2}
		}
	}
	socket := Socket(s.o.Run, id)
	if err := os.MkdirAll(s.o.Run, 0o755); err != nil {
		return "", err
	}
	s.o.Log.InfoContext(ctx, "starting an NBD server", "server", id, "volume", v.ID, "socket", socket)
	ended, err := s.o.Launcher.Start(ctx, id, e)
	if err != nil {
		return "", err
	}
	if err := listening(ctx, socket, ended); err != nil {
		err = fmt.Errorf("starting NBD server %s: %w", id, err)
		return "", errors.Join(err, s.o.Launcher.Stop(context.WithoutCancel(ctx), id))
	}
	if err := os.Chmod(socket, socketMode); err != nil {
		return "", errors.Join(err, s.o.Launcher.Stop(context.WithoutCancel(ctx), id))
	}
	return "nbd:unix:" + socket, nil
}

// Stop ends a server. One that does not run is success.
func (s *Servers) Stop(ctx context.Context, id string) error {
	if !domain.IsID(id) {
		return invalidID(id)
	}
	return s.o.Launcher.Stop(ctx, id)
}

func (c Config) check(id string, v Volume) error {
	switch {
	case !domain.IsID(id):
		return invalidID(id)
	case c.TopOnly && c.Bitmap != "":
		return unsupported("Cannot export bitmap with backing_chain=False")
	case c.Bitmap != "" && !c.ReadOnly:
		return unsupported("Cannot export bitmap for writing")
	case c.Bitmap != "" && !domain.IsID(c.Bitmap):
		return api.ErrInvalidParameterException.OfText("bitmap=" + c.Bitmap)
	case v.Shared && !c.ReadOnly:
		return api.ErrSharedVolumeNonWritable.Of(v.ID)
	case c.Bitmap != "" && v.Layers[0].Format != qemuimg.QCOW2:
		return unsupported("Cannot export bitmap from RAW volume")
	}
	return nil
}

// invalidID: the id becomes part of file names.
func invalidID(id string) error { return api.ErrInvalidParameterException.OfText("server_id=" + id) }

func unsupported(reason string) error {
	return api.ErrStorageUnsupportedOperation.OfText("reason=" + reason + ", context={}")
}

// Socket returns the path of a server's socket.
func Socket(run, id string) string { return filepath.Join(run, id+".sock") }

// greeting is what a server says first; see doc/proto.md of NBD.
const greeting = "NBDMAGIC"

// greets reports whether a server answers.
func greets(ctx context.Context, socket string) bool {
	var dialer net.Dialer
	c, err := dialer.DialContext(ctx, "unix", socket)
	if err != nil {
		return false
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	said := make([]byte, len(greeting))
	_, err = io.ReadFull(c, said)
	return err == nil && string(said) == greeting
}

// listening waits until a server answers. To see the socket, or to be
// connected, is not enough: qemu-nbd listens before it opens the image.
func listening(ctx context.Context, socket string, ended <-chan error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, errors.New("it does not listen in time"))
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		if greets(ctx, socket) {
			return nil
		}
		select {
		case err := <-ended:
			return fmt.Errorf("qemu-nbd ended: %w", err)
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-again.C:
		}
	}
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
