// SPDX-License-Identifier: GPL-2.0-or-later

// Package storage is the pillar of storage. What it consists of lies in the
// packages below: outofprocess does all I/O on storage, server connects the
// host to it, mount names it, asroot is the part that only root can do.
package storage

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"path/filepath"

	"govdsm/internal/storage/outofprocess"
	"govdsm/internal/storage/server"
)

// Options configure Storage.
type Options struct {
	Repository string      // irs:repository: where everything is mounted and linked
	Root       server.Root // nil for a host that mounts nothing
	NFSOptions []string    // irs:nfs_mount_options
	IO         outofprocess.Options
	Log        *slog.Logger
}

// Storage is the pillar.
type Storage struct {
	repository  string
	log         *slog.Logger
	io          *outofprocess.Pool
	connections *server.Connections
}

// New builds the pillar. Nothing runs yet, and nothing is made.
func New(o Options) *Storage {
	s := &Storage{repository: o.Repository, io: outofprocess.New(o.IO), log: cmp.Or(o.Log, slog.New(slog.DiscardHandler))}
	s.connections = server.New(server.Options{
		Repository: o.Repository,
		IO:         s.io,
		Root:       o.Root,
		NFSOptions: o.NFSOptions,
		Log:        s.log,
	})
	return s
}

// Run makes the repository's folders, runs until ctx ends, and then ends the
// I/O helpers. Storage stays connected.
func (s *Storage) Run(ctx context.Context) error {
	// Packages make them, but for a sandbox; connecting says so again.
	if err := os.MkdirAll(filepath.Join(s.repository, "mnt"), 0o755); err != nil {
		s.log.ErrorContext(ctx, "storage has no repository", "err", err)
	}
	<-ctx.Done()
	return s.io.Close()
}
