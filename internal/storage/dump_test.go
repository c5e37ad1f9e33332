// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"govdsm/api"
)

// direct is what sanlock finds in a file, as the original reads it.
func direct(t *testing.T, folder, file string, fields int) (leases []api.LeaseDump) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/usr/sbin/sanlock", "direct", "dump", file, "-Z", "512", "-A", "1M")
	cmd.Dir = folder
	out, err := cmd.Output()
	must(t, err)
	number := func(text string) uint64 {
		n, err := strconv.ParseUint(text, 10, 64)
		must(t, err)
		return n
	}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n")[1:] {
		f := strings.Fields(line)
		if len(f) < fields {
			t.Fatalf("sanlock says %q", line)
		}
		l := api.LeaseDump{
			Offset: api.Ulong(number(f[0])), Lockspace: f[1], Resource: f[2],
			Timestamp: number(f[3]), Own: number(f[4]), Gen: number(f[5]),
		}
		if fields == 7 {
			l.Lver = new(number(f[6]))
		}
		leases = append(leases, l)
	}
	return leases
}

// A full dump tells of leases what sanlock finds in the files.
func TestDumpLeases(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	sd := m.domain.ID()
	m.task("Lease.create", `{"lease": {"sd_id": %q, "lease_id": %q}}`, sd, uuid.NewString())
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		got, err := m.call("StorageDomain.dump", `{"sd_id": %q, "full": true}`, sd)
		must(t, err)
		var dump struct {
			Leases, Lockspace []api.LeaseDump
			Xleases           map[string]any
		}
		must(t, json.Unmarshal([]byte(got), &dump))
		folder := m.domain.Path("dom_md")
		leases, hosts := direct(t, folder, "leases:0:104857600", 7), direct(t, folder, "ids:0:1048576", 6)
		want, err := json.Marshal([]any{leases, hosts})
		must(t, err)
		have, err := json.Marshal([]any{dump.Leases, dump.Lockspace})
		must(t, err)
		if string(want) == string(have) && len(leases) == 1 && leases[0].Own == 1 && len(hosts) > 0 && len(dump.Xleases) == 1 {
			break
		}
		if time.Now().After(deadline) { // hosts renew their leases meanwhile
			t.Fatalf("sanlock has\n%s, the dump\n%s", want, have)
		}
	}
	if got, err := m.call("StorageDomain.dump", `{"sd_id": %q}`, sd); err != nil || strings.Contains(got, "lockspace") {
		t.Errorf("a dump that is not full: %s, %v", got, err)
	}
}

func TestFormatBrokenDomain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for name, spoil := range map[string]func(metadata string) error{
		"none":     os.Remove,
		"empty":    func(file string) error { return os.WriteFile(file, nil, 0o644) },
		"garbage":  func(file string) error { return os.WriteFile(file, []byte("\x00\xff garbage"), 0o644) },
		"checksum": func(file string) error { return os.WriteFile(file, []byte("SDUUID=x\n_SHA_CKSUM=0\n"), 0o644) },
		"another's": func(file string) error {
			b, err := os.ReadFile(file)
			return errors.Join(err, os.WriteFile(file, []byte(strings.ReplaceAll(string(b), "LOCALFS", "NOTHING")), 0o644))
		},
	} {
		id := uuid.NewString()
		r.want(nothing, "StorageDomain.create", r.create(id, nil))
		metadata := filepath.Join(r.folder, id, "dom_md", "metadata")
		must(t, spoil(metadata))
		of := map[string]any{"storagedomainID": id, "autoDetach": "false"}
		if got, err := r.call("StorageDomain.validate", of); err == nil {
			t.Errorf("%s: valid: %s", name, got)
		}
		r.want(nothing, "StorageDomain.format", of)
		if _, err := os.Lstat(filepath.Join(r.folder, id)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: it is still there: %v", name, err)
		}
		r.refused(358, "Storage domain does not exist", "StorageDomain.format", of)
	}
	for _, bad := range []string{"..", "../" + filepath.Base(r.folder), uuid.NewString()} {
		r.refused(358, "Storage domain does not exist", "StorageDomain.format", map[string]any{"storagedomainID": bad, "autoDetach": false})
	}
}

// The pool tells where the discs of its ISO domain are.
func TestISOPrefix(t *testing.T) {
	t.Parallel()
	m := newManager(t)
	folder := filepath.Join(m.top, "iso")
	must(t, errors.Join(os.Mkdir(folder, 0o755), os.Symlink(folder, filepath.Join(m.top, "dc/mnt", strings.ReplaceAll(folder, "/", "_")))))
	id := uuid.NewString()
	m.want("true", "StorageDomain.create",
		`{"storagedomainID": %q, "domainType": 4, "typeArgs": %q, "name": "iso", "domainClass": 2, "version": "5"}`, id, folder)
	m.want("true", "StorageDomain.attach", `{"storagedomainID": %q, "storagepoolID": %q}`, id, m.pool)
	must(t, m.s.pools.Connect(t.Context(), m.pool, 1, m.domain.ID(), 1, map[string]string{m.domain.ID(): "active", id: "attached"}))
	m.want("true", "StorageDomain.activate", `{"storagedomainID": %q, "storagepoolID": %q}`, id, m.pool)
	suffix := id + "/images/11111111-1111-1111-1111-111111111111"
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		got, err := m.call("StoragePool.getInfo", `{"storagepoolID": %q}`, m.pool)
		must(t, err)
		var info struct {
			Info    struct{ Isoprefix string }
			Dominfo map[string]struct{ Isoprefix string }
		}
		must(t, json.Unmarshal([]byte(got), &info))
		if strings.HasSuffix(info.Info.Isoprefix, suffix) && info.Dominfo[id].Isoprefix == info.Info.Isoprefix &&
			info.Dominfo[m.domain.ID()].Isoprefix == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(got)
		}
	}
}
