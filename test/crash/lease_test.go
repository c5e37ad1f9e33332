// SPDX-License-Identifier: GPL-2.0-or-later

package crash

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/outofprocess"
	"govdsm/internal/storage/sanlock/sanlocktest"
	"govdsm/internal/storage/verify"
	"govdsm/internal/storage/xlease"
	"govdsm/test/crashfs"
)

// shared is a domain of shared storage on a disk, whose leases a real sanlock
// daemon writes.
type shared struct {
	id, mount string
	r         *domain.Repository
	*domain.Domain
	close func()
}

// onShared opens the repository of a host that has a disk mounted.
func onShared(t testing.TB, fs *crashfs.FS, d *sanlocktest.Daemon, id string) *shared {
	t.Helper()
	top := t.TempDir()
	s := &shared{id: id, mount: filepath.Join(top, "mnt", "disk")}
	must(t, os.MkdirAll(s.mount, 0o755))
	unmount := fs.Mount(t, s.mount)
	io := outofprocess.New(outofprocess.Options{})
	host := clusterlock.NewHost(clusterlock.Options{
		RunDir: d.RunDir, IOTimeout: sanlocktest.IOTimeout, Log: slog.New(slog.DiscardHandler),
		OnLost: func(err error) { t.Error(err) },
	})
	s.r = domain.NewRepository(domain.Options{
		Path: top, IO: io, Locks: &clusterlock.Locks{Sanlock: host, Local: clusterlock.NewLocalHost(), Dir: top},
	})
	s.close = func() { host.Close(); must(t, io.Close()); unmount() }
	return s
}

func (s *shared) create(ctx context.Context, version domainmd.Version) error {
	d, err := s.r.Create(ctx, domain.Spec{
		ID: s.id, Name: "d", Type: domainmd.PosixFS, Class: domainmd.Data, Version: version,
		RemotePath: "disk", MountPoint: s.mount, MaxHosts: 250, BlockSize: 512,
	})
	s.Domain = d
	return err
}

func (s *shared) find(ctx context.Context) (err error) {
	s.Domain, err = s.r.Domain(ctx, s.id)
	return err
}

func (s *shared) add(ctx context.Context, lease string) error {
	x, err := s.index(ctx)
	if err == nil {
		_, err = x.Add(ctx, lease)
	}
	return err
}

func (s *shared) remove(ctx context.Context, lease string) error {
	x, err := s.index(ctx)
	if err == nil {
		err = x.Remove(ctx, lease)
	}
	return err
}

func (s *shared) index(ctx context.Context) (*xlease.Index, error) {
	v, err := s.ExternalLeases(ctx)
	if err != nil {
		return nil, err
	}
	return v.Open()
}

// leases returns what is in the index, with the resource of each.
func (s *shared) leases(ctx context.Context) (map[string]string, error) {
	v, err := s.ExternalLeases(ctx)
	if err != nil {
		return nil, err
	}
	x, err := v.Open()
	if err != nil {
		return nil, err
	}
	found := make(map[string]string)
	for _, r := range x.Records() {
		if r.Err != nil || r.Updating {
			return nil, fmt.Errorf("half-made: %+v", r)
		}
		if found[r.ID], err = v.Resources.ReadResource(ctx, r.Offset); err != nil {
			return nil, fmt.Errorf("lease %s has a record, and no resource: %w", r.ID, err)
		}
	}
	return found, nil
}

// leaseWork changes the index of leases of a domain that has some.
type leaseWork struct {
	name string
	do   func(ctx context.Context, s *shared, lease string) error
	// there says whether the lease is there before and after.
	before, after bool
	// rebuilt: until it is done the index may say that it is being written.
	rebuilt bool
}

func leaseWorks() []leaseWork {
	rebuild := func(ctx context.Context, s *shared, _ string) error { return s.RebuildExternalLeases(ctx) }
	return []leaseWork{
		{name: "add lease", after: true, do: func(ctx context.Context, s *shared, l string) error { return s.add(ctx, l) }},
		{name: "remove lease", before: true, do: func(ctx context.Context, s *shared, l string) error { return s.remove(ctx, l) }},
		{name: "rebuild leases", before: true, after: true, rebuilt: true, do: rebuild},
	}
}

