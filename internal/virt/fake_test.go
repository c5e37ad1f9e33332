// SPDX-License-Identifier: GPL-2.0-or-later

package virt_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"govdsm/internal/libvirt"
	"govdsm/internal/virt"
	"govdsm/internal/virt/domxml"
)

// fake is a libvirt that starts whatever it is given. A function that is set
// takes the place of the method.
type fake struct {
	mu       sync.Mutex
	domains  map[string]*fakeDomain
	networks map[string]string
	calls    []string
	stats    []libvirt.Stats

	freezing error
	fakeHooks
}

// fakeHooks take the place of what the fake does. The lock is held to change
// them once VMs run.
type fakeHooks struct {
	onCreate   func(ctx context.Context, id string) error
	onDestroy  func(id string, graceful bool) error
	onUndefine func(id string) error
	onPower    func(call, id string) error
	onXML      func(ctx context.Context, id string) error
	onState    func(ctx context.Context, id string) error
	onAgent    func(ctx context.Context, vm, command string) (string, error)
}

func (f *fake) hooks() fakeHooks {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fakeHooks
}

type fakeDomain struct {
	name, xml string
	status    libvirt.Status
	metadata  string
}

var _ virt.Libvirt = (*fake)(nil)

func newFake() *fake {
	return &fake{domains: make(map[string]*fakeDomain), networks: make(map[string]string)}
}

// domain returns the domain of that id, with the fake locked until unlock.
func (f *fake) domain(call, id string) (d *fakeDomain, unlock func(), err error) {
	f.mu.Lock()
	f.calls = append(f.calls, call)
	if d = f.domains[id]; d == nil {
		f.mu.Unlock()
		return nil, nil, &libvirt.Error{Code: libvirt.NoDomain, Message: "Domain not found"}
	}
	return d, f.mu.Unlock, nil
}

func (f *fake) WaitConnected(context.Context) error { return nil }

func (f *fake) Find(_ context.Context, id, name string) (found []string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for have, d := range f.domains {
		if have == id || d.name == name {
			found = append(found, have)
		}
	}
	return found, nil
}

func (f *fake) Define(_ context.Context, xml string) error {
	dom, err := domxml.Parse(xml)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, "Define")
	f.domains[dom.UUID()] = &fakeDomain{
		name: dom.Name(), xml: xml, status: libvirt.Status{State: libvirt.StateShutoff},
	}
	return nil
}

func (f *fake) Undefine(_ context.Context, id string) error {
	if do := f.hooks().onUndefine; do != nil {
		if err := do(id); err != nil {
			return err
		}
	}
	_, unlock, err := f.domain("Undefine", id)
	if err != nil {
		return err
	}
	defer unlock()
	delete(f.domains, id)
	return nil
}

func (f *fake) SetMetadata(_ context.Context, id, _, _, element string) error {
	d, unlock, err := f.domain("SetMetadata", id)
	if err != nil {
		return err
	}
	defer unlock()
	d.metadata = element
	return nil
}

// set is a call that changes the state and nothing else.
func (f *fake) set(call, id string, to libvirt.State) error {
	d, unlock, err := f.domain(call, id)
	if err != nil {
		return err
	}
	defer unlock()
	d.status = libvirt.Status{State: to}
	return nil
}

func (f *fake) Create(ctx context.Context, id string, flags uint32) error {
	if do := f.hooks().onCreate; do != nil {
		if err := do(ctx, id); err != nil {
			return err
		}
	}
	if flags&libvirt.StartPaused != 0 {
		return f.set("Create", id, libvirt.StatePaused)
	}
	return f.set("Create", id, libvirt.StateRunning)
}

func (f *fake) Destroy(_ context.Context, id string, graceful bool) error {
	if do := f.hooks().onDestroy; do != nil {
		if err := do(id, graceful); err != nil {
			return err
		}
	}
	return f.set(fmt.Sprintf("Destroy %v", graceful), id, libvirt.StateShutoff)
}

