// SPDX-License-Identifier: GPL-2.0-or-later

package server

import (
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"govdsm/internal/storage/asroot"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/mount"
	"govdsm/internal/storage/outofprocess"
	"govdsm/lab"
	"govdsm/lab/fixture"
)

// TestNFSInTheLab boots a host that serves NFS to itself: one server with
// several addresses, each of which can be frozen alone.
func TestNFSInTheLab(t *testing.T) {
	h := lab.Start(t, lab.Spec{Name: "storage"}).Host("storage")
	h.Requires(t, "mount.nfs", "nft")
	fixture.NFS(t, h)
	h.Sh(t, "modprobe -a nfsv3 nfsv4; ip link set lo up")
	h.GoTest(t, "TestNFSInside")
}

// sh runs a script in the host.
func sh(t *testing.T, script string) {
	t.Helper()
	if out, err := exec.Command("sh", "-euc", script).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", script, err, out)
	}
}

func freeze(t *testing.T) {
	t.Helper()
	sh(t, `nft 'table inet frozen { chain in { type filter hook input priority 0; ip daddr 127.0.0.2 tcp dport 2049 drop; }; }'`)
}

func thaw(t *testing.T) {
	t.Helper()
	sh(t, "nft delete table inet frozen")
}

// work writes and checks a file, and says how long that took.
func work(t *testing.T, d *outofprocess.Dir) time.Duration {
	t.Helper()
	began := time.Now()
	for i := range 30 {
		must(t, d.WriteFile(t.Context(), "metadata", []byte(strconv.Itoa(i))))
		if _, err := d.Check(t.Context(), "metadata"); err != nil {
			t.Fatal(err)
		}
	}
	return time.Since(began).Round(time.Millisecond)
}

func TestNFSInside(t *testing.T) {
	if !lab.Inside() {
		t.Skip("runs in a host only")
	}
	c := newConnections(t, nil)
	must(t, os.Chmod(filepath.Dir(c.o.Repository), 0o755)) // for nobody, who is asked whether he may
	root := asroot.New(asroot.Options{
		Repository: c.o.Repository,
		Users:      []asroot.User{{Name: "nobody", Write: true}},
	})
	c.o.Root = asRoot{root}
	c.o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	c.o.IO = outofprocess.New(outofprocess.Options{Timeout: 15 * time.Second, Slots: 3, Queue: 3})
	defer c.o.IO.Close()
	ctx := t.Context()
	d := define(t,
		map[string]any{"connection": "127.0.0.1:/lab", "protocol_version": "4.2"},
		map[string]any{"connection": "127.0.0.2:/lab//", "protocol_version": "4.1"},
		map[string]any{"connection": "[::1]:/lab", "protocol_version": "4"},
		map[string]any{"connection": "127.0.0.3:/lab"}, // version 3
		map[string]any{"connection": "127.0.0.4:/none", "protocol_version": "auto"})
	for range 2 {
		statuses, err := c.Connect(ctx, domainmd.NFS, d)
		must(t, err)
		if diff := cmp.Diff([]int64{0, 0, 0, 0, 477}, codes(statuses)); diff != "" {
			t.Fatal(diff)
		}
	}
	table, err := mount.Read()
	must(t, err)
	dir := func(name string) *outofprocess.Dir {
		target := filepath.Join(c.o.Repository, "mnt", name)
		e, ok := table.At(target)
		if !ok || !slices.Contains(e.Options, "soft") || !slices.Contains(e.Options, "nosuid") {
			t.Errorf("%s: %+v", name, e)
		}
		return c.o.IO.Dir(target)
	}
	good, bad := dir("127.0.0.1:_lab"), dir("127.0.0.2:_lab")
	dir("[::1]:_lab")
	dir("127.0.0.3:_lab")
	must(t, good.WriteFile(ctx, "file", []byte("seen by all")))
	if got, err := bad.ReadDirect(ctx, "file"); err != nil || string(got) != "seen by all" {
		t.Fatalf("%q, %v", got, err)
	}
	if size, err := good.ProbeBlockSize(ctx, "."); err != nil || size != 1 {
		t.Errorf("block size %d, %v", size, err)
	}

	alone := work(t, good)
	for round := range 2 {
		freeze(t)
		frozen := make(chan error, 5)
		for range cap(frozen) {
			go func() { frozen <- bad.WriteFile(ctx, "late"+strconv.Itoa(round), []byte("x")) }()
		}
		beside := work(t, good)
		t.Logf("writes and checks: %v alone, %v beside a frozen server", alone, beside)
		if beside > 10*alone+30*time.Second { // a machine may be busy; a frozen server is worse
			t.Error("the frozen server holds the other one up")
		}
		for range cap(frozen) {
			if err := <-frozen; !errors.Is(err, outofprocess.ErrTimeout) && !errors.Is(err, outofprocess.ErrBusy) {
				t.Errorf("frozen: %v", err)
			}
		}
		thaw(t)
		began := time.Now()
		for end := began.Add(3 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
			got, err := bad.ReadDirect(ctx, "file")
			if err == nil && string(got) == "seen by all" {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("after the thaw: %v", err)
			}
		}
		t.Logf("the thawed server is back after %v", time.Since(began).Round(time.Millisecond))
	}

	freeze(t)
	if _, err := bad.Stat(ctx, "file"); !errors.Is(err, outofprocess.ErrTimeout) {
		t.Errorf("frozen: %v", err)
	}
	began := time.Now()
	statuses, err := c.Disconnect(ctx, domainmd.NFS, d)
	must(t, err)
	t.Logf("disconnecting, one of them frozen: %v", time.Since(began).Round(time.Millisecond))
	if diff := cmp.Diff([]int64{0, 0, 0, 0, 0}, codes(statuses)); diff != "" {
		t.Error(diff)
	}
	thaw(t)
}
