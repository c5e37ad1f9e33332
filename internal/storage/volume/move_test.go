// SPDX-License-Identifier: GPL-2.0-or-later

package volume_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"govdsm/api"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/task"
	"govdsm/internal/storage/volume"
	"govdsm/internal/storage/volumemd"
)

// WriteAt is a step that may leave half of what it writes.
func (d cutDir) WriteAt(ctx context.Context, name string, offset int64, data []byte, direct bool) error {
	if err := d.p.do(func() error { return d.Dir.WriteAt(ctx, name, offset, data[:len(data)/2], direct) }); err != nil {
		return err
	}
	return d.p.do(func() error { return d.Dir.WriteAt(ctx, name, offset, data, direct) })
}

// Convert may leave a target that is not complete.
func (q cutQemuImg) Convert(ctx context.Context, o qemuimg.Convert, progress func(float64)) error {
	return q.p.do(func() error {
		if q.p.left == 0 {
			return os.Truncate(o.Target, 512)
		}
		return q.QemuImg.Convert(ctx, o, progress)
	})
}

func (r *recorder) ClearRollbacks(context.Context) error {
	if err := r.change(); err != nil {
		return err
	}
	r.recoveries = nil
	return nil
}

// write writes a pattern to 64 KiB of a volume's disk.
func write(t testing.TB, path string, form qemuimg.Format, pattern, at string) {
	t.Helper()
	qemuIO(t, path, form, "write -P "+pattern+" "+at+" 64k")
}

// reads fails unless 64 KiB of a volume's disk have a pattern.
func reads(t testing.TB, path string, form qemuimg.Format, pattern, at string) {
	t.Helper()
	out := qemuIO(t, path, form, "read -P "+pattern+" "+at+" 64k")
	if strings.Contains(out, "verification failed") {
		t.Errorf("%s at %s: %s", path, at, out)
	}
}

