// SPDX-License-Identifier: GPL-2.0-or-later

// Package resource keeps operations of this host from working on the same
// domain, image or volume at one time. What another host does is the business
// of leases.
//
//	release, err := locks.Acquire(ctx,
//		resource.Shared(resource.Storage, sd),
//		resource.Exclusive(resource.Images(sd), image))
//	if err != nil { … }
//	defer release()
//
// All that an operation needs is acquired with one call, in the order of
// namespace and name, so that two operations cannot wait for each other. Who
// came first is served first: a request for exclusive use lets no later shared
// one past it. Source: guarded.py, resourceManager.py.
package resource

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"govdsm/api"
)

// Namespaces, in the order in which they are acquired.
const (
	Storage = "00_storage" // pools and domains, by their ids
)

// Images is the namespace of a domain's images.
func Images(domain string) string { return "01_img_" + domain }

// Volumes is the namespace of a domain's volumes.
func Volumes(domain string) string { return "02_vol_" + domain }

// VolumeGroups is the namespace of what LVM activates in a domain.
func VolumeGroups(domain string) string { return "03_lvm_" + domain }

// VolumeLeases is the namespace of a domain's leases of volumes.
func VolumeLeases(domain string) string { return "04_lease_" + domain }

// ExternalLeases is the namespace of an external lease.
func ExternalLeases(lease string) string { return "05_external_lease_" + lease }

// Lock names something and how it is to be used.
type Lock struct {
	Namespace, Name string
	exclusive       bool
}

// Shared is use beside others that share.
func Shared(namespace, name string) Lock { return Lock{namespace, name, false} }

// Exclusive is use by nobody else.
func Exclusive(namespace, name string) Lock { return Lock{namespace, name, true} }

// String returns the lock as logs and errors show it.
func (l Lock) String() string {
	mode := "shared"
	if l.exclusive {
		mode = "exclusive"
	}
	return fmt.Sprintf("%s.%s (%s)", l.Namespace, l.Name, mode)
}

type key struct{ namespace, name string }

func (l Lock) key() key { return key{l.Namespace, l.Name} }

// Locks are the locks of this host. Its methods may be called at once.
type Locks struct {
	timeout time.Duration

	mu        sync.Mutex
	resources map[key]*resource
}

// resource is something in use. All of it is under Locks.mu.
type resource struct {
	users     int
	exclusive bool
	queue     []*waiter // oldest first
}

type waiter struct {
	exclusive bool
	granted   chan struct{} // closed when it is the user
}

// New returns Locks that are waited for at most timeout, each;
// irs:task_resource_default_timeout in the daemon. 0 is without limit.
func New(timeout time.Duration) *Locks {
	return &Locks{timeout: timeout, resources: make(map[key]*resource)}
}

// Acquire acquires all locks, or none. The same lock twice counts once; the same
// thing shared and exclusive is an error, since it would wait for itself. A lock
// that is not free in time is api.ErrResourceTimeout. The caller calls release
// once; further calls do nothing.
func (l *Locks) Acquire(ctx context.Context, locks ...Lock) (release func(), err error) {
	wanted, err := order(locks)
	if err != nil {
		return nil, err
	}
	var held []Lock
	free := func() {
		for _, lock := range slices.Backward(held) {
			l.release(lock)
		}
	}
	for _, lock := range wanted {
		if err := l.acquire(ctx, lock); err != nil {
			free()
			return nil, fmt.Errorf("%s: %w", lock, err)
		}
		held = append(held, lock)
	}
	return sync.OnceFunc(free), nil
}

// order sorts locks, drops repeated ones and refuses contradictions.
func order(locks []Lock) ([]Lock, error) {
	wanted := slices.Clone(locks)
	slices.SortFunc(wanted, func(a, b Lock) int {
		mode := 0
		if a.exclusive != b.exclusive {
			mode = 1
		}
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), mode)
	})
	wanted = slices.Compact(wanted)
	for i, lock := range wanted {
		if lock.Namespace == "" || lock.Name == "" {
			return nil, api.ErrInvalidResourceName.Of(lock.Namespace, lock.Name)
		}
		if i > 0 && lock.key() == wanted[i-1].key() {
			return nil, fmt.Errorf("attempt to lock will deadlock: %s and %s", wanted[i-1], lock)
		}
	}
	return wanted, nil
}

func (l *Locks) acquire(ctx context.Context, lock Lock) error {
	l.mu.Lock()
	r, ok := l.resources[lock.key()]
	if !ok {
		r = &resource{}
		l.resources[lock.key()] = r
	}
	w := &waiter{lock.exclusive, make(chan struct{})}
	r.queue = append(r.queue, w)
	r.grant()
	l.mu.Unlock()

	var late <-chan time.Time
	if l.timeout > 0 {
		timer := time.NewTimer(l.timeout)
		defer timer.Stop()
		late = timer.C
	}
	var err error
	select {
	case <-w.granted:
		return nil
	case <-late:
		err = api.ErrResourceTimeout.Of()
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-w.granted: // just now, which is in time
		return nil
	default:
	}
	r.queue = slices.DeleteFunc(r.queue, func(other *waiter) bool { return other == w })
	r.grant() // those behind it may go together with the users
	l.forget(lock.key(), r)
	return err
}

// grant lets in whoever is first and fits beside the users.
func (r *resource) grant() {
	for len(r.queue) > 0 {
		w := r.queue[0]
		if r.users > 0 && (r.exclusive || w.exclusive) {
			return
		}
		r.queue = r.queue[1:]
		r.users, r.exclusive = r.users+1, w.exclusive
		close(w.granted)
	}
}

func (l *Locks) release(lock Lock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.resources[lock.key()]
	r.users--
	r.exclusive = false
	r.grant()
	l.forget(lock.key(), r)
}

// forget drops what nobody uses.
func (l *Locks) forget(k key, r *resource) {
	if r.users == 0 && len(r.queue) == 0 {
		delete(l.resources, k)
	}
}

// Held returns what is in use, sorted, for the log and for tests.
func (l *Locks) Held() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var held []string
	for k, r := range l.resources {
		if r.users > 0 {
			held = append(held, Lock{k.namespace, k.name, r.exclusive}.String())
		}
	}
	slices.Sort(held)
	return held
}
