// SPDX-License-Identifier: GPL-2.0-or-later

package pool_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/outofprocess"
	"govdsm/internal/storage/pool"
	"govdsm/internal/storage/resource"
	"govdsm/internal/storage/task"
)

func TestMain(m *testing.M) {
	outofprocess.ServeIfHelper()
	manageIfChild()
	os.Exit(m.Run())
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// disk is what hosts share.
type disk struct{ top string }

// node is a host, or a process on it, that uses a disk.
type node struct {
	*pool.Pools
	domains *domain.Repository
	tasks   *task.Manager
	locks   *resource.Locks
	dc      string
	close   func()
	lost    chan error // it should have ended
	doomed  bool       // that is meant
}

// newNode starts a host with folders of the disk as mounts. It shares them
// through a sanlock daemon, if there is one.
func (d disk) newNode(t testing.TB, shared *clusterlock.Host) *node {
	t.Helper()
	n := &node{dc: filepath.Join(t.TempDir(), "dc"), locks: resource.New(time.Minute), lost: make(chan error, 9)}
	must(t, os.MkdirAll(filepath.Join(n.dc, "mnt"), 0o755))
	folders, err := os.ReadDir(d.top)
	must(t, err)
	for _, f := range folders {
		must(t, os.Symlink(filepath.Join(d.top, f.Name()), filepath.Join(n.dc, "mnt", "_"+f.Name())))
	}
	io := outofprocess.New(outofprocess.Options{})
	own := clusterlock.NewLocalHost()
	o := pool.Options{
		Repository: n.dc, Locks: n.locks, GuardEvery: 100 * time.Millisecond,
		Lost: func(err error) { n.lost <- err },
		Lock: (*domain.Domain).ClusterLock,
	}
	if shared != nil {
		o.Held = shared.Held
	}
	n.domains = domain.NewRepository(domain.Options{Path: n.dc, IO: io, Locks: &clusterlock.Locks{Sanlock: shared, Local: own, Dir: n.dc}})
	n.tasks = task.NewManager(task.Options{Locks: n.locks})
	o.Domains, o.Tasks = n.domains, n.tasks
	n.Pools = pool.New(o)
	closed := false
	n.close = func() {
		if !closed {
			closed = true
			n.tasks.Close(time.Minute)
			select {
			case err := <-n.lost:
				if !n.doomed {
					t.Errorf("a lease is lost: %v", err)
				}
			default:
			}
			n.Pools.Close()
			own.Close()
			io.Close()
		}
	}
	t.Cleanup(n.close)
	return n
}

// newDisk makes a disk with so many folders.
func newDisk(t testing.TB, folders int) disk {
	d := disk{t.TempDir()}
	for i := range folders {
		must(t, os.Mkdir(filepath.Join(d.top, string(rune('a'+i))), 0o755))
	}
	return d
}

// create makes a local domain in a folder.
func (n *node) create(t testing.TB, folder string, class domainmd.Class) string {
	t.Helper()
	id := uuid.NewString()
	mount := filepath.Join(n.dc, "mnt", "_"+folder)
	_, err := n.domains.Create(t.Context(), domain.Spec{
		ID: id, Name: folder, Type: domainmd.LocalFS, Class: class, Version: domainmd.Version5,
		RemotePath: mount, MountPoint: mount, MaxHosts: 250,
	})
	must(t, err)
	return id
}

func (n *node) known(t testing.TB, id string) domainmd.Domain {
	t.Helper()
	d, err := n.domains.Domain(t.Context(), id)
	must(t, err)
	m, err := d.Metadata(t.Context())
	must(t, err)
	known, err := m.Domain()
	must(t, err)
	return known
}

func (n *node) status(t testing.TB, id string) domainmd.Status {
	t.Helper()
	members, err := n.Connected().Domains(t.Context())
	must(t, err)
	s, _ := domainmd.Pool{Domains: members}.Status(id)
	return s
}

// done waits for a task.
func (n *node) done(t testing.TB, id string, err error) api.TaskStatus {
	t.Helper()
	must(t, err)
	tk, err := n.tasks.Task(id)
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	must(t, tk.Wait(ctx))
	return tk.Status()
}

var numbers = pool.LeaseNumbers{Renewal: 5, LeaseTime: 60, IOTimeout: 10, Retries: 3}

// manage makes a pool on a domain, and this host its manager.
func (n *node) manage(t testing.TB, master string) string {
	t.Helper()
	id := uuid.NewString()
	must(t, n.Create(t.Context(), id, "test", master, 1, []string{master}, numbers))
	must(t, n.Connect(t.Context(), id, 1, master, 1, pool.Members{master: "active"}))
	n.start(t, id)
	return id
}

func (n *node) start(t testing.TB, id string) {
	t.Helper()
	started, err := n.StartSPM(t.Context(), id, pool.Start{PrevID: -1, PrevLver: "-1"})
	if s := n.done(t, started, err); s.TaskResult != "success" {
		t.Fatalf("starting: %+v", s)
	}
	must(t, n.tasks.Clear(t.Context(), started))
}

func (n *node) link(t testing.TB, pool, name string) string {
	t.Helper()
	to, err := os.Readlink(filepath.Join(n.dc, pool, name))
	if errors.Is(err, os.ErrNotExist) {
		return ""
	}
	must(t, err)
	return to
}

// A second domain joins, is used, becomes the master, and leaves.
func TestMembership(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	n := newDisk(t, 2).newNode(t, nil)
	a, b := n.create(t, "a", domainmd.Data), n.create(t, "b", domainmd.Data)
	id := n.manage(t, a)
	for range 2 {
		must(t, n.Attach(ctx, id, b))
	}
	if pools := n.known(t, b).Pools; !slices.Equal(pools, []string{id}) || n.status(t, b) != domainmd.StatusAttached {
		t.Errorf("attached: %v, %v", pools, n.status(t, b))
	}
	for range 2 {
		must(t, n.Activate(ctx, id, b))
	}
	if n.status(t, b) != domainmd.StatusActive || n.link(t, id, b) != filepath.Join(n.dc, "mnt/_b", b) {
		t.Errorf("active: %v, link %q", n.status(t, b), n.link(t, id, b))
	}
	if err := n.Detach(ctx, id, b); !errors.Is(err, api.ErrStorageDomainIllegalState) {
		t.Errorf("detaching a domain in use: %v", err)
	}
	vm := uuid.NewString()
	must(t, n.UpdateVMs(ctx, id, "", []pool.VM{{ID: vm, OVF: "<ovf ü/>"}}))

	switched, err := n.SwitchMaster(ctx, id, a, b, 2)
	if s := n.done(t, switched, err); s.TaskResult != "success" {
		t.Fatalf("switching: %+v", s)
	}
	if n.known(t, a).Role != domainmd.Regular || n.known(t, b).Role != domainmd.Master {
		t.Errorf("roles: %v, %v", n.known(t, a).Role, n.known(t, b).Role)
	}
	if n.link(t, id, "mastersd") != filepath.Join(n.dc, "mnt/_b", b) {
		t.Errorf("mastersd leads to %q", n.link(t, id, "mastersd"))
	}
	if found, err := n.Descriptions(ctx, id, "", nil); err != nil || found[vm] != "<ovf ü/>" {
		t.Errorf("descriptions after the switch: %v, %v", found, err)
	}
	if _, err := os.Stat(filepath.Join(n.dc, id, "mastersd/master/tasks", switched, switched+".task")); err != nil {
		t.Errorf("the task is not on the new master: %v", err)
	}
	must(t, n.tasks.Clear(ctx, switched))
	must(t, n.RemoveVM(ctx, id, "", vm))
	if vms, err := n.VMs(ctx, id, ""); err != nil || len(vms) > 0 {
		t.Errorf("descriptions after removal: %v, %v", vms, err)
	}

	must(t, n.Deactivate(ctx, id, a, pool.Blank, 0))
	must(t, n.Detach(ctx, id, a))
	if pools := n.known(t, a).Pools; len(pools) > 0 || n.status(t, a) != "" || n.link(t, id, a) != "" {
		t.Errorf("detached: %v, %q, link %q", pools, n.status(t, a), n.link(t, id, a))
	}
	if err := n.Detach(ctx, id, b); !errors.Is(err, api.ErrStorageDomainIllegalState) && !errors.Is(err, api.ErrCannotDetachMasterStorageDomain) {
		t.Errorf("detaching the master: %v", err)
	}
	must(t, n.StopSPM(ctx, id))
	if err := n.Attach(ctx, id, a); !errors.Is(err, api.ErrSpmStatus) {
		t.Errorf("attaching without being SPM: %v", err)
	}
	must(t, n.Disconnect(ctx, id))
	if left, err := os.ReadDir(n.dc); err != nil || len(left) != 1 {
		t.Errorf("left in the repository: %v, %v", left, err)
	}
}

// Only one of two processes manages a pool, and the other one may when the
// first has ended.
func TestTwoManagers(t *testing.T) {
	t.Parallel()
	d := newDisk(t, 1)
	first, second := d.newNode(t, nil), d.newNode(t, nil)
	master := first.create(t, "a", domainmd.Data)
	id := first.manage(t, master)
	must(t, second.Connect(t.Context(), id, 2, master, 1, pool.Members{master: "active"}))
	started, err := second.StartSPM(t.Context(), id, pool.Start{})
	if s := second.done(t, started, err); s.Code != int64(api.ErrAcquireLockFailure.Number) || s.TaskResult != "cleanSuccess" {
		t.Errorf("a second manager: %+v", s)
	}
	if role := second.Connected().Role(); role != api.SpmRoleFree {
		t.Errorf("its role is %v", role)
	}
	first.close()
	second.start(t, id)
}

// The master is lost: another domain takes its place.
func TestReconstructMaster(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	n := newDisk(t, 2).newNode(t, nil)
	a, b := n.create(t, "a", domainmd.Data), n.create(t, "b", domainmd.Data)
	id := n.manage(t, a)
	must(t, n.Attach(ctx, id, b))
	must(t, n.Activate(ctx, id, b))
	members := pool.Members{a: "unknown", b: "active"}
	if err := n.ReconstructMaster(ctx, id, 1, "test", b, 2, members, numbers); !errors.Is(err, api.ErrStoragePoolConnected) {
		t.Errorf("of a connected pool: %v", err)
	}
	must(t, n.StopSPM(ctx, id))
	must(t, n.Disconnect(ctx, id))
	must(t, n.ReconstructMaster(ctx, id, 1, "test", b, 2, members, numbers))
	if err := n.Connect(ctx, id, 1, b, 2, nil); err != nil { // what is written counts
		t.Fatal(err)
	}
	if n.status(t, a) != domainmd.StatusUnknown || n.status(t, b) != domainmd.StatusActive {
		t.Errorf("members: %v %v", n.status(t, a), n.status(t, b))
	}
	n.start(t, id)
	if s, err := n.Connected().Status(ctx); err != nil || s.SPMID != 1 || s.SPMLver != 0 || s.SPMStatus != api.SpmRoleSPM {
		t.Errorf("status on disk: %+v, %v", s, err)
	}
}

// Forced detaching ends what a lost pool has left in a domain.
func TestForcedDetach(t *testing.T) {
	t.Parallel()
	d := newDisk(t, 1)
	n := d.newNode(t, nil)
	a := n.create(t, "a", domainmd.Data)
	must(t, n.Create(t.Context(), uuid.NewString(), "lost", a, 1, []string{a}, numbers))
	must(t, n.ForcedDetach(t.Context(), pool.Blank, a))
	if k := n.known(t, a); len(k.Pools) > 0 || k.Role != domainmd.Regular {
		t.Errorf("%+v", k)
	}
	n.manage(t, a)
}

// Bad input is refused before anything is written.
func TestRefused(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	n := newDisk(t, 1).newNode(t, nil)
	a := n.create(t, "a", domainmd.Data)
	text := func() string {
		b, err := os.ReadFile(filepath.Join(n.dc, "mnt/_a", a, "dom_md/metadata"))
		must(t, err)
		return string(b)
	}
	before := text()
	id := uuid.NewString()
	for name, refused := range map[string]struct {
		err  error
		want error
	}{
		"pool without its master":  {n.Create(ctx, id, "x", uuid.NewString(), 1, []string{a}, numbers), api.ErrInvalidParameterException},
		"pool with a hostile id":   {n.Create(ctx, "../../etc", "x", a, 1, []string{a}, numbers), api.ErrInvalidParameterException},
		"pool with a long name":    {n.Create(ctx, id, string(make([]byte, 51)), a, 1, []string{a}, numbers), api.ErrStoragePoolDescriptionTooLong},
		"pool of a missing domain": {n.Create(ctx, id, "x", a, 1, []string{a, uuid.NewString()}, numbers), api.ErrStorageDomainAccess},
		"connect without master":   {n.Connect(ctx, id, 1, uuid.NewString(), 1, pool.Members{a: "active"}), api.ErrStoragePoolMasterNotFound},
		"connect to no master":     {n.Connect(ctx, id, 1, a, 1, pool.Members{a: "active"}), api.ErrStoragePoolWrongMaster},
		"connect with status":      {n.Connect(ctx, id, 1, a, 1, pool.Members{a: "broken"}), api.ErrStorageDomainStatus},
		"connect with member":      {n.Connect(ctx, id, 1, a, 1, pool.Members{"../x": "active"}), api.ErrInvalidParameterException},
		"connect with host id 0":   {n.Connect(ctx, id, 0, a, 1, pool.Members{a: "active"}), api.ErrInvalidParameterException},
		"connect with 2001":        {n.Connect(ctx, id, 2001, a, 1, pool.Members{a: "active"}), api.ErrInvalidParameterException},
		"disconnect":               {n.Disconnect(ctx, id), nil},
		"destroy":                  {n.Destroy(ctx, id, 1), api.ErrStoragePoolUnknown},
		"spmStop":                  {n.StopSPM(ctx, id), api.ErrStoragePoolUnknown},
	} {
		if !errors.Is(refused.err, refused.want) || refused.want == nil && refused.err != nil {
			t.Errorf("%s: %v, want %v", name, refused.err, refused.want)
		}
	}
	if text() != before {
		t.Error("something was written")
	}
	if left, err := os.ReadDir(n.dc); err != nil || len(left) != 1 {
		t.Errorf("left in the repository: %v, %v", left, err)
	}
	if held := n.locks.Held(); len(held) > 0 {
		t.Errorf("still locked: %v", held)
	}
}