func (f *fake) Shutdown(_ context.Context, id string, by libvirt.Means) error {
	_, unlock, err := f.domain(fmt.Sprintf("Shutdown %d", by), id)
	if err != nil {
		return err
	}
	unlock()
	if by == libvirt.ByAgent {
		return &libvirt.Error{Code: libvirt.AgentUnresponsive, Message: "Guest agent is not responding"}
	}
	return nil
}

func (f *fake) Reboot(ctx context.Context, id string, by libvirt.Means) error {
	return f.Shutdown(ctx, id, by)
}

func (f *fake) Reset(_ context.Context, id string) error {
	return f.power("Reset", id, libvirt.StateRunning)
}

func (f *fake) Suspend(_ context.Context, id string) error {
	return f.power("Suspend", id, libvirt.StatePaused)
}

func (f *fake) Resume(_ context.Context, id string) error {
	return f.power("Resume", id, libvirt.StateRunning)
}

func (f *fake) power(call, id string, to libvirt.State) error {
	if do := f.hooks().onPower; do != nil {
		if err := do(call, id); err != nil {
			return err
		}
	}
	return f.set(call, id, to)
}

func (f *fake) List(context.Context) (list []libvirt.Domain, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, d := range f.domains {
		list = append(list, libvirt.Domain{ID: id, Name: d.name})
	}
	return list, nil
}

func (f *fake) XML(ctx context.Context, id string) (string, error) {
	if do := f.hooks().onXML; do != nil {
		if err := do(ctx, id); err != nil {
			return "", err
		}
	}
	d, unlock, err := f.domain("XML", id)
	if err != nil {
		return "", err
	}
	defer unlock()
	return d.xml, nil
}

func (f *fake) State(ctx context.Context, id string) (libvirt.Status, error) {
	if do := f.hooks().onState; do != nil {
		if err := do(ctx, id); err != nil {
			return libvirt.Status{}, err
		}
	}
	d, unlock, err := f.domain("State", id)
	if err != nil {
		return libvirt.Status{}, err
	}
	defer unlock()
	return d.status, nil
}

func (f *fake) States(context.Context) (map[string]libvirt.Status, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := make(map[string]libvirt.Status)
	for id, d := range f.domains {
		m[id] = d.status
	}
	return m, nil
}

func (f *fake) DiskErrors(context.Context, string) (map[string]libvirt.DiskError, error) {
	return map[string]libvirt.DiskError{"vda": libvirt.DiskErrorNoSpace}, nil
}

func (f *fake) BulkStats(context.Context) ([]libvirt.Stats, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stats, nil
}

func (f *fake) AgentCommand(ctx context.Context, id, command string, _ time.Duration) (string, error) {
	if do := f.hooks().onAgent; do != nil {
		return do(ctx, id, command)
	}
	return "", &libvirt.Error{Code: libvirt.AgentUnresponsive, Message: "Guest agent is not responding"}
}

func (f *fake) Freeze(context.Context, string) error { return f.freezing }

func (f *fake) Thaw(ctx context.Context, id string) error { return f.Freeze(ctx, id) }

func (f *fake) SetMemory(_ context.Context, id string, kib uint64) error {
	return f.set(fmt.Sprintf("SetMemory %d", kib), id, libvirt.StateRunning)
}

func (f *fake) UpdateDevice(_ context.Context, id, device string) error {
	return f.set("UpdateDevice "+device, id, libvirt.StateRunning)
}

func (f *fake) Screenshot(context.Context, string) ([]byte, string, error) {
	return []byte("picture"), "image/png", nil
}

func (f *fake) StartNetwork(_ context.Context, name, xml string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.networks[name] = xml
	return nil
}

func (f *fake) RemoveNetwork(_ context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.networks, name)
	return nil
}

// setStatus changes what libvirt says of the domain.
func (f *fake) setStatus(id string, to libvirt.Status) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.domains[id].status = to
}

// defined returns what libvirt has of the domain.
func (f *fake) defined(id string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if d := f.domains[id]; d != nil {
		return d.xml
	}
	return ""
}

// has reports whether there is such a network.
func (f *fake) has(network string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.networks[network] != ""
}
