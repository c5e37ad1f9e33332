// SPDX-License-Identifier: GPL-2.0-or-later

package daemon

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"

	"govdsm/internal/logging"
	"govdsm/internal/privileged"
	"govdsm/internal/storage"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/nbd"
	"govdsm/internal/storage/outofprocess"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/sanlock"
	"govdsm/internal/storage/server"
	"govdsm/internal/storage/task"
	"govdsm/internal/virt"
	"govdsm/internal/virt/domxml"
)

// ServeIfHelper makes the process an I/O helper of storage if it was started as
// one, and does not return then. It comes first in main.
func ServeIfHelper() { outofprocess.ServeIfHelper() }

// addStorage builds the pillar of storage, unless the configuration has it off.
func (p *pillars) addStorage(s *settings, logs *logging.Log) {
	if !s.IRS.IRSEnable {
		return
	}
	o := storage.Options{
		Repository: s.IRS.Repository,
		Run:        filepath.Join(s.run, "storage"),
		NFSOptions: s.IRS.NFSMountOptions,
		QemuImg:    qemuimg.Options{Compat: s.IRS.QCOW2Compat, Log: logs.Logger("storage.qemuimg")},
		IO: outofprocess.Options{
			Timeout: s.IRS.ProcessPoolTimeout,
			Idle:    s.IRS.MaxIoprocessIdleTime,
			Slots:   s.IRS.ProcessPoolMaxSlotsPerDomain,
			Queue:   s.IRS.ProcessPoolMaxQueuedSlotsPerDomain,
			Log:     logs.Logger("storage.io"),
		},
		Sanlock:         clusterlock.Options{RunDir: sanlock.DefaultRunDir, IOTimeout: s.Sanlock.IOTimeout},
		OneHost:         s.sandbox || !hasSanlock(),
		LockDir:         filepath.Join(s.run, "storage-locks"),
		Tasks:           task.Options{Workers: s.IRS.ThreadPoolSize, Queue: s.IRS.MaxTasks, Log: logs.Logger("storage.task")},
		LockWait:        s.IRS.TaskResourceDefaultTimeout,
		MaxDomains:      s.IRS.MaximumDomainsInPool,
		CheckInterval:   s.IRS.SDHealthCheckDelay,
		RefreshInterval: s.IRS.RepoStatsCacheRefreshTimeout,
		Jobs:            p.jobs,
		Transfers: storage.Transfers{
			NBDRun: filepath.Join(s.run, "nbd"), Scratch: filepath.Join(s.state, "storage", "transient_disks"),
		},
		DomainChanged: func(_ context.Context, domain string, valid bool) {
			if valid {
				p.vms.StorageIsBack(domain)
			}
		},
		HardwareID: func() string { return p.host.ID(context.Background()) },
		Lost:       lost(logs.Logger("storage")),
		Log:        logs.Logger("storage"),
	}
	if !s.sandbox { // which mounts nothing
		o.Root = storageAsRoot{p.root}
		if underSystemd() {
			o.Transfers.NBD = nbdServices{p.root}
		}
	}
	p.storage = storage.New(o)
}

// hasSanlock reports whether the lease manager is installed, running or not: one
// that is down must not be passed by.
func hasSanlock() bool {
	for _, path := range []string{sanlock.DefaultRunDir, "/usr/sbin/sanlock"} {
		if _, err := os.Stat(path); err == nil {
			return true
		}
	}
	return false
}

// lost ends the process at once: another host may write by now what this one
// believes to be its own, so nothing more may be flushed, undone or said.
func lost(log *slog.Logger) func(error) {
	return func(err error) {
		log.Error("a lease on storage is lost, the daemon ends", "err", err)
		os.Exit(1)
	}
}

// storageAsRoot carries out what storage needs root for, through supervdsmd.
type storageAsRoot struct{ client *privileged.Client }

// Mount implements server.Root.
func (r storageAsRoot) Mount(ctx context.Context, m server.Mount) error {
	params := privileged.StorageMountParams(m)
	_, err := privileged.Call(ctx, r.client, privileged.StorageMount, &params)
	return err
}

// Unmount implements server.Root.
func (r storageAsRoot) Unmount(ctx context.Context, target string) error {
	_, err := privileged.Call(ctx, r.client, privileged.StorageUnmount, &privileged.StorageTarget{Path: target})
	return err
}

// Access implements server.Root.
func (r storageAsRoot) Access(ctx context.Context, path string) error {
	_, err := privileged.Call(ctx, r.client, privileged.StorageAccess, &privileged.StorageTarget{Path: path})
	return err
}

// underSystemd reports whether systemd runs the host, so that NBD servers can be
// services which outlive this process.
func underSystemd() bool {
	_, err := os.Lstat("/run/systemd/system")
	return err == nil
}

// nbdServices runs NBD servers through supervdsmd.
type nbdServices struct{ client *privileged.Client }

// Start implements nbd.Launcher.
func (n nbdServices) Start(ctx context.Context, id string, e nbd.Export) (<-chan error, error) {
	_, err := privileged.Call(ctx, n.client, privileged.StorageStartNBD, &privileged.StorageStartNBDParams{
		ID: id, Path: e.Path, Format: string(e.Format), ReadOnly: e.ReadOnly, Discard: e.Discard,
		DetectZeroes: e.DetectZeroes, TopOnly: e.TopOnly, Bitmap: e.Bitmap,
	})
	return nil, err
}

// Stop implements nbd.Launcher.
func (n nbdServices) Stop(ctx context.Context, id string) error {
	_, err := privileged.Call(ctx, n.client, privileged.StorageStopNBD, &privileged.StorageNBDServer{ID: id})
	return err
}

// storageOfVMs is where VMs have their disks.
type storageOfVMs struct{ p *pillars }

var errNoStorage = errors.New("this host has no storage")

// Prepare implements virt.Storage.
func (s storageOfVMs) Prepare(ctx context.Context, _ string, i virt.Image) (virt.Prepared, error) {
	if s.p.storage == nil {
		return virt.Prepared{}, errNoStorage
	}
	if i.GUID != "" {
		return virt.Prepared{}, errors.New("this host has no LUNs")
	}
	path, prepared, err := s.p.storage.Prepare(ctx, i.PoolID, i.DomainID, i.ImageID, i.VolumeID)
	if err != nil {
		return virt.Prepared{}, err
	}
	p := virt.Prepared{Path: path, Type: "file"}
	if lease := prepared.Leaf(i.VolumeID).Lease; lease != nil {
		p.Leaf = &domxml.Volume{
			DomainID: i.DomainID, VolumeID: i.VolumeID, LeasePath: lease.Path, LeaseOffset: lease.Offset,
		}
	}
	return p, nil
}

// Teardown implements virt.Storage.
func (s storageOfVMs) Teardown(ctx context.Context, _ string, i virt.Image) error {
	if s.p.storage == nil || i.GUID != "" {
		return nil
	}
	return s.p.storage.Teardown(ctx, i.DomainID, i.ImageID)
}
