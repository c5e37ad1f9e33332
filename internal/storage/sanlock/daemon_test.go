// SPDX-License-Identifier: GPL-2.0-or-later

package sanlock_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	. "govdsm/internal/storage/sanlock"
	"govdsm/internal/storage/sanlock/sanlocktest"
)

const space = "cd613e30-d8f1-4adf-91b7-584a2265b1f5"

var geometry = Geometry{Align: 1 << 20, Sector: 512}

// written writes a lockspace and a resource as a new domain has them.
func written(t *testing.T, c *Client) (Lockspace, Resource) {
	t.Helper()
	paths := sanlocktest.Files(t, 4<<20, "ids", "leases")
	l := Lockspace{Name: space, Disk: Disk{paths[0], 0}, Geometry: geometry}
	if err := c.WriteLockspace(t.Context(), l, sanlocktest.IOTimeout); err != nil {
		t.Fatal(err)
	}
	r := Resource{Lockspace: space, Name: "SDM", Disks: []Disk{{paths[1], 1 << 20}}, Geometry: geometry}
	if err := c.WriteResource(t.Context(), r, false); err != nil {
		t.Fatal(err)
	}
	return l, r
}

// of is how commands other than those on storage name a lockspace.
func of(l Lockspace, hostID uint64) Lockspace {
	return Lockspace{Name: l.Name, HostID: hostID, Disk: l.Disk}
}

func joined(t *testing.T, c *Client, l Lockspace, hostID uint64) Lockspace {
	t.Helper()
	l = of(l, hostID)
	if err := c.AddLockspace(t.Context(), l, sanlocktest.IOTimeout, true); err != nil {
		t.Fatal(err)
	}
	return l
}

