// SPDX-License-Identifier: GPL-2.0-or-later

package asroot

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/nbd"
	"govdsm/internal/storage/qemuimg"
)

// ErrNoSystemd says that nothing here runs services.
var ErrNoSystemd = fmt.Errorf("systemd does not run this host")

// StartNBD starts an NBD server as a service of its own, so that it outlives
// vdsmd. It runs as vdsmd's user, whose files it opens: the request can do no
// more than who sends it. The image must lie below the mounts, or be an overlay
// below the transient disks.
func (s *Storage) StartNBD(ctx context.Context, id string, e nbd.Export) error {
	command, err := s.nbdCommand(id, e)
	if err != nil {
		return err
	}
	if !underSystemd() {
		return ErrNoSystemd
	}
	return run(ctx, command, nil)
}

// StopNBD ends an NBD server. One that does not run is success.
func (s *Storage) StopNBD(ctx context.Context, id string) error {
	if !domain.IsID(id) {
		return fmt.Errorf("server %q: %w", id, ErrNotAllowed)
	}
	if !underSystemd() {
		return ErrNoSystemd
	}
	// Units that are collected are not loaded any more; systemctl says so with 5.
	err := run(ctx, []string{"systemctl", "stop", nbdUnit(id)}, nil)
	if failed, ok := err.(*CommandError); ok && failed.Code == 5 {
		return nil
	}
	return err
}

func nbdUnit(id string) string { return "vdsm-nbd-" + id + ".service" }

func (s *Storage) nbdCommand(id string, e nbd.Export) ([]string, error) {
	switch {
	case !domain.IsID(id):
		return nil, fmt.Errorf("server %q: %w", id, ErrNotAllowed)
	case e.Format != qemuimg.Raw && e.Format != qemuimg.QCOW2:
		return nil, fmt.Errorf("format %q: %w", e.Format, ErrNotAllowed)
	case e.Bitmap != "" && !domain.IsID(e.Bitmap):
		return nil, fmt.Errorf("bitmap %q: %w", e.Bitmap, ErrNotAllowed)
	case !printable(e.Path) || filepath.Clean(e.Path) != e.Path || !s.holdsImages(e.Path):
		return nil, fmt.Errorf("image %q: %w", e.Path, ErrNotAllowed)
	case len(s.users) == 0 || len(s.users[0].Groups) == 0:
		return nil, fmt.Errorf("nobody may serve images: %w", ErrNotAllowed)
	}
	owner := s.users[0]
	command := []string{
		"systemd-run", "--quiet", "--collect", "--unit=" + nbdUnit(id),
		"--uid=" + owner.Name, "--gid=" + owner.Groups[0], "--", "/usr/bin/qemu-nbd",
	}
	return append(command, e.Arguments(nbd.Socket(nbd.DefaultRun, id))...), nil
}

// holdsImages says whether a path is one of an image on storage.
func (s *Storage) holdsImages(path string) bool {
	return strings.HasPrefix(path, s.mounts+"/") || strings.HasPrefix(path, nbd.DefaultScratch+"/")
}
