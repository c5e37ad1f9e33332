// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"cmp"
	"context"
	"io/fs"
	"log/slog"
	"time"

	"govdsm/internal/storage/clusterlock"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/outofprocess"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/task"
)

// Dir is the folder of a domain. outofprocess.Dir is one.
type Dir interface {
	Path(name string) string
	Exists(ctx context.Context, name string) (bool, error)
	Stat(ctx context.Context, name string) (*outofprocess.Info, error)
	StatAll(ctx context.Context, names []string) (map[string]*outofprocess.Info, error)
	ReadDir(ctx context.Context, name string) ([]string, error)
	ReadDirs(ctx context.Context, name, suffix string) ([]outofprocess.Folder, error)
	Glob(ctx context.Context, pattern string) ([]string, error)
	ReadAt(ctx context.Context, name string, offset, size int64, direct bool) ([]byte, error)
	ReadDirect(ctx context.Context, name string) ([]byte, error)
	ReadFiles(ctx context.Context, names []string) ([]outofprocess.File, error)

	WriteFile(ctx context.Context, name string, data []byte) error
	WriteAt(ctx context.Context, name string, offset int64, data []byte, direct bool) error
	Sync(ctx context.Context, name string) error
	Create(ctx context.Context, name string, size int64, perm fs.FileMode) error
	Truncate(ctx context.Context, name string, size int64) error
	Allocate(ctx context.Context, name string, offset, size int64, progress func(done int64)) error
	Mkdir(ctx context.Context, name string, perm fs.FileMode) error
	Remove(ctx context.Context, name string) error
	RemoveIfThere(ctx context.Context, name string) error
	RemoveTree(ctx context.Context, name string) error
	Rename(ctx context.Context, from, to string) error
	Link(ctx context.Context, from, to string) error
	Chmod(ctx context.Context, name string, perm fs.FileMode) error
}

// QemuImg is what is needed of qemu-img. qemuimg.Runner has it.
type QemuImg interface {
	Create(ctx context.Context, o qemuimg.Create) error
	Convert(ctx context.Context, o qemuimg.Convert, progress func(percent float64)) error
	Info(ctx context.Context, image string, o qemuimg.InfoOptions) (*qemuimg.Info, error)
	Check(ctx context.Context, image string, format qemuimg.Format) (*qemuimg.Checked, error)
	Measure(ctx context.Context, o qemuimg.Measure) (*qemuimg.Measured, error)
	Rebase(ctx context.Context, o qemuimg.Rebase) error
	AddBitmap(ctx context.Context, image, name string, enabled bool, granularity int64) error
	RemoveBitmap(ctx context.Context, image, name string) error
}

// Leases are the leases of the volumes of a domain. clusterlock.Sanlock has them.
type Leases interface {
	WriteLease(ctx context.Context, l clusterlock.Lease) error
	Inspect(ctx context.Context, l clusterlock.Lease) (clusterlock.Owner, error)
}

// Task is told how to undo what comes next. What it was told must be where the
// pool's next manager finds it when the call returns. task.Task is one.
type Task interface {
	// Rollback adds a recovery. Those that were added last are run first.
	Rollback(ctx context.Context, undo task.Recovery) error
	// ReplaceRollbacks forgets all down to the last one of the name
	// task.RollbackSentinel, that one included, and adds another one.
	ReplaceRollbacks(ctx context.Context, undo task.Recovery) error
}

// Options configure Volumes.
type Options struct {
	Domain  *domain.Domain
	QemuImg QemuImg
	Leases  Leases // nil in a domain without: a local folder
	Dir     Dir    // nil for the domain's own
	// Repository is irs:repository, of which only the name of a pool's folder
	// is made, for recoveries.
	Repository string
	Run        string // where links to prepared images are: /run/vdsm/storage
	Now        func() time.Time
	Log        *slog.Logger
}

// Volumes are those of one domain. It keeps nothing in memory: hosts share a
// domain. Its methods may be called at once.
type Volumes struct {
	o   Options
	d   *domain.Domain
	dir Dir
}

// New returns the volumes of a domain.
func New(o Options) *Volumes {
	if o.Dir == nil {
		o.Dir = o.Domain.Dir()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	return &Volumes{o: o, d: o.Domain, dir: o.Dir}
}

// ID names a volume within its domain.
type ID struct{ Image, Volume string }

// Path returns the absolute path of a volume's data.
func (v *Volumes) Path(id ID) string { return v.dir.Path(dataFile(id.Image, id.Volume)) }

// Lease returns the place of a volume's lease; false in a domain without.
func (v *Volumes) Lease(id ID) (clusterlock.Lease, bool) {
	if v.o.Leases == nil {
		return clusterlock.Lease{}, false
	}
	return clusterlock.Lease{Name: id.Volume, Path: v.dir.Path(leaseFile(id.Image, id.Volume))}, true
}

// access gives an error of the domain's file system its code.
func (v *Volumes) access(err error) error {
	if err == nil {
		return nil
	}
	return domain.Access(v.d.ID(), err)
}
