// SPDX-License-Identifier: GPL-2.0-or-later

package volume_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/outofprocess"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/task"
	"govdsm/internal/storage/volume"
)

func TestMain(m *testing.M) {
	outofprocess.ServeIfHelper()
	os.Exit(m.Run())
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fixture is a domain in a local folder.
type fixture struct {
	*volume.Volumes
	domain *domain.Domain
	o      volume.Options
	run    string
}

func newFixture(t testing.TB) *fixture { return newFixtureIn(t, t.TempDir()) }

func newFixtureIn(t testing.TB, top string) *fixture {
	t.Helper()
	io := outofprocess.New(outofprocess.Options{})
	t.Cleanup(func() { must(t, io.Close()) })
	folder, mount := filepath.Join(top, "data"), filepath.Join(top, "dc/mnt/_data")
	must(t, os.MkdirAll(folder, 0o755))
	must(t, os.MkdirAll(filepath.Dir(mount), 0o755))
	must(t, os.Symlink(folder, mount))
	repository := domain.NewRepository(domain.Options{Path: filepath.Join(top, "dc"), IO: io})
	d, err := repository.Create(t.Context(), domain.Spec{
		ID: uuid.NewString(), Name: "data", Type: domainmd.LocalFS, Class: domainmd.Data, Version: domainmd.Version5,
		RemotePath: folder, MountPoint: mount, MaxHosts: 250,
	})
	must(t, err)
	f := &fixture{domain: d, run: filepath.Join(top, "run")}
	f.o = volume.Options{Domain: d, QemuImg: qemuimg.New(qemuimg.Options{}), Repository: filepath.Join(top, "dc"), Run: f.run}
	f.Volumes = volume.New(f.o)
	return f
}

func id() string { return uuid.NewString() }

const mib = 1 << 20

// raw is a sparse raw volume in a new image.
func raw() volume.Spec {
	return volume.Spec{
		ID: volume.ID{Image: id(), Volume: id()}, Capacity: mib, Format: api.VolumeFormatRAW,
		Allocation: api.VolumeAllocationSPARSE, DiskType: "DATA",
	}
}

// upon is a qcow2 volume in an image, upon a parent.
func upon(parent volume.ID, image string) volume.Spec {
	return volume.Spec{
		ID: volume.ID{Image: image, Volume: id()}, Capacity: mib, Format: api.VolumeFormatCOW,
		Allocation: api.VolumeAllocationSPARSE, DiskType: "DATA", Parent: parent,
	}
}

func (f *fixture) create(t testing.TB, s volume.Spec) volume.ID {
	t.Helper()
	must(t, f.Create(t.Context(), new(recorder), s))
	return s.ID
}

// chain makes an image with n volumes and returns them, base first.
func (f *fixture) chain(t testing.TB, n int) []volume.ID {
	t.Helper()
	ids := []volume.ID{f.create(t, raw())}
	for len(ids) < n {
		last := ids[len(ids)-1]
		ids = append(ids, f.create(t, upon(last, last.Image)))
	}
	return ids
}

// file returns the path of a file in the domain.
func (f *fixture) file(id volume.ID, suffix string) string { return f.Path(id) + suffix }

// recorder keeps what it is told, as a task does.
type recorder struct {
	recoveries []task.Recovery
	before     func() error // each change
}

func (r *recorder) change() error {
	if r.before == nil {
		return nil
	}
	return r.before()
}

func (r *recorder) Rollback(_ context.Context, c task.Recovery) error {
	if err := errors.Join(c.Check(), r.change()); err != nil {
		return err
	}
	r.recoveries = append(r.recoveries, c)
	return nil
}

func (r *recorder) ReplaceRollbacks(_ context.Context, c task.Recovery) error {
	if err := errors.Join(c.Check(), r.change()); err != nil {
		return err
	}
	for n, old := range slices.Backward(r.recoveries) {
		if old.Name == task.RollbackSentinel {
			r.recoveries = r.recoveries[:n]
			break
		}
	}
	r.recoveries = append(r.recoveries, c)
	return nil
}

// rollBack does what the pool's next manager does.
func (f *fixture) rollBack(t testing.TB, r *recorder) {
	t.Helper()
	for _, c := range slices.Backward(r.recoveries) {
		if err := f.Undo(t.Context(), c); err != nil {
			t.Errorf("%s%q: %v", c.Function, c.Params, err)
		}
	}
}

// leases keeps leases as files and remembers which were written.
type leases struct{ owner clusterlock.Owner }

func (l *leases) WriteLease(_ context.Context, at clusterlock.Lease) error {
	return os.WriteFile(at.Path, []byte(at.Name), 0o660)
}

func (l *leases) Inspect(context.Context, clusterlock.Lease) (clusterlock.Owner, error) {
	return l.owner, nil
}

// withLeases is the same domain with leases of volumes.
func (f *fixture) withLeases() *fixture {
	g := *f
	g.o.Leases = new(leases)
	g.Volumes = volume.New(g.o)
	return &g
}

var errPower = errors.New("power cut")

// power goes after some steps: what writes to the domain, what qemu-img does,
// and what is kept of the task.
type power struct{ left int }

func (p *power) step() error {
	if p.left--; p.left < 0 {
		return errPower
	}
	return nil
}

// do carries out a step, unless the power has gone.
func (p *power) do(f func() error) error {
	if err := p.step(); err != nil {
		return err
	}
	return f()
}

type cutDir struct {
	volume.Dir
	p *power
}

func (d cutDir) WriteFile(ctx context.Context, name string, data []byte) error {
	// Its two steps, since the first one leaves something.
	if err := d.p.do(func() error { return os.WriteFile(d.Path(name)+".new", data, 0o644) }); err != nil {
		return err
	}
	return d.p.do(func() error { return d.Dir.WriteFile(ctx, name, data) })
}

func (d cutDir) Create(ctx context.Context, name string, size int64, perm fs.FileMode) error {
	return d.p.do(func() error { return d.Dir.Create(ctx, name, size, perm) })
}

func (d cutDir) Truncate(ctx context.Context, name string, size int64) error {
	return d.p.do(func() error { return d.Dir.Truncate(ctx, name, size) })
}

func (d cutDir) Allocate(ctx context.Context, name string, offset, size int64, progress func(int64)) error {
	if err := d.p.do(func() error { return d.Dir.Allocate(ctx, name, offset, size/2, progress) }); err != nil {
		return err
	}
	return d.p.do(func() error { return d.Dir.Allocate(ctx, name, offset, size, progress) })
}

func (d cutDir) Mkdir(ctx context.Context, name string, perm fs.FileMode) error {
	return d.p.do(func() error { return d.Dir.Mkdir(ctx, name, perm) })
}

func (d cutDir) Remove(ctx context.Context, name string) error {
	return d.p.do(func() error { return d.Dir.Remove(ctx, name) })
}

func (d cutDir) RemoveIfThere(ctx context.Context, name string) error {
	return d.p.do(func() error { return d.Dir.RemoveIfThere(ctx, name) })
}

func (d cutDir) RemoveTree(ctx context.Context, name string) error {
	names, err := d.ReadDir(ctx, name)
	if err != nil {
		return err
	}
	for _, below := range names {
		if err := d.Remove(ctx, filepath.Join(name, below)); err != nil {
			return err
		}
	}
	return d.Remove(ctx, name)
}

func (d cutDir) Rename(ctx context.Context, from, to string) error {
	return d.p.do(func() error { return d.Dir.Rename(ctx, from, to) })
}

func (d cutDir) Link(ctx context.Context, from, to string) error {
	return d.p.do(func() error { return d.Dir.Link(ctx, from, to) })
}

func (d cutDir) Chmod(ctx context.Context, name string, perm fs.FileMode) error {
	return d.p.do(func() error { return d.Dir.Chmod(ctx, name, perm) })
}

type cutQemuImg struct {
	volume.QemuImg
	p *power
}

func (q cutQemuImg) Create(ctx context.Context, o qemuimg.Create) error {
	return q.p.do(func() error {
		if q.p.left == 0 { // killed half way
			return os.Truncate(o.Image, 512)
		}
		return q.QemuImg.Create(ctx, o)
	})
}

// withPower is the same domain until the power goes.
func (f *fixture) withPower(steps int) (*volume.Volumes, *recorder) {
	p := &power{left: steps}
	o := f.o
	o.Dir, o.QemuImg = cutDir{f.domain.Dir(), p}, cutQemuImg{f.o.QemuImg, p}
	return volume.New(o), &recorder{before: p.step}
}
