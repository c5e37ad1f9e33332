// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// Variable names the environment variable that allows tests to boot hosts.
const Variable = "GOVDSM_LAB"

// Enabled tells whether tests may boot hosts.
func Enabled() bool { return os.Getenv(Variable) == "1" }

// Lab is a few hosts and the networks between them.
type Lab struct {
	hosts    []*Host
	networks map[string]*Network
}

// Start boots hosts, all at once, and switches them off when the test ends.
// If the test has failed by then, what the hosts said is kept as artefacts.
// Without the permission to boot (see Enabled) the test is skipped.
func Start(t testing.TB, specs ...Spec) *Lab {
	t.Helper()
	if !Enabled() {
		t.Skipf("boots hosts: run make lab, or set %s=1", Variable)
	}
	l, err := prepare(specs)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			l.keepArtefacts(t)
		}
		l.Close()
	})
	begin := time.Now()
	if err := l.boot(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d hosts were up after %.1f s", len(specs), time.Since(begin).Seconds())
	return l
}

// Open boots hosts outside of a test. The caller must Close the lab.
func Open(ctx context.Context, specs ...Spec) (*Lab, error) {
	l, err := prepare(specs)
	if err != nil {
		return nil, err
	}
	if err := l.boot(ctx); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// prepare lays the cables and makes the disks.
func prepare(specs []Spec) (*Lab, error) {
	k, err := theKit()
	if err != nil {
		return nil, err
	}
	l := &Lab{networks: make(map[string]*Network)}
	peers := make(map[string]string)
	for i, spec := range specs {
		h := &Host{Name: spec.Name, spec: spec, kit: k, index: i + 1, peers: peers, logs: make(map[string]*record)}
		h.Place = Place{host: h}
		for _, name := range spec.nics() {
			h.links = append(h.links, l.Network(name).attach())
		}
		if len(h.links) > 0 {
			h.Address = fmt.Sprintf("10.55.0.%d", h.index)
			peers[h.Name] = h.Address
		}
		for _, d := range spec.Disks {
			file, err := d.open()
			if err != nil {
				return nil, errors.Join(err, l.Close())
			}
			h.disks = append(h.disks, file)
		}
		l.hosts = append(l.hosts, h)
	}
	return l, nil
}

// boot boots all hosts; one that fails does not keep the others from telling
// their story.
func (l *Lab) boot(ctx context.Context) error {
	errs := make([]error, len(l.hosts))
	var all sync.WaitGroup
	for i, h := range l.hosts {
		all.Go(func() { errs[i] = h.Boot(ctx) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// Close switches all hosts off and forgets their disks.
func (l *Lab) Close() error {
	var errs []error
	for _, h := range l.hosts {
		h.PowerOff()
		for _, file := range h.disks {
			errs = append(errs, file.Close())
		}
	}
	return errors.Join(errs...)
}

// Host returns the host with that name.
func (l *Lab) Host(name string) *Host {
	var names []string
	for _, h := range l.hosts {
		if h.Name == name {
			return h
		}
		names = append(names, h.Name)
	}
	panic(fmt.Sprintf("lab: no host %q, only %s", name, strings.Join(names, ", ")))
}

// Network returns the network with that name, which is there as soon as
// somebody asks for it.
func (l *Lab) Network(name string) *Network {
	if l.networks[name] == nil {
		l.networks[name] = newNetwork()
	}
	return l.networks[name]
}
