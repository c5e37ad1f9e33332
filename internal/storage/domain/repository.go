// SPDX-License-Identifier: GPL-2.0-or-later

package domain

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/singleflight"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/mount"
	"govdsm/internal/storage/outofprocess"
)

// Options configure a Repository.
type Options struct {
	Path string // irs:repository: /rhev/data-center
	IO   *outofprocess.Pool
	// Locks makes the locks of domains. nil: those of a host that is alone and
	// makes no shared ones, for tools that look at a domain.
	Locks *clusterlock.Locks
	Log   *slog.Logger // nil for silence
}

// Repository knows which domains this host can reach: those on what is mounted
// or linked below it. Its methods may be called at once.
type Repository struct {
	o       Options
	finding singleflight.Group

	mu      sync.Mutex
	open    map[string]*Domain
	updates map[string]*sync.Mutex // of domains that were open once
}

// NewRepository returns a repository in which no domain is open yet.
func NewRepository(o Options) *Repository {
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	if o.Locks == nil {
		o.Locks = &clusterlock.Locks{Local: clusterlock.NewLocalHost(), Dir: os.TempDir()}
	}
	return &Repository{o: o, open: make(map[string]*Domain), updates: make(map[string]*sync.Mutex)}
}

// Domain returns a domain, and opens it unless it is open. One that is nowhere
// is [api.ErrStorageDomainDoesNotExist].
func (r *Repository) Domain(ctx context.Context, id string) (*Domain, error) {
	if d := r.opened(id); d != nil {
		return d, nil
	}
	// One search serves all who ask; it ends by the time-outs of the helpers,
	// not with who came first.
	found := r.finding.DoChan(id, func() (any, error) {
		return r.find(context.WithoutCancel(ctx), id)
	})
	select {
	case result := <-found:
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*Domain), nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (r *Repository) opened(id string) *Domain {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.open[id]
}

// Forget closes a domain: who asks for it next finds it anew.
func (r *Repository) Forget(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, id)
}

// ForgetAll closes all domains, for when what is mounted has changed.
func (r *Repository) ForgetAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.open)
}

// find looks on all mounts at the same time, so that one that hangs delays
// nobody who is found elsewhere.
func (r *Repository) find(ctx context.Context, id string) (*Domain, error) {
	if d := r.opened(id); d != nil {
		return d, nil
	}
	if !IsID(id) {
		return nil, api.ErrStorageDomainDoesNotExist.Of(id)
	}
	mounts, err := r.mounts()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type answer struct {
		mount string
		there bool
		err   error
	}
	answers := make(chan answer, len(mounts))
	for _, m := range mounts {
		go func() {
			there, err := r.o.IO.Dir(m).Exists(ctx, path.Join(id, metadataDir))
			answers <- answer{m, there, err}
		}()
	}
	for range mounts {
		a := <-answers
		if a.err != nil {
			r.o.Log.WarnContext(ctx, "cannot look for a storage domain", "domain", id, "mount", a.mount, "err", a.err)
		}
		if a.there {
			return r.openAt(ctx, a.mount, id)
		}
	}
	return nil, api.ErrStorageDomainDoesNotExist.Of(id)
}

func (r *Repository) openAt(ctx context.Context, mount, id string) (*Domain, error) {
	d, err := open(ctx, r.o, r.update(id), mount, id)
	if err != nil {
		return nil, err
	}
	if err := d.CollectGarbage(ctx); err != nil {
		r.o.Log.WarnContext(ctx, "cannot remove what is left of images", "domain", id, "err", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open[id] = d
	return d, nil
}

// update returns what lets one change of a domain be made at a time.
func (r *Repository) update(id string) *sync.Mutex {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.updates[id] == nil {
		r.updates[id] = new(sync.Mutex)
	}
	return r.updates[id]
}

// List returns the domains on all mounts, opened; those that cannot be are left
// out and logged.
func (r *Repository) List(ctx context.Context) ([]*Domain, error) {
	mounts, err := r.mounts()
	if err != nil {
		return nil, err
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	var found []*Domain
	for _, m := range mounts {
		all.Go(func() {
			for _, d := range r.on(ctx, m) {
				mu.Lock()
				found = append(found, d)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	slices.SortFunc(found, func(a, b *Domain) int { return cmp.Compare(a.id, b.id) })
	return found, context.Cause(ctx)
}

// on returns the domains of a mount.
func (r *Repository) on(ctx context.Context, mount string) []*Domain {
	names, err := r.o.IO.Dir(mount).Glob(ctx, path.Join("????????-????-????-????-????????????", metadataDir))
	if err != nil {
		r.o.Log.WarnContext(ctx, "cannot look for storage domains", "mount", mount, "err", err)
	}
	var found []*Domain
	for _, name := range names {
		id := path.Dir(name)
		d := r.opened(id)
		if d == nil && IsID(id) {
			if d, err = r.openAt(ctx, mount, id); err != nil {
				r.o.Log.WarnContext(ctx, "a storage domain cannot be opened", "domain", id, "mount", mount, "err", err)
			}
		}
		if d != nil {
			found = append(found, d)
		}
	}
	return found
}

// mounts returns the paths below the repository that may hold domains: links
// to local folders, and folders on which something is mounted. It touches the
// host's own file system only.
func (r *Repository) mounts() ([]string, error) {
	table, err := mount.Read()
	if err != nil {
		return nil, err
	}
	below := filepath.Join(r.o.Path, "mnt")
	var found []string
	for _, dir := range []string{below, filepath.Join(below, "glusterSD")} {
		names, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, name := range names {
			at := filepath.Join(dir, name.Name())
			_, mounted := table.At(at)
			if mounted || name.Type() == fs.ModeSymlink && strings.HasPrefix(name.Name(), "_") {
				found = append(found, at)
			}
		}
	}
	return found, nil
}
