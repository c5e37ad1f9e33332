// SPDX-License-Identifier: GPL-2.0-or-later

package clusterlock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"govdsm/api"
)

// LocalHost keeps the locks of domains that only this host uses: one for all
// domains. It is closed when the process ends.
type LocalHost struct {
	mu    sync.Mutex
	locks map[string]*localState
}

type localState struct {
	hostID int      // 0: none
	file   *os.File // locked; nil: the lease is not held
}

// NewLocalHost returns a host that holds nothing.
func NewLocalHost() *LocalHost { return &LocalHost{locks: map[string]*localState{}} }

// Close gives back all that is held.
func (h *LocalHost) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, state := range h.locks {
		if state.file != nil {
			state.file.Close()
		}
	}
	clear(h.locks)
}

// Local is the lock of a domain that only this host uses. Its one lease is a
// lock on the file of the lockspace, which stays empty; the kernel lets it go
// when the process ends.
type Local struct {
	host   *LocalHost
	domain string
	ids    string
	lease  Lease
	create bool // the file of the lock, if it is not there
}

var _ ClusterLock = (*Local)(nil)

// Domain returns the lock of a domain. All locks of the same domain are one,
// so that it may be made again whenever the domain is looked at.
func (h *LocalHost) Domain(id, idsPath string, domain Lease) *Local {
	return &Local{host: h, domain: id, ids: idsPath, lease: domain}
}

// Init implements ClusterLock. There is nothing to write.
func (l *Local) Init(_ context.Context, domain Lease) error { return l.known(domain) }

// AcquireHostID implements ClusterLock. Another host id than the one that is
// held is refused.
func (l *Local) AcquireHostID(_ context.Context, id int, _ bool) error {
	l.host.mu.Lock()
	defer l.host.mu.Unlock()
	state := l.host.state(l.domain)
	if state.hostID != 0 && state.hostID != id {
		return api.ErrAcquireHostIdFailure.Of(l.domain)
	}
	state.hostID = id
	return nil
}

// ReleaseHostID implements ClusterLock. While the lease is held it fails.
func (l *Local) ReleaseHostID(_ context.Context, id int, _, _ bool) error {
	l.host.mu.Lock()
	defer l.host.mu.Unlock()
	state := l.host.state(l.domain)
	if state.hostID != 0 && state.hostID != id || state.file != nil {
		return api.ErrReleaseHostIdFailure.Of(l.domain)
	}
	delete(l.host.locks, l.domain)
	return nil
}

// HasHostID implements ClusterLock.
func (l *Local) HasHostID(_ context.Context, id int) bool {
	l.host.mu.Lock()
	defer l.host.mu.Unlock()
	return id != 0 && l.host.state(l.domain).hostID == id
}

// HostStatus implements ClusterLock. Nothing is known of other hosts.
func (l *Local) HostStatus(context.Context, int) string { return Unavailable }

// Acquire implements ClusterLock. Holding the lease already is success.
func (l *Local) Acquire(_ context.Context, _ int, lease Lease) error {
	if err := l.known(lease); err != nil {
		return err
	}
	l.host.mu.Lock()
	defer l.host.mu.Unlock()
	state := l.host.state(l.domain)
	if state.file != nil {
		return nil
	}
	file, err := l.open()
	if err != nil {
		return fmt.Errorf("opening the lock of domain %s: %w", l.domain, err)
	}
	if err := flock(file); err != nil {
		file.Close()
		return api.ErrAcquireLockFailure.OfText(fmt.Sprintf(
			"id=%s, rc=%d, out=Cannot acquire local lock, err=%v", l.domain, errno(err), err)).Caused(err)
	}
	state.file = file
	return nil
}

func (l *Local) open() (*os.File, error) {
	if !l.create {
		return os.Open(l.ids)
	}
	if err := os.MkdirAll(filepath.Dir(l.ids), 0o755); err != nil {
		return nil, err
	}
	return os.OpenFile(l.ids, os.O_RDONLY|os.O_CREATE, 0o660)
}

// Release implements ClusterLock. Not holding the lease is success.
func (l *Local) Release(_ context.Context, lease Lease) error {
	if err := l.known(lease); err != nil {
		return err
	}
	l.host.mu.Lock()
	defer l.host.mu.Unlock()
	state := l.host.state(l.domain)
	if state.file == nil {
		return nil
	}
	err := state.file.Close()
	state.file = nil
	return err
}

// Inspect implements ClusterLock. Other processes are not seen, and nobody
// counts versions.
func (l *Local) Inspect(_ context.Context, lease Lease) (Owner, error) {
	if err := l.known(lease); err != nil {
		return Owner{}, err
	}
	l.host.mu.Lock()
	defer l.host.mu.Unlock()
	if state := l.host.state(l.domain); state.file != nil {
		return Owner{HostID: state.hostID}, nil
	}
	return Owner{}, nil
}

func (l *Local) known(lease Lease) error {
	if lease != l.lease {
		return fmt.Errorf("%w: %v", ErrOneLease, lease)
	}
	return nil
}

// state returns the state of a domain. The caller holds mu.
func (h *LocalHost) state(domain string) *localState {
	state := h.locks[domain]
	if state == nil {
		state = new(localState)
		h.locks[domain] = state
	}
	return state
}

// flock takes the lock of an open file, without waiting.
func flock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
