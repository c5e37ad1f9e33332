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
	"time"

	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/outofprocess"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/server"
	"govdsm/internal/storage/volume"
)

// Options configure Storage.
type Options struct {
	Repository string      // irs:repository: where everything is mounted and linked
	Root       server.Root // nil for a host that mounts nothing
	Run        string      // where links to prepared images are: /run/vdsm/storage
	NFSOptions []string    // irs:nfs_mount_options
	// LockTimeout is how long a verb waits for what another one uses;
	// irs:task_resource_default_timeout. 0 is without limit.
	LockTimeout time.Duration
	QemuImg     qemuimg.Options
	IO         outofprocess.Options
	Log        *slog.Logger
}

// Storage is the pillar.
type Storage struct {
	repository  string
	run         string
	log         *slog.Logger
	io          *outofprocess.Pool
	connections *server.Connections
	domains     *domain.Repository
	locks       *resource.Locks
	qemuImg     *qemuimg.Runner
	pools       Pools
	// leases returns the leases of a domain's volumes, nil where there are none.
	leases func(*domain.Domain) volume.Leases
}

// New builds the pillar. Nothing runs yet, and nothing is made.
func New(o Options) *Storage {
	s := &Storage{
		repository: o.Repository,
		run:        o.Run,
		log:        cmp.Or(o.Log, slog.New(slog.DiscardHandler)),
		io:         outofprocess.New(o.IO),
		locks:      resource.New(o.LockTimeout),
		qemuImg:    qemuimg.New(o.QemuImg),
		pools:      noPools{},
		leases:     func(*domain.Domain) volume.Leases { return nil },
	}
	s.domains = domain.NewRepository(domain.Options{Path: o.Repository, IO: s.io, Log: s.log})
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
