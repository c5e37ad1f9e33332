// SPDX-License-Identifier: GPL-2.0-or-later

package clusterlock

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"govdsm/api"
	"govdsm/internal/storage/domainmd"
)

// TestLocks takes the lease of a domain of each kind on a host without sanlock:
// twice by this host, and by another process of it.
func TestLocks(t *testing.T) {
	dir := t.TempDir()
	domainFile, leases := filepath.Join(dir, "ids"), filepath.Join(dir, "leases")
	if err := os.WriteFile(domainFile, nil, 0o660); err != nil {
		t.Fatal(err)
	}
	host := Locks{Local: NewLocalHost(), Dir: filepath.Join(dir, "locks")}
	defer host.Local.Close()
	other := Locks{Local: NewLocalHost(), Dir: host.Dir}
	defer other.Local.Close()
	if !host.OneHost() {
		t.Error("a host without sanlock says that it guards against others")
	}
	for _, c := range []struct {
		d    domainmd.Domain
		want error
	}{
		{domainmd.Domain{ID: "local", Type: domainmd.LocalFS, Version: 0, Alignment: 1 << 20}, nil},
		{domainmd.Domain{ID: "shared", Type: domainmd.NFS, Version: 5, Alignment: 2 << 20}, nil},
		{domainmd.Domain{ID: "old", Type: domainmd.NFS, Version: 0, Alignment: 1 << 20}, api.ErrUnsupportedDomainVersion},
	} {
		lock, lease := host.Domain(c.d, domainFile, leases)
		if want := (Lease{"SDM", leases, c.d.Alignment}); lease != want {
			t.Errorf("%s: the lease is %v, want %v", c.d.ID, lease, want)
		}
		if err := lock.AcquireHostID(t.Context(), 1, false); err != nil || !lock.HasHostID(t.Context(), 1) {
			t.Errorf("%s: host id: %v", c.d.ID, err)
		}
		if err := lock.Acquire(t.Context(), 1, lease); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.d.ID, err, c.want)
		}
		if c.want != nil {
			continue
		}
		again, _ := host.Domain(c.d, domainFile, leases)
		if owner, err := again.Inspect(t.Context(), lease); err != nil || owner.HostID != 1 {
			t.Errorf("%s: the owner is %v, %v", c.d.ID, owner, err)
		}
		late, _ := other.Domain(c.d, domainFile, leases)
		if err := late.Acquire(t.Context(), 1, lease); !errors.Is(err, api.ErrAcquireLockFailure) {
			t.Errorf("%s: a second owner: %v", c.d.ID, err)
		}
	}
}
