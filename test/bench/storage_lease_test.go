// SPDX-License-Identifier: GPL-2.0-or-later

package bench

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/directio"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/outofprocess"
	"govdsm/internal/storage/sanlock"
	"govdsm/internal/storage/sanlock/sanlocktest"
)

// BenchmarkStorageLeases compares what the task of Lease.create does, with the
// real sanlock, with a loop of the same steps: the index is read, sanlock
// writes the lease, the record is written. In turns. What tasks cost beside
// that is in StorageCreate.
func BenchmarkStorageLeases(b *testing.B) {
	createLeases(b, number(b, "BENCH_LEASES", 1000)).report(b)
}

func createLeases(tb testing.TB, leases int) figures {
	daemon := sanlocktest.Start(tb, "bench")
	client := sanlock.New(daemon.RunDir)
	h := clusterlock.NewHost(clusterlock.Options{
		RunDir: daemon.RunDir, IOTimeout: sanlocktest.IOTimeout, Log: slog.New(slog.DiscardHandler), OnLost: func(err error) { tb.Error(err) },
	})
	tb.Cleanup(h.Close)
	d := leasedDomain(tb, h)
	volume, err := d.ExternalLeases(tb.Context())
	must(tb, err)
	must(tb, volume.Format(d.ID(), time.Now()))
	ours := func() {
		v, err := d.ExternalLeases(tb.Context())
		must(tb, err)
		index, err := v.Open()
		must(tb, err)
		_, err = index.Add(tb.Context(), uuid.NewString())
		must(tb, err)
	}

	name := filepath.Join(tb.TempDir(), "xleases")
	text, err := os.ReadFile(d.Path(domain.XLeasesFile))
	must(tb, err)
	must(tb, os.WriteFile(name, text, 0o660))
	file, err := directio.Open(name)
	must(tb, err)
	tb.Cleanup(func() { file.Close() })
	const indexAt, indexSize, first = 1 << 20, 253952, 3
	written := int64(0)
	bare := func() {
		_, err := file.ReadAt(directio.Buffer(indexSize), indexAt)
		must(tb, err)
		must(tb, client.WriteResource(tb.Context(), sanlock.Resource{
			Lockspace: d.ID(), Name: uuid.NewString(), Disks: []sanlock.Disk{{Path: name, Offset: (first + written) << 20}},
			Geometry: sanlock.Geometry{Align: 1 << 20, Sector: 512},
		}, false))
		_, err = file.WriteAt(directio.Buffer(512), indexAt+512+written/8*512)
		must(tb, err)
		written++
	}
	bare()
	ours() // the first one finds caches empty
	var a, b []float64
	turn := min(50, leases)
	for range leases / turn {
		a = append(a, ms(timed(turn, 1, ours))/float64(turn))
		b = append(b, ms(timed(turn, 1, bare))/float64(turn))
	}
	f := figures{}
	f.add("lease-ms", target{}, a...)
	f.add("bare-ms", target{}, b...)
	f.add("lease-ratio", atMost(1.5), median(a)/median(b))
	return f
}

// leasedDomain makes a domain that says it is shared, on a local folder.
func leasedDomain(tb testing.TB, h *clusterlock.Host) *domain.Domain {
	tb.Helper()
	top := tb.TempDir()
	id, mnt := uuid.NewString(), filepath.Join(top, "dc/mnt")
	dir := filepath.Join(top, "data", id)
	for _, name := range []string{mnt, filepath.Join(dir, "dom_md"), filepath.Join(dir, "images")} {
		must(tb, os.MkdirAll(name, 0o755))
	}
	must(tb, os.Symlink(filepath.Join(top, "data"), filepath.Join(mnt, "_data")))
	m := domainmd.New(domainmd.Domain{
		Version: domainmd.Version5, ID: id, Type: domainmd.NFS, Class: domainmd.Data, Description: "bench", Role: domainmd.Regular,
		Lease: domainmd.DefaultLease(), RemotePath: "server:/export", Alignment: 1 << 20, BlockSize: 512,
	})
	text, err := m.File()
	must(tb, err)
	must(tb, os.WriteFile(filepath.Join(dir, "dom_md/metadata"), text, 0o644))
	for _, name := range []string{"ids", "leases", "xleases"} {
		must(tb, os.WriteFile(filepath.Join(dir, "dom_md", name), nil, 0o660))
	}
	must(tb, os.Truncate(filepath.Join(dir, "dom_md/xleases"), 2<<20))
	io := outofprocess.New(outofprocess.Options{})
	tb.Cleanup(func() { must(tb, io.Close()) })
	d, err := domain.NewRepository(domain.Options{
		Path: filepath.Join(top, "dc"), IO: io, Locks: &clusterlock.Locks{Sanlock: h},
	}).Domain(tb.Context(), id)
	must(tb, err)
	return d
}