func registered(t *testing.T, c *Client) *Process {
	t.Helper()
	p, err := c.Register(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func TestStorage(t *testing.T) {
	t.Parallel()
	c := New(sanlocktest.Start(t, "host-a").RunDir)
	if major, _, _, err := c.Version(t.Context()); err != nil || major < 3 {
		t.Error(major, err)
	}
	l, r := written(t, c)

	got, timeout, err := c.ReadLockspace(t.Context(), Lockspace{Disk: l.Disk})
	want := l
	want.HostID = 1
	if err != nil || timeout != sanlocktest.IOTimeout || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, %v, want %+v", got, timeout, err, want)
	}
	read, err := c.ReadResource(t.Context(), Resource{Disks: r.Disks, Geometry: geometry})
	if err != nil || !reflect.DeepEqual(read, r) {
		t.Errorf("%+v, %v, want %+v", read, err, r)
	}
	if align, err := c.Align(t.Context(), l.Disk); err != nil || align != 1<<20 {
		t.Error(align, err)
	}

	other := r
	other.Name = "other"
	if _, err := c.ReadResource(t.Context(), other); !errors.Is(err, LeaderResource) {
		t.Error("another name:", err)
	}
	other.Disks = []Disk{{r.Disks[0].Path, 2 << 20}}
	if _, err := c.ReadResource(t.Context(), other); !errors.Is(err, LeaderMagic) {
		t.Error("nothing there:", err)
	}
	// An external lease that is removed has empty names.
	empty := Resource{Disks: r.Disks, Geometry: geometry}
	if err := c.WriteResource(t.Context(), empty, false); err != nil {
		t.Fatal(err)
	}
	if read, err := c.ReadResource(t.Context(), empty); err != nil || !reflect.DeepEqual(read, empty) {
		t.Errorf("%+v, %v", read, err)
	}
	if err := c.WriteResource(t.Context(), empty, true); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ReadResource(t.Context(), empty); !errors.Is(err, LeaderMagic) {
		t.Error("cleared:", err)
	}
	if _, err := c.ReadResource(t.Context(), Resource{Disks: []Disk{{"/nowhere/x", 0}}}); err == nil {
		t.Error("read a file that is not there")
	}
	for name, bad := range map[string]Resource{
		"long name":  {Lockspace: strings.Repeat("x", 49), Disks: r.Disks},
		"NUL":        {Lockspace: "x", Name: "a\x00", Disks: r.Disks},
		"long path":  {Disks: []Disk{{strings.Repeat("x", 1024), 0}}},
		"many disks": {Disks: make([]Disk, 5)},
		"offset":     {Disks: []Disk{{"x", -1}}},
	} {
		if err := c.WriteResource(t.Context(), bad, false); err == nil || errors.As(err, new(*Error)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMembership(t *testing.T) {
	t.Parallel()
	c := New(sanlocktest.Start(t, "host-a").RunDir)
	l, _ := written(t, c)
	l = of(l, 1)
	if m, err := c.InquireLockspace(t.Context(), l, false); m != NotMember || err != nil {
		t.Error(m, err)
	}
	if _, err := c.Hosts(t.Context(), space, 1); !errors.Is(err, syscall.ENOENT) {
		t.Error(err)
	}
	if err := c.AddLockspace(t.Context(), l, sanlocktest.IOTimeout, false); err != nil {
		t.Fatal(err)
	}
	if err := c.AddLockspace(t.Context(), l, sanlocktest.IOTimeout, false); !errors.Is(err, syscall.EINPROGRESS) && !errors.Is(err, syscall.EEXIST) {
		t.Error(err)
	}
	if m, err := c.InquireLockspace(t.Context(), l, true); m != Member || err != nil {
		t.Fatal(m, err)
	}
	if err := c.AddLockspace(t.Context(), l, sanlocktest.IOTimeout, true); !errors.Is(err, syscall.EEXIST) {
		t.Error(err)
	}
	all, err := c.Lockspaces(t.Context())
	if err != nil || len(all) != 1 || all[0].Name != space || all[0].HostID != 1 || all[0].Disk != l.Disk || all[0].Adding {
		t.Errorf("%+v, %v", all, err)
	}
	hosts, err := c.Hosts(t.Context(), space, 1)
	for deadline := time.Now().Add(time.Minute); errors.Is(err, syscall.EAGAIN) && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond) // the daemon has not looked at the hosts yet
		hosts, err = c.Hosts(t.Context(), space, 1)
	}
	if err != nil || len(hosts) != 1 || hosts[0].ID != 1 || hosts[0].Generation != 1 ||
		hosts[0].IOTimeout != 1 || hosts[0].Status != HostLive && hosts[0].Status != HostUnknown {
		t.Errorf("%+v, %v", hosts, err)
	}
	if err := c.RemoveLockspace(t.Context(), l, true, true); err != nil {
		t.Error(err)
	}
	if err := c.RemoveLockspace(t.Context(), l, true, true); !errors.Is(err, syscall.ENOENT) {
		t.Error(err)
	}
}

// Two hosts want one lease: one gets it, the other learns why not.
func TestTwoHosts(t *testing.T) {
	t.Parallel()
	a, b := New(sanlocktest.Start(t, "host-a").RunDir), New(sanlocktest.Start(t, "host-b").RunDir)
	l, r := written(t, a)
	joined(t, a, l, 1)
	second := joined(t, b, l, 2)
	pa, pb := registered(t, a), registered(t, b)

	if resources, err := pa.Inquire(t.Context()); err != nil || len(resources) != 0 {
		t.Error(resources, err)
	}
	if err := pa.Acquire(t.Context(), r, AcquireOptions{LVB: true}); err != nil {
		t.Fatal(err)
	}
	resources, err := pa.Inquire(t.Context())
	want := []Resource{{Lockspace: space, Name: "SDM", Disks: r.Disks, Version: 1}}
	if err != nil || !reflect.DeepEqual(resources, want) {
		t.Errorf("%+v, %v", resources, err)
	}
	if err := pb.Acquire(t.Context(), r, AcquireOptions{}); !errors.Is(err, AcquireIDLive) {
		t.Error("the second owner:", err)
	}
	owners, err := b.Owners(t.Context(), r)
	if err != nil || len(owners) != 1 || owners[0].ID != 1 || owners[0].Generation != 1 {
		t.Errorf("%+v, %v", owners, err)
	}
	if err := b.RemoveLockspace(t.Context(), second, true, true); err != nil {
		t.Error("a host without leases leaves:", err)
	}
	if err := a.RemoveLockspace(t.Context(), of(l, 1), true, true); !errors.Is(err, syscall.EBUSY) {
		t.Error("a host with a lease leaves:", err)
	}

	// What the holder leaves in the block, the next one finds.
	data := make([]byte, 512)
	copy(data, `{"type":"JOB"}`)
	if err := a.SetLVB(t.Context(), r, data); err != nil {
		t.Fatal(err)
	}
	if err := pa.Release(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if err := pa.Release(t.Context(), r); err == nil {
		t.Error("released twice")
	}
	if owners, err := b.Owners(t.Context(), r); err != nil || len(owners) != 0 {
		t.Error(owners, err)
	}
	joined(t, b, l, 2)
	if err := pb.Acquire(t.Context(), r, AcquireOptions{LVB: true}); err != nil {
		t.Fatal(err)
	}
	if got, err := b.GetLVB(t.Context(), r, 512); err != nil || string(got) != string(data) {
		t.Errorf("%q, %v", got, err)
	}
	if read, err := a.ReadResource(t.Context(), r); err != nil || read.Version != 2 {
		t.Error(read, err)
	}
}

// The leases of a process end with its registration, and it learns when the
// daemon goes.
func TestLost(t *testing.T) {
	t.Parallel()
	d := sanlocktest.Start(t, "host-a")
	c := New(d.RunDir)
	l, r := written(t, c)
	joined(t, c, l, 1)
	p := registered(t, c)
	if err := p.Acquire(t.Context(), r, AcquireOptions{}); err != nil {
		t.Fatal(err)
	}
	p.Close()
	p.Close()
	if err := p.Release(t.Context(), r); !errors.Is(err, ErrLost) {
		t.Error(err)
	}
	p = registered(t, c)
	deadline := time.Now().Add(time.Minute)
	for p.Acquire(t.Context(), r, AcquireOptions{}) != nil { // until the daemon has released it
		if time.Now().After(deadline) {
			t.Fatal("the lease of a registration that ended is still held")
		}
		time.Sleep(50 * time.Millisecond)
	}

	d.Kill()
	select {
	case <-p.Lost():
	case <-time.After(time.Minute):
		t.Fatal("not told that the daemon is gone")
	}
	if _, err := p.Inquire(t.Context()); !errors.Is(err, ErrLost) {
		t.Error(err)
	}
	if _, err := c.Register(t.Context()); !errors.Is(err, ErrNoDaemon) {
		t.Error(err)
	}
	if _, err := c.InquireLockspace(t.Context(), l, false); !errors.Is(err, ErrNoDaemon) {
		t.Error("no daemon, and yet an answer:", err)
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	a, b := New(sanlocktest.Start(t, "host-a").RunDir), New(sanlocktest.Start(t, "host-b").RunDir)
	l, _ := written(t, a)
	joined(t, a, l, 1)
	joined(t, b, l, 2)
	if _, err := a.RegisterEvents(t.Context(), "none"); !errors.Is(err, syscall.ENOENT) {
		t.Error(err)
	}
	events, err := b.RegisterEvents(t.Context(), space)
	if err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := events.Next(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if err := a.SetEvent(t.Context(), space, Event{HostID: 2, Event: 4, Data: 7}, EventCurrentGeneration); err != nil {
		t.Fatal(err)
	}
	got, err := events.Next(t.Context())
	if err != nil || got.Event.Event != 4 || got.Data != 7 || got.FromHost != 1 || got.FromGeneration != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if err := events.End(t.Context()); err != nil {
		t.Error(err)
	}
}