// TestLeasesEndedAtEveryStep does to the index of external leases, and to a
// shared domain that is made, what TestEndedAtEveryStep does to the rest.
func TestLeasesEndedAtEveryStep(t *testing.T) {
	t.Parallel()
	daemon := sanlocktest.Start(t, "host-a")
	c := &count{tried: make(map[string]map[crashfs.How]int), there: make(map[string]int)}
	for _, version := range []domainmd.Version{4, 5} {
		for _, w := range leaseWorks() {
			w.name += fmt.Sprintf(" V%d", version)
			endLease(t, daemon, w, version, c)
		}
		endFormat(t, daemon, version, c)
	}
	c.report(t, 100)
}

func endLease(t *testing.T, daemon *sanlocktest.Daemon, w leaseWork, version domainmd.Version, c *count) {
	ctx, disks, lease := t.Context(), crashfs.Start(t), id()
	fs := disks.New(t)
	s := onShared(t, fs, daemon, id())
	must(t, s.create(ctx, version))
	kept := []string{id(), id()}
	for _, l := range kept {
		must(t, s.add(ctx, l))
	}
	if w.before {
		must(t, s.add(ctx, lease))
	}
	fs.Record(t)
	must(t, w.do(ctx, s, lease))
	points := fs.Points(t)
	s.close()
	done := points[len(points)-1].Steps
	c.there[w.name] = len(points) - 1
	for _, p := range points {
		for _, how := range leaseEnds(p) {
			n := onShared(t, disks.At(t, p, how), daemon, s.id)
			if err := w.check(ctx, n, kept, lease, p.Steps >= done); err != nil {
				t.Errorf("%s, %s before %v: %v", w.name, how, p.Next, err)
			}
			n.close()
			c.add(w.name, how)
		}
	}
}

// leaseEnds are all there are: these operations have few steps.
func leaseEnds(p crashfs.Point) []crashfs.How {
	all := []crashfs.How{crashfs.Killed, crashfs.Lost, crashfs.Torn}
	if p.Half {
		all = append(all, crashfs.Half)
	}
	return all
}

func (w leaseWork) check(ctx context.Context, n *shared, kept []string, lease string, done bool) error {
	if err := n.find(ctx); err != nil {
		return err
	}
	if _, err := n.index(ctx); errors.Is(err, xlease.ErrUpdating) && w.rebuilt && !done {
		if err := n.RebuildExternalLeases(ctx); err != nil { // as managers do then
			return err
		}
	}
	for range 2 { // and the same after a rebuild
		found, err := n.leases(ctx)
		if err != nil {
			return err
		}
		for _, l := range kept {
			if found[l] != l {
				return fmt.Errorf("a lease that was there is now %q", found[l])
			}
		}
		resource, there := found[lease]
		if there && resource != lease && (w.after || there != w.before) {
			return fmt.Errorf("the lease has the resource %q", resource)
		}
		if there != w.after && (done || there != w.before) {
			return fmt.Errorf("the lease is there: %v", there)
		}
		if err := verifies(n); err != nil {
			return err
		}
		if err := n.RebuildExternalLeases(ctx); err != nil {
			return err
		}
	}
	// And life goes on.
	if err := n.add(ctx, lease); err != nil && !errors.Is(err, xlease.ErrExists) {
		return err
	}
	if err := n.remove(ctx, lease); err != nil {
		return err
	}
	return verifies(n)
}

func verifies(n *shared) error {
	report, err := verify.Domain(filepath.Join(n.mount, n.id))
	if err == nil && len(report.Findings) > 0 {
		err = fmt.Errorf("the domain does not verify: %+v", report.Findings)
	}
	return err
}

// endFormat ends the making of a shared domain: there is none, or all of it.
func endFormat(t *testing.T, daemon *sanlocktest.Daemon, version domainmd.Version, c *count) {
	ctx, disks := t.Context(), crashfs.Start(t)
	fs, name := disks.New(t), fmt.Sprintf("create shared domain V%d", version)
	s := onShared(t, fs, daemon, id())
	fs.Record(t)
	must(t, s.create(ctx, version))
	points := fs.Points(t)
	s.close()
	c.there[name] = len(points) - 1
	for i, p := range points {
		for _, how := range leaseEnds(p) {
			n := onShared(t, disks.At(t, p, how), daemon, s.id)
			err := n.find(ctx)
			if errors.Is(err, api.ErrStorageDomainDoesNotExist) && i < len(points)-1 {
				err = n.create(ctx, version)
			}
			if err == nil {
				err = n.add(ctx, id())
			}
			if err == nil {
				err = verifies(n)
			}
			if err != nil {
				t.Errorf("%s, %s before %v: %v", name, how, p.Next, err)
			}
			n.close()
			c.add(name, how)
		}
	}
}
