// SPDX-License-Identifier: GPL-2.0-or-later

package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
	"govdsm/internal/storage/asroot"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/mount"
	"govdsm/internal/storage/outofprocess"
)

func TestMain(m *testing.M) {
	outofprocess.ServeIfHelper()
	os.Exit(m.Run())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fakeRoot has a table of mounts of its own. A nil function succeeds.
type fakeRoot struct {
	mu     sync.Mutex
	table  mount.Table
	mounts []Mount
	mount  func(ctx context.Context, m Mount) error
	access error
}

func (r *fakeRoot) Mount(ctx context.Context, m Mount) error {
	if r.mount != nil {
		if err := r.mount(ctx, m); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mounts = append(r.mounts, m)
	r.table = append(r.table, mount.Entry{Source: m.Source, Target: m.Target})
	return nil
}

func (r *fakeRoot) Unmount(_ context.Context, target string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, e := range r.table {
		if e.Target == target {
			r.table = append(r.table[:i:i], r.table[i+1:]...)
			return nil
		}
	}
	return syscall.EINVAL
}

func (r *fakeRoot) Access(context.Context, string) error { return r.access }

// newConnections makes some below a folder. A nil root mounts nothing.
func newConnections(t *testing.T, root *fakeRoot) *Connections {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	must(t, os.Mkdir(filepath.Join(dir, "mnt"), 0o755))
	io := outofprocess.New(outofprocess.Options{})
	t.Cleanup(func() { io.Close() })
	o := Options{Repository: dir, IO: io}
	if root != nil {
		o.Root = root
	}
	c := New(o)
	if root != nil {
		c.table = func() (mount.Table, error) {
			root.mu.Lock()
			defer root.mu.Unlock()
			return append(mount.Table{}, root.table...), nil
		}
	}
	return c
}

// define makes definitions as managers send them, with ids 1, 2, …
func define(t *testing.T, members ...map[string]any) []json.RawMessage {
	t.Helper()
	var raw []json.RawMessage
	for i, m := range members {
		whole := map[string]any{"id": fmt.Sprint(i + 1), "iqn": "", "port": "", "user": "", "password": ""}
		for k, v := range m {
			whole[k] = v
		}
		b, err := json.Marshal(whole)
		must(t, err)
		raw = append(raw, b)
	}
	return raw
}

func codes(statuses []api.ConnectStorageServerStatus) (codes []int64) {
	for _, s := range statuses {
		codes = append(codes, s.Status)
	}
	return codes
}

func TestNFSOptionsAreTheOriginals(t *testing.T) {
	b, err := os.ReadFile("testdata/nfs-mount-options.json")
	must(t, err)
	var recorded []struct {
		Params  json.RawMessage
		Options string
		Source  string
		VFSType string `json:"vfs_type"`
	}
	must(t, json.Unmarshal(b, &recorded))
	for _, r := range recorded {
		var members map[string]any
		must(t, json.Unmarshal(r.Params, &members))
		root := &fakeRoot{}
		c := newConnections(t, root)
		if members == nil {
			members = map[string]any{}
		}
		members["connection"] = r.Source
		_, err := c.Connect(t.Context(), domainmd.NFS, define(t, members))
		must(t, err)
		target := filepath.Join(c.o.Repository, "mnt", "server:_path")
		want := []Mount{{Source: r.Source, Target: target, Type: r.VFSType, Options: r.Options}}
		if diff := cmp.Diff(want, root.mounts); diff != "" {
			t.Errorf("%s: %s", r.Params, diff)
		}
	}
}

func TestKindsOfMounts(t *testing.T) {
	root := &fakeRoot{}
	c := newConnections(t, root)
	c.o.NFSOptions = []string{"soft", "vers=4.2"}
	c.o.Bricks = func(context.Context, string, string) ([]string, error) { return []string{"gl", "g2", "g3", "g2"}, nil }
	for _, d := range []struct {
		kind    domainmd.Type
		members map[string]any
		want    Mount
	}{
		{domainmd.NFS, map[string]any{"connection": "[2001:db8::1]:/export/"}, // options of the configuration
			Mount{Source: "[2001:db8::1]:/export", Target: "[2001:db8::1]:_export", Type: "nfs", Options: "soft,vers=4.2"}},
		{domainmd.NFS, map[string]any{"connection": "s:/x", "protocol_version": "4"},
			Mount{Source: "s:/x", Target: "s:_x", Type: "nfs", Options: "soft,nosharecache,timeo=100,retrans=3,nfsvers=4"}},
		{domainmd.PosixFS, map[string]any{"connection": "10.0.0.1:6789:/ceph", "vfs_type": "ceph", "mnt_options": "name=admin"},
			Mount{Source: "10.0.0.1:6789:/ceph", Target: "10.0.0.1:6789:_ceph", Type: "ceph", Options: "name=admin"}},
		{domainmd.GlusterFS, map[string]any{"connection": "gl:/vol", "vfs_type": "glusterfs", "mnt_options": "log-level=INFO"},
			Mount{Source: "gl:/vol", Target: "glusterSD/gl:_vol", Type: "glusterfs", Slice: "vdsm-glusterfs",
				Options: "log-level=INFO,backup-volfile-servers=g2:g3"}},
	} {
		root.mounts = nil
		statuses, err := c.Connect(t.Context(), d.kind, define(t, d.members))
		must(t, err)
		d.want.Target = filepath.Join(c.o.Repository, "mnt", d.want.Target)
		if diff := cmp.Diff([]Mount{d.want}, root.mounts); diff != "" || statuses[0].Status != 0 {
			t.Errorf("%v: %v %s", d.members, statuses, diff)
		}
	}
}

func TestStatusesOfEach(t *testing.T) {
	root := &fakeRoot{mount: func(_ context.Context, m Mount) error {
		if strings.HasPrefix(m.Source, "bad") {
			return &asroot.CommandError{Program: "mount", Code: 32, Text: "no route", Err: errors.New("exit status 32")}
		}
		return nil
	}}
	c := newConnections(t, root)
	d := define(t,
		map[string]any{"connection": "good:/1"}, map[string]any{"connection": "bad:/2"},
		map[string]any{"connection": "good:/3", "timeout": "soon"}, map[string]any{"connection": nil},
		map[string]any{"connection": "good:/1"}, map[string]any{"connection": "good:/4", "protocol_version": "4.x"},
		map[string]any{"connection": "good:/" + strings.Repeat("x", 300)}, map[string]any{"connection": ".."})
	statuses, err := c.Connect(t.Context(), domainmd.NFS, d)
	must(t, err)
	if diff := cmp.Diff([]int64{0, 477, 1000, 1000, 0, 1000, 1000, 1000}, codes(statuses)); diff != "" {
		t.Error(diff)
	}
	if statuses[1].ID != "2" || len(root.mounts) != 1 {
		t.Errorf("%v, %d mounts", statuses, len(root.mounts))
	}
	left, _ := os.ReadDir(filepath.Join(c.o.Repository, "mnt"))
	if len(left) != 1 {
		t.Errorf("folders left: %v", left)
	}
	for range 2 { // both are successes
		statuses, err = c.Disconnect(t.Context(), domainmd.NFS, d[:2])
		must(t, err)
		if diff := cmp.Diff([]int64{0, 0}, codes(statuses)); diff != "" {
			t.Error(diff)
		}
	}
	if left, _ = os.ReadDir(filepath.Join(c.o.Repository, "mnt")); len(left) != 0 {
		t.Errorf("folders left: %v", left)
	}
}

func TestConnectionsAreMadeAtTheSameTime(t *testing.T) {
	all := make(chan struct{}, 3)
	met := make(chan struct{})
	root := &fakeRoot{mount: func(ctx context.Context, _ Mount) error {
		if all <- struct{}{}; len(all) == cap(all) {
			close(met)
		}
		select {
		case <-met:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
	c := newConnections(t, root)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	statuses, err := c.Connect(ctx, domainmd.NFS, define(t,
		map[string]any{"connection": "a:/"}, map[string]any{"connection": "b:/"}, map[string]any{"connection": "c:/"}))
	must(t, err)
	if diff := cmp.Diff([]int64{0, 0, 0}, codes(statuses)); diff != "" {
		t.Error(diff)
	}
}

func TestStorageThatMayNotBeUsedIsUnmounted(t *testing.T) {
	root := &fakeRoot{access: syscall.EACCES}
	c := newConnections(t, root)
	statuses, err := c.Connect(t.Context(), domainmd.NFS, define(t, map[string]any{"connection": "a:/"}))
	must(t, err)
	if statuses[0].Status != 469 || len(root.mounts) != 1 || len(root.table) != 0 {
		t.Errorf("%v, %v", statuses, root.table)
	}
}

func TestLocalFolder(t *testing.T) {
	c := newConnections(t, nil)
	folder, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	must(t, os.WriteFile(filepath.Join(folder, "file"), nil, 0o600))
	link, err := Target(c.o.Repository, domainmd.LocalFS, folder)
	must(t, err)
	must(t, os.Symlink("/elsewhere", link))
	d := define(t, map[string]any{"connection": folder + "//"}, map[string]any{"connection": folder + "/none"},
		map[string]any{"connection": folder + "/file"}, map[string]any{"connection": "relative"})
	for range 2 {
		statuses, err := c.Connect(t.Context(), domainmd.LocalFS, d)
		must(t, err)
		if diff := cmp.Diff([]int64{0, 1000, 1000, 1000}, codes(statuses)); diff != "" {
			t.Error(diff)
		}
		if to, err := os.Readlink(link); err != nil || to != folder {
			t.Errorf("%q, %v", to, err)
		}
	}
	for range 2 {
		statuses, err := c.Disconnect(t.Context(), domainmd.LocalFS, d[:1])
		must(t, err)
		if statuses[0].Status != 0 {
			t.Errorf("%v", statuses)
		}
	}
	if _, err := os.Lstat(link); !os.IsNotExist(err) {
		t.Errorf("the link: %v", err)
	}
	must(t, os.Mkdir(link, 0o755))
	if statuses, _ := c.Disconnect(t.Context(), domainmd.LocalFS, d[:1]); statuses[0].Status != 100 {
		t.Errorf("a folder in place of the link: %v", statuses)
	}
}

func TestSandboxMountsNothing(t *testing.T) {
	c := newConnections(t, nil)
	statuses, err := c.Connect(t.Context(), domainmd.NFS, define(t, map[string]any{"connection": "a:/"}))
	if err != nil || statuses[0].Status == 0 {
		t.Errorf("%v, %v", statuses, err)
	}
}

func TestHostileDefinitions(t *testing.T) {
	c := newConnections(t, &fakeRoot{})
	for _, raw := range []string{`null`, `[]`, `"text"`, `{}`, `{"id": 5}`, `{"id":"x"}`, `{"id":"x","connection":{}}`, `{"id":"x","connection":"[::1:/a"}`, ``} {
		statuses, err := c.Connect(t.Context(), domainmd.NFS, []json.RawMessage{json.RawMessage(raw)})
		if err != nil || statuses[0].Status == 0 && raw != `{"id":"x","connection":{}}` {
			t.Errorf("%s: %v, %v", raw, statuses, err)
		}
	}
	if _, err := c.Connect(t.Context(), domainmd.NFS, nil); !errors.Is(err, api.ErrInvalidParameterException) {
		t.Errorf("nothing: %v", err)
	}
	if got, err := c.Disconnect(t.Context(), domainmd.NFS, nil); err != nil || got == nil {
		t.Errorf("nothing: %v, %v", got, err)
	}
	if _, err := ParseType("99"); !errors.Is(err, api.ErrStorageServerAction) {
		t.Errorf("%v", err)
	}
}

// asRoot is what supervdsmd does, without it.
type asRoot struct{ *asroot.Storage }

func (r asRoot) Mount(ctx context.Context, m Mount) error {
	return r.Storage.Mount(ctx, asroot.Request(m))
}

func TestARealMount(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	c := newConnections(t, nil)
	c.o.Root = asRoot{asroot.New(asroot.Options{Repository: c.o.Repository})}
	d := define(t,
		map[string]any{"connection": "memory", "vfs_type": "tmpfs", "mnt_options": "size=1m"},
		map[string]any{"connection": "nothing", "vfs_type": "nosuchfs"})
	for range 2 {
		statuses, err := c.Connect(t.Context(), domainmd.PosixFS, d)
		must(t, err)
		if diff := cmp.Diff([]int64{0, 477}, codes(statuses)); diff != "" {
			t.Error(diff)
		}
	}
	target := filepath.Join(c.o.Repository, "mnt", "memory")
	must(t, c.o.IO.Dir(target).WriteFile(t.Context(), "file", []byte("x")))
	for range 2 {
		statuses, err := c.Disconnect(t.Context(), domainmd.PosixFS, d)
		must(t, err)
		if diff := cmp.Diff([]int64{0, 0}, codes(statuses)); diff != "" {
			t.Error(diff)
		}
	}
	if left, _ := os.ReadDir(filepath.Join(c.o.Repository, "mnt")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
