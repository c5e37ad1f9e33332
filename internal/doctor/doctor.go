// SPDX-License-Identifier: GPL-2.0-or-later

// Package doctor examines a host: what is wrong, since when as far as that is
// known, and the next command to type. It changes nothing.
//
// Every check stands alone and has a time limit, so that one thing that hangs
// hides nothing else. What cannot be found out is said to be unknown; it is
// never taken for healthy.
package doctor

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"time"

	"govdsm/internal/config"
	"govdsm/internal/distro"
	"govdsm/internal/kvm"
	"govdsm/internal/pki"
	"govdsm/internal/sandbox"
)

// State is how bad a finding is.
type State string

const (
	OK      State = "OK"
	Unknown State = "?"    // could not be found out
	Warning State = "WARN" // works, or will not for long
	Failure State = "FAIL" // does not work
)

// Finding is what a check found.
type Finding struct {
	Check string    `json:"check"` // "certificates"
	State State     `json:"state"`
	Text  string    `json:"text"`
	Since time.Time `json:"since,omitzero"` // zero when not known
	Next  string    `json:"next,omitempty"` // command to type
}

// Check examines one thing.
type Check struct {
	Name string
	Run  func(ctx context.Context) []Finding
}

// Unit is what systemd says of a unit.
type Unit struct {
	Known bool      // systemd runs here and has the unit
	State string    // "active", "failed", "inactive"
	Since time.Time // of the state
}

// Host is what is examined. The functions are the outside world.
type Host struct {
	Root     string // prefix of the host's files, "" for the running host
	Sandbox  string // its folder, where the host is a sandbox
	Config   *config.Config
	Problems []config.Problem
	Distro   distro.Family

	PKI        pki.Files
	Supervdsmd string   // socket
	Libvirt    []string // sockets, one of which must answer
	VDSM       string   // HOST:PORT on which vdsmd answers
	KVM        string   // device
	Disks      []string // folders that need space

	Unit func(ctx context.Context, name string) Unit
	Boot func(ctx context.Context) kvm.Result // probes KVM
}

// Running returns the host that we are on, whose files are below root.
func Running(root string) *Host {
	c, problems := config.Load(root)
	at := func(path string) string { return root + path }
	h := &Host{
		Root: root, Config: c, Problems: problems, Distro: distro.Detect(root),
		PKI:        pki.At(at(pki.DefaultDir)),
		Supervdsmd: at("/run/vdsm/svdsm.sock"),
		VDSM:       loopback(c),
		KVM:        "/dev/kvm",
		Disks:      []string{at("/var/log/vdsm"), at("/var/lib/vdsm"), at("/run/vdsm")},
		Unit:       systemdUnit,
		Boot:       func(ctx context.Context) kvm.Result { return kvm.Probe(ctx, "") },
	}
	for _, socket := range distro.LibvirtSockets() {
		h.Libvirt = append(h.Libvirt, at(socket))
	}
	return h
}

// InSandbox returns the host that "vdsmd --sandbox dir" makes. address is where
// its daemon listens; "" is what its configuration says.
func InSandbox(dir, address string) *Host {
	l := sandbox.Layout{Dir: dir}
	h := Running(dir)
	h.Sandbox = dir
	h.PKI = pki.At(l.PKI())
	h.Supervdsmd = filepath.Join(l.Run(), "vdsm", "svdsm.sock")
	h.Libvirt = []string{filepath.Join(l.Run(), "libvirt", "libvirt-sock")}
	h.Disks = []string{dir}
	h.Distro = distro.Detect("")
	h.Unit = func(context.Context, string) Unit { return Unit{} }
	if address != "" {
		h.VDSM = address
	}
	return h
}

// Checks returns what can be examined, what matters most to the others first.
func (h *Host) Checks() []Check {
	checks := []Check{
		{"configuration", h.configuration},
		{"certificates", h.certificates},
		{"disk space", h.diskSpace},
		{"loopback", h.loopback},
		{"clock", h.clock},
		{"kvm", h.kvm},
		{"libvirt", h.libvirt},
		{"supervdsmd", h.supervdsmd},
		{"vdsmd", h.vdsmd},
	}
	if h.Sandbox == "" { // a sandbox belongs to whoever starts it
		checks = append(checks, Check{"users", h.users})
	}
	return checks
}

// Examine runs the checks at the same time and waits for each for limit at
// most. The findings come in the order of the checks. One that hangs is left
// behind: a hung disk cannot be told to give up.
func Examine(ctx context.Context, checks []Check, limit time.Duration) []Finding {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	// The checks know the limit, too: what they say of it comes just after.
	late, end := context.WithTimeout(context.WithoutCancel(ctx), limit+time.Second)
	defer end()
	results := make([]chan []Finding, len(checks))
	for i, c := range checks {
		results[i] = make(chan []Finding, 1)
		go func() { results[i] <- c.Run(ctx) }()
	}
	var all []Finding
	for i, c := range checks {
		found, ok := receive(late, results[i])
		if !ok {
			found = []Finding{{State: Unknown, Text: fmt.Sprintf("does not answer within %v", limit)}}
		}
		all = append(all, named(c.Name, found)...)
	}
	return all
}

// receive prefers a result to the end of late.
func receive(late context.Context, result <-chan []Finding) ([]Finding, bool) {
	select {
	case found := <-result:
		return found, true
	case <-late.Done():
	}
	select {
	case found := <-result:
		return found, true
	default:
		return nil, false
	}
}

func named(name string, found []Finding) []Finding {
	for i := range found {
		found[i].Check = name
	}
	return found
}

// Sick reports whether something does not work.
func Sick(found []Finding) bool {
	return slices.ContainsFunc(found, func(f Finding) bool { return f.State == Failure })
}

func ok(format string, args ...any) []Finding {
	return []Finding{{State: OK, Text: fmt.Sprintf(format, args...)}}
}

// clientTLS is the identity with which the host calls itself.
func (h *Host) clientTLS() (*tls.Config, error) {
	source, err := pki.Open(h.PKI, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return source.Client(), nil
}
