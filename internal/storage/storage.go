// SPDX-License-Identifier: GPL-2.0-or-later

// Package storage is the pillar of storage. DESIGN.md says what the packages
// below hold; here they are put together, and verbs are bound to them.
//
// A verb is in the file of the noun that it is about, which is not always its
// namespace: verbs_domain, _domain_list and _domain_dump (one domain, which there
// are, what is in one), _pool, _membership (domains in a pool), _image, _volume,
// _volume_tasks, _copy and _merge (what the SPM does with volumes), _sdm (jobs),
// _lease, _task, and _transfer (NBD servers, tickets of imageio). Connections to
// servers are in verbs.go, where Bind is. What the verbs stand on is put together
// in domains.go, pools.go, volumes.go and leases.go.
package storage

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"govdsm/internal/job"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/glance"
	"govdsm/internal/storage/imageticket"
	"govdsm/internal/storage/monitor"
	"govdsm/internal/storage/nbd"
	"govdsm/internal/storage/outofprocess"
	"govdsm/internal/storage/pool"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/sdm"
	"govdsm/internal/storage/server"
	"govdsm/internal/storage/task"
)

// Options configure Storage.
type Options struct {
	Repository string      // irs:repository: where everything is mounted and linked
	Root       server.Root // nil for a host that mounts nothing
	Run        string      // where links to prepared images are: /run/vdsm/storage
	NFSOptions []string    // irs:nfs_mount_options
	QemuImg    qemuimg.Options
	IO         outofprocess.Options
	Sanlock    clusterlock.Options // OnLost is Lost
	OneHost    bool                // there is no sanlock: no other host uses the storage
	LockDir    string              // for the locks of shared storage then
	Tasks      task.Options        // how many run and wait
	LockWait   time.Duration       // irs:task_resource_default_timeout
	Jobs       *job.Registry       // of the host
	Sparsify   string              // virt-sparsify; "" where it usually is
	Transfers  Transfers
	// HardwareID is this host's id, for records in leases.
	HardwareID      func() string
	MaxDomains      int           // irs:maximum_domains_in_pool
	CheckInterval   time.Duration // irs:sd_health_check_delay
	RefreshInterval time.Duration // irs:repo_stats_cache_refresh_timeout
	// DomainChanged is told when a domain that is monitored becomes valid or
	// stops being so. nil: nobody.
	DomainChanged func(ctx context.Context, domain string, valid bool)
	// Lost is called when others may be writing by now what this process
	// believes to be its own: it must end at once, without a further write.
	Lost func(error)
	Log  *slog.Logger
}

// Storage is the pillar.
type Storage struct {
	repository  string
	run         string
	log         *slog.Logger
	io          *outofprocess.Pool
	connections *server.Connections
	locks       *resource.Locks
	hosts       *clusterlock.Locks
	domains     *domain.Repository
	monitors    *monitor.Monitors
	told        func(ctx context.Context, domain string, valid bool)
	qemuImg     *qemuimg.Runner
	tasks       *task.Manager
	pools       *pool.Pools
	jobs        *sdm.Jobs
	nbd         *nbd.Servers
	tickets     *imageticket.Daemon
	glance      *glance.Client
	hardwareID  func() string
}

// New builds the pillar. Nothing runs yet, and nothing is made.
func New(o Options) *Storage {
	s := &Storage{
		repository: o.Repository,
		run:        o.Run,
		log:        cmp.Or(o.Log, slog.New(slog.DiscardHandler)),
		io:         outofprocess.New(o.IO),
		qemuImg:    qemuimg.New(o.QemuImg),
	}
	s.connections = server.New(server.Options{
		Repository: o.Repository,
		IO:         s.io,
		Root:       o.Root,
		NFSOptions: o.NFSOptions,
		Log:        s.log,
	})
	s.addDomains(o)
	s.addPools(o)
	s.registerUndoings()
	s.addJobs(o)
	s.addTransfers(o)
	return s
}

// Run makes the repository's folders, runs until ctx ends, and then ends the
// I/O helpers. Storage stays connected.
func (s *Storage) Run(ctx context.Context) error {
	// Packages make them, but for a sandbox; connecting says so again.
	if err := os.MkdirAll(filepath.Join(s.repository, "mnt"), 0o755); err != nil {
		s.log.ErrorContext(ctx, "storage has no repository", "err", err)
	}
	if err := s.pools.Clean(ctx); err != nil {
		s.log.WarnContext(ctx, "links of former pools stay", "err", err)
	}
	if s.hosts.OneHost() {
		s.log.InfoContext(ctx, "there is no sanlock: shared storage domains are protected against processes of this host only")
	}
	<-ctx.Done()
	s.jobs.Close()
	s.tasks.Close(closePatience)
	s.pools.Close()
	s.monitors.Close() // keeps host ids and leases: VMs may need them
	s.hosts.Local.Close()
	return s.io.Close()
}