func qemuIO(t testing.TB, path string, form qemuimg.Format, command string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "qemu-io", "-f", string(form), "-c", command, path).CombinedOutput()
	if err != nil && !strings.Contains(string(out), "verification failed") {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// writtenChain is an image of three volumes, each of which holds something.
func (f *fixture) writtenChain(t testing.TB) []volume.ID {
	t.Helper()
	chain := f.chain(t, 3)
	write(t, f.Path(chain[0]), qemuimg.Raw, "1", "0")
	write(t, f.Path(chain[1]), qemuimg.QCOW2, "2", "128k")
	write(t, f.Path(chain[2]), qemuimg.QCOW2, "3", "256k")
	must(t, f.SetDescription(t.Context(), chain[2], "the last"))
	return chain
}

// holdsChain fails unless an image is what writtenChain made.
func (f *fixture) holdsChain(t testing.TB, chain []volume.ID) {
	t.Helper()
	prepared, err := f.Prepare(t.Context(), chain[2], false)
	must(t, err)
	reads(t, prepared.Path, qemuimg.QCOW2, "1", "0")
	reads(t, prepared.Path, qemuimg.QCOW2, "2", "128k")
	reads(t, prepared.Path, qemuimg.QCOW2, "3", "256k")
	reads(t, prepared.Path, qemuimg.QCOW2, "0", "512k")
	must(t, f.Teardown(chain[2].Image))
	for n, role := range []api.VolumeRole{api.VolumeRoleINTERNAL, api.VolumeRoleINTERNAL, api.VolumeRoleLEAF} {
		md := f.metadata(t, chain[n])
		if md.Role != role || md.Legality != api.VolumeLegalityLEGAL || md.Capacity != mib || md.Domain != f.domain.ID() {
			t.Errorf("volume %d is %+v", n, md)
		}
	}
	if text := f.metadata(t, chain[2]).Description; text != "the last" {
		t.Errorf("it is described as %q", text)
	}
}

func (f *fixture) metadata(t testing.TB, id volume.ID) volumemd.Volume {
	t.Helper()
	md, err := f.Metadata(t.Context(), id)
	must(t, err)
	return md
}

func (f *fixture) hasImage(t testing.TB, image string) bool {
	t.Helper()
	images, err := f.domain.Images(t.Context())
	must(t, err)
	return slices.Contains(images, image)
}

func TestMove(t *testing.T) {
	t.Parallel()
	from, to := newFixture(t), newFixture(t).withLeases()
	chain := from.writtenChain(t)
	image := chain[0].Image
	move := func(m volume.Move) error {
		r := new(recorder)
		err := from.MoveTo(t.Context(), r, to.Volumes, m)
		if err != nil {
			to.rollBack(t, r)
		}
		return err
	}
	must(t, from.Movable(t.Context(), to.Volumes, image))
	must(t, move(volume.Move{Image: image}))
	to.holdsChain(t, chain)
	from.holdsChain(t, chain)
	if err := move(volume.Move{Image: image}); !errors.Is(err, api.ErrVolumeAlreadyExists) {
		t.Errorf("a second copy: %v", err)
	}
	to.holdsChain(t, chain)

	// What an interrupted copy has left is replaced, and what is there by force.
	must(t, to.SetLegality(t.Context(), chain[2], api.VolumeLegalityILLEGAL))
	must(t, move(volume.Move{Image: image}))
	to.holdsChain(t, chain)
	must(t, move(volume.Move{Image: image, Force: true, Remove: true}))
	to.holdsChain(t, chain)
	if from.hasImage(t, image) {
		t.Error("the image that was moved is still there")
	}
	if err := move(volume.Move{Image: image}); !errors.Is(err, api.ErrImageDoesNotExistInSD) {
		t.Errorf("an image that is not there: %v", err)
	}
	if err := move(volume.Move{Image: "../x", Force: true}); !errors.Is(err, api.ErrImageDoesNotExistInSD) {
		t.Errorf("an image that is a path: %v", err)
	}
	to.verify(t, "move", 0, false)
}

func TestMoveKinds(t *testing.T) {
	t.Parallel()
	from, to := newFixture(t), newFixture(t)
	for name, change := range map[string]func(*volume.Spec){
		"raw":          func(*volume.Spec) {},
		"preallocated": func(s *volume.Spec) { s.Allocation = api.VolumeAllocationPREALLOCATED },
		"qcow2":        func(s *volume.Spec) { s.Format = api.VolumeFormatCOW },
	} {
		s := raw()
		s.Sequence = 7
		change(&s)
		form := qemuimg.Raw
		if s.Format == api.VolumeFormatCOW {
			form = qemuimg.QCOW2
		}
		from.create(t, s)
		write(t, from.Path(s.ID), form, "5", "512k")
		must(t, from.MoveTo(t.Context(), new(recorder), to.Volumes, volume.Move{Image: s.Image, Remove: true}))
		reads(t, to.Path(s.ID), form, "5", "512k")
		reads(t, to.Path(s.ID), form, "0", "0")
		if md := to.metadata(t, s.ID); md.Format != s.Format || md.Allocation != s.Allocation || md.Sequence != 7 {
			t.Errorf("%s: it is %+v", name, md)
		}
		size, err := to.Size(t.Context(), s.ID)
		if err != nil || name == "preallocated" && size.True < mib {
			t.Errorf("%s: %+v, %v", name, size, err)
		}
	}
}

func TestMoveUponTemplate(t *testing.T) {
	t.Parallel()
	from, to := newFixture(t), newFixture(t)
	template := from.create(t, raw())
	write(t, from.Path(template), qemuimg.Raw, "8", "0")
	must(t, from.SetShared(t.Context(), template))
	disk := from.create(t, upon(template, id()))
	write(t, from.Path(disk), qemuimg.QCOW2, "9", "64k")

	if err := from.Movable(t.Context(), to.Volumes, template.Image); !errors.Is(err, api.ErrMoveTemplateImage) {
		t.Errorf("a template in use: %v", err)
	}
	if err := from.Movable(t.Context(), to.Volumes, disk.Image); !errors.Is(err, api.ErrImageDoesNotExistInSD) {
		t.Errorf("without its template: %v", err)
	}
	r := new(recorder)
	if err := from.MoveTo(t.Context(), r, to.Volumes, volume.Move{Image: disk.Image}); err == nil {
		t.Error("it was copied without its template")
	}
	to.rollBack(t, r)
	must(t, from.MoveTo(t.Context(), new(recorder), to.Volumes, volume.Move{Image: template.Image}))
	must(t, from.Movable(t.Context(), to.Volumes, disk.Image))
	must(t, from.MoveTo(t.Context(), new(recorder), to.Volumes, volume.Move{Image: disk.Image, Remove: true}))
	reads(t, to.Path(disk), qemuimg.QCOW2, "8", "0")
	reads(t, to.Path(disk), qemuimg.QCOW2, "9", "64k")

	// A template that is replaced is linked again where it is in use.
	write(t, from.Path(template), qemuimg.Raw, "7", "0")
	must(t, from.MoveTo(t.Context(), new(recorder), to.Volumes, volume.Move{Image: template.Image, Force: true}))
	reads(t, to.Path(disk), qemuimg.QCOW2, "7", "0")
	if md := to.metadata(t, template); md.Role != api.VolumeRoleSHARED || md.Legality != api.VolumeLegalityLEGAL {
		t.Errorf("the template is %+v", md)
	}
	to.verify(t, "template", 0, false)
}

func TestSyncData(t *testing.T) {
	t.Parallel()
	from, to := newFixture(t), newFixture(t)
	chain := from.writtenChain(t)
	image := chain[0].Image
	ctx := t.Context()
	if err := from.SyncData(ctx, to.Volumes, image, volume.SyncAll); !errors.Is(err, api.ErrImageDoesNotExistInSD) {
		t.Errorf("without a structure: %v", err)
	}
	must(t, from.CloneStructure(ctx, new(recorder), to.Volumes, image, true))
	reads(t, to.Path(chain[2]), qemuimg.QCOW2, "0", "0")
	if err := from.CloneStructure(ctx, new(recorder), to.Volumes, image, true); !errors.Is(err, api.ErrVolumeAlreadyExists) {
		t.Errorf("a structure twice: %v", err)
	}
	if err := from.SyncData(ctx, to.Volumes, image, "SOME"); !errors.Is(err, api.ErrMiscNotImplemented) {
		t.Errorf("an unknown kind: %v", err)
	}
	// A VM writes the last volume meanwhile.
	write(t, to.Path(chain[2]), qemuimg.QCOW2, "6", "256k")
	for range 2 {
		must(t, from.SyncData(ctx, to.Volumes, image, volume.SyncInternal))
		reads(t, to.Path(chain[2]), qemuimg.QCOW2, "1", "0")
		reads(t, to.Path(chain[2]), qemuimg.QCOW2, "2", "128k")
		reads(t, to.Path(chain[2]), qemuimg.QCOW2, "6", "256k")
	}
	must(t, from.SyncData(ctx, to.Volumes, image, volume.SyncLeaf))
	to.holdsChain(t, chain)
	must(t, from.SyncData(ctx, to.Volumes, image, volume.SyncAll))
	to.holdsChain(t, chain)

	must(t, to.Delete(ctx, chain[2], false))
	if err := from.SyncData(ctx, to.Volumes, image, volume.SyncAll); !errors.Is(err, api.ErrDestImageAction) {
		t.Errorf("with a volume less: %v", err)
	}
}

// A move that is interrupted at any step has left what there was, and an image
// in both domains at most; and it can be asked for again.
func TestMoveKilledAtEveryStep(t *testing.T) {
	t.Parallel()
	from, to := newFixture(t), newFixture(t).withLeases()
	points := 0
	var chain []volume.ID
	for steps := 0; ; steps++ {
		if len(chain) == 0 || !from.hasImage(t, chain[0].Image) {
			chain = from.writtenChain(t)
		}
		m := volume.Move{Image: chain[0].Image, Remove: true}
		source, target, r := from.withPowerTo(to, steps)
		err := source.MoveTo(t.Context(), r, target, m)
		if err == nil && !from.hasImage(t, m.Image) {
			to.holdsChain(t, chain)
			break
		}
		points++
		if err != nil && !errors.Is(err, errPower) {
			t.Fatalf("step %d: %v", steps, err)
		}
		if i, err := to.Image(t.Context(), m.Image); err == nil {
			if leaf, err := i.Volume(chain[2].Volume); err == nil && leaf.Legality == api.VolumeLegalityLEGAL {
				to.holdsChain(t, chain) // only once it is complete
			}
		}
		undone := len(r.recoveries) > 0
		to.rollBack(t, r)
		to.rollBack(t, r)
		must(t, to.domain.CollectGarbage(t.Context()))
		to.verify(t, "move", steps, false)
		if undone && to.hasImage(t, m.Image) {
			t.Errorf("step %d: the image is left", steps)
		}
		if steps%10 == 5 || !undone { // asked for again
			from.holdsChain(t, chain)
			must(t, from.MoveTo(t.Context(), new(recorder), to.Volumes, volume.Move{Image: m.Image, Remove: true, Force: true}))
			to.holdsChain(t, chain)
			must(t, to.DeleteImage(t.Context(), m.Image))
		}
	}
	t.Logf("%d points", points)
	if points < 30 {
		t.Errorf("only %d points", points)
	}
}

// withPowerTo is two domains on one power line.
func (f *fixture) withPowerTo(to *fixture, steps int) (from, target *volume.Volumes, r *recorder) {
	p := &power{left: steps}
	a, b := f.o, to.o
	a.Dir, a.QemuImg = cutDir{f.domain.Dir(), p}, cutQemuImg{f.o.QemuImg, p}
	b.Dir, b.QemuImg = cutDir{to.domain.Dir(), p}, cutQemuImg{to.o.QemuImg, p}
	return volume.New(a), volume.New(b), &recorder{before: p.step}
}

func TestReplace(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ctx := t.Context()
	at := f.create(t, raw())
	old := bytes.Repeat([]byte("old "), 300_000/4)
	must(t, f.Replace(ctx, new(recorder), at, bytes.NewReader(old), int64(len(old))))
	contents := func() []byte {
		t.Helper()
		var b bytes.Buffer
		must(t, f.Read(ctx, at, &b, mib))
		return b.Bytes()
	}
	if got := contents(); !bytes.Equal(got[:len(old)], old) || bytes.ContainsFunc(got[len(old):], func(c rune) bool { return c != 0 }) {
		t.Error("the volume does not hold what was written")
	}
	for name, tc := range map[string]struct {
		r      io.Reader
		length int64
		want   error
	}{
		"ends":    {strings.NewReader("half"), 8, api.ErrMiscFileRead},
		"breaks":  {io.MultiReader(strings.NewReader("half"), broken{}), 8, api.ErrMiscFileRead},
		"long":    {strings.NewReader(""), mib + 1, api.ErrInvalidParameterException},
		"huge":    {strings.NewReader(""), 1 << 60, api.ErrInvalidParameterException},
		"nothing": {strings.NewReader(""), -1, api.ErrInvalidParameterException},
	} {
		r := new(recorder)
		if err := f.Replace(ctx, r, at, tc.r, tc.length); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
		f.rollBack(t, r)
		if got := contents(); !bytes.Equal(got[:len(old)], old) {
			t.Errorf("%s: the volume has changed", name)
		}
		if _, err := os.Stat(f.file(at, ".new")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: something is left: %v", name, err)
		}
	}
	if err := f.Read(ctx, at, io.Discard, mib+1); !errors.Is(err, api.ErrMiscFileRead) {
		t.Errorf("more than there is: %v", err)
	}
	if err := f.Read(ctx, at, full{}, 10); err == nil {
		t.Error("a reader that has gone is no error")
	}
	must(t, f.SetShared(ctx, at))
	if err := f.Replace(ctx, new(recorder), at, strings.NewReader("x"), 1); !errors.Is(err, api.ErrSharedVolumeNonWritable) {
		t.Errorf("a template: %v", err)
	}
	chain := f.chain(t, 2)
	if err := f.Replace(ctx, new(recorder), chain[0], strings.NewReader("x"), 1); !errors.Is(err, api.ErrVolumeNonWritable) {
		t.Errorf("a volume below another: %v", err)
	}
	for _, named := range []string{"", chain[1].Volume} {
		if _, err := f.Single(ctx, chain[0].Image, named); !errors.Is(err, api.ErrCopyImage) {
			t.Errorf("several volumes, %q: %v", named, err)
		}
	}
	if got, err := f.Single(ctx, at.Image, ""); err != nil || got != at {
		t.Errorf("the only volume: %v, %v", got, err)
	}
}

// broken is a peer that dies; full is one that takes nothing.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("connection reset") }

// What a volume holds is replaced as a whole or not at all.
func TestReplaceKilledAtEveryStep(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := raw()
	s.Allocation = api.VolumeAllocationPREALLOCATED
	at := f.create(t, s)
	old, fresh := bytes.Repeat([]byte("old"), 1000), bytes.Repeat([]byte("new"), 2000)
	for steps := 0; ; steps++ {
		must(t, f.Replace(t.Context(), new(recorder), at, bytes.NewReader(old), int64(len(old))))
		v, r := f.withPower(steps)
		err := v.Replace(t.Context(), r, at, bytes.NewReader(fresh), int64(len(fresh)))
		if err != nil && !errors.Is(err, errPower) {
			t.Fatal(err)
		}
		f.rollBack(t, r)
		f.rollBack(t, r)
		var b bytes.Buffer
		must(t, f.Read(t.Context(), at, &b, mib))
		want := old
		if err == nil {
			want = fresh
		}
		if !bytes.Equal(b.Bytes()[:len(want)], want) || b.Bytes()[len(want)] != 0 {
			t.Errorf("step %d, %v: the volume is neither", steps, err)
		}
		f.verify(t, "replace", steps, false)
		if names, err := os.ReadDir(f.domain.Path("images/" + at.Image)); err != nil || len(names) != 2 {
			t.Errorf("step %d: %v, %v", steps, names, err)
		}
		if err == nil {
			if steps < 6 {
				t.Errorf("only %d steps", steps)
			}
			return
		}
	}
}

var _ volume.MoveTask = (*task.Task)(nil)
