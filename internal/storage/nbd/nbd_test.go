// SPDX-License-Identifier: GPL-2.0-or-later

package nbd_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/internal/storage/nbd"
	"govdsm/internal/storage/qemuimg"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tool runs a program of QEMU's and returns what it said.
func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v: %s", name, args, err, out)
	}
	return string(out)
}

type fixture struct {
	*nbd.Servers
	run, scratch, images string
	launcher             *nbd.Children
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	// A path of a socket has room for 108 bytes; t.TempDir is long.
	top, err := os.MkdirTemp("", "nbd")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(top)) })
	f := &fixture{run: filepath.Join(top, "run"), scratch: filepath.Join(top, "scratch"), images: filepath.Join(top, "images")}
	must(t, os.Mkdir(f.images, 0o755))
	f.launcher = &nbd.Children{Run: f.run}
	f.Servers = nbd.New(nbd.Options{Run: f.run, Scratch: f.scratch, Launcher: f.launcher, QemuImg: qemuimg.New(qemuimg.Options{})})
	return f
}

// image makes an image with its first 64 KiB filled.
func (f *fixture) image(t *testing.T, name string, format qemuimg.Format, pattern, backing string) nbd.Layer {
	t.Helper()
	path := filepath.Join(f.images, name)
	args := []string{"create", "-q", "-f", string(format)}
	if backing != "" {
		args = append(args, "-b", backing, "-F", "qcow2")
	}
	tool(t, "qemu-img", append(args, path, "1M")...)
	tool(t, "qemu-io", "-f", string(format), "-c", "write -P "+pattern+" 0 64k", path)
	return nbd.Layer{Path: path, Format: format}
}

// start starts a server that is stopped with the test.
func (f *fixture) start(t *testing.T, v nbd.Volume, c nbd.Config) (id, url string) {
	t.Helper()
	id = uuid.NewString()
	url, err := f.Start(t.Context(), id, v, c)
	must(t, err)
	t.Cleanup(func() { must(t, f.Stop(context.Background(), id)) })
	return id, url
}

func TestBytes(t *testing.T) {
	t.Parallel()
	for _, format := range []qemuimg.Format{qemuimg.Raw, qemuimg.QCOW2} {
		f := newFixture(t)
		layer := f.image(t, "a", format, "0x5a", "")
		id, url := f.start(t, nbd.Volume{ID: "a", Layers: []nbd.Layer{layer}}, nbd.Config{Discard: true, DetectZeroes: true})
		socket := filepath.Join(f.run, id+".sock")
		if url != "nbd:unix:"+socket {
			t.Errorf("its URL is %s", url)
		}
		info, err := os.Stat(socket)
		must(t, err)
		if info.Mode().Perm() != 0o660 {
			t.Errorf("the socket is %v", info.Mode())
		}
		tool(t, "qemu-io", "-f", "raw", "-c", "read -P 0x5a 0 64k", "-c", "read -P 0 64k 64k", "-c", "write -P 0x33 512k 4k", url)
		if _, err := f.Start(t.Context(), id, nbd.Volume{ID: "a", Layers: []nbd.Layer{layer}}, nbd.Config{}); err == nil {
			t.Error("one that runs is started again")
		}
		// Another process finds it.
		must(t, nbd.New(nbd.Options{Run: f.run, Launcher: &nbd.Children{Run: f.run}}).Stop(t.Context(), id))
		must(t, f.Stop(t.Context(), id))
		tool(t, "qemu-io", "-f", string(format), "-c", "read -P 0x33 512k 4k", layer.Path)
		left, err := os.ReadDir(f.run)
		must(t, err)
		if len(left) > 0 {
			t.Errorf("%v is left", left)
		}
		// And it can be started anew.
		_, err = f.Start(t.Context(), id, nbd.Volume{ID: "a", Layers: []nbd.Layer{layer}}, nbd.Config{ReadOnly: true})
		must(t, err)
		if out, err := exec.CommandContext(t.Context(), "qemu-io", "-f", "raw", "-c", "write 0 4k", url).CombinedOutput(); err == nil {
			t.Errorf("a read-only server was written: %s", out)
		}
		must(t, f.Stop(t.Context(), id))
	}
}

func TestTopOnly(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	base := f.image(t, "base", qemuimg.QCOW2, "1", "")
	top := f.image(t, "top", qemuimg.QCOW2, "2", "base")
	tool(t, "qemu-io", "-f", "qcow2", "-c", "write -P 1 128k 64k", base.Path)
	v := nbd.Volume{ID: "top", Layers: []nbd.Layer{top, base}}
	_, url := f.start(t, v, nbd.Config{ReadOnly: true})
	tool(t, "qemu-io", "-r", "-f", "raw", "-c", "read -P 2 0 64k", "-c", "read -P 1 128k 64k", url)
	_, url = f.start(t, v, nbd.Config{ReadOnly: true, TopOnly: true})
	tool(t, "qemu-io", "-r", "-f", "raw", "-c", "read -P 2 0 64k", "-c", "read -P 0 128k 64k", url)
}

func TestBitmap(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	bitmap := uuid.NewString()
	base := f.image(t, "base", qemuimg.QCOW2, "1", "")
	tool(t, "qemu-img", "bitmap", "--add", base.Path, bitmap)
	tool(t, "qemu-io", "-f", "qcow2", "-c", "write 64k 64k", base.Path)
	only := nbd.Volume{ID: "base", Layers: []nbd.Layer{base}}
	_, url := f.start(t, only, nbd.Config{ReadOnly: true, Bitmap: bitmap})
	f.changed(t, url, bitmap, 64<<10, 128<<10)

	top := f.image(t, "top", qemuimg.QCOW2, "2", "base")
	both := nbd.Volume{ID: "top", Layers: []nbd.Layer{top, base}}
	refused(t, f, both, nbd.Config{ReadOnly: true, Bitmap: bitmap}, api.ErrInvalidBitmapChain) // a hole
	tool(t, "qemu-img", "bitmap", "--add", top.Path, bitmap)
	tool(t, "qemu-io", "-f", "qcow2", "-c", "write 128k 64k", top.Path)
	_, url = f.start(t, both, nbd.Config{ReadOnly: true, Bitmap: bitmap})
	f.changed(t, url, bitmap, 64<<10, 192<<10)
	left, err := os.ReadDir(f.scratch)
	must(t, err)
	if len(left) > 0 {
		t.Errorf("%v is left", left)
	}

	refused(t, f, both, nbd.Config{ReadOnly: true, Bitmap: uuid.NewString()}, api.ErrBitmapDoesNotExist)
	disabled := f.image(t, "disabled", qemuimg.QCOW2, "2", "")
	tool(t, "qemu-img", "bitmap", "--add", "--disable", disabled.Path, bitmap)
	refused(t, f, nbd.Volume{Layers: []nbd.Layer{disabled}}, nbd.Config{ReadOnly: true, Bitmap: bitmap}, api.ErrInvalidBitmapChain)
}

// changed checks what a bitmap that a server offers marks: one range.
func (f *fixture) changed(t *testing.T, url, bitmap string, from, to int64) {
	t.Helper()
	socket := strings.TrimPrefix(url, "nbd:unix:")
	// QEMU shows the bits as data that is not there.
	got := tool(t, "qemu-img", "map", "--output=json", "--image-opts",
		"driver=nbd,server.type=unix,server.path="+socket+",x-dirty-bitmap=qemu:dirty-bitmap:"+bitmap)
	extents := strings.Split(strings.TrimSpace(got), "\n")
	for _, e := range extents {
		if strings.Contains(e, `"data": false`) {
			if !strings.Contains(e, `"start": `+itoa(from)+`, "length": `+itoa(to-from)+`,`) {
				t.Errorf("changed is %s, not %d to %d", e, from, to)
			}
			return
		}
	}
	t.Errorf("nothing is changed: %s", got)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func refused(t *testing.T, f *fixture, v nbd.Volume, c nbd.Config, want error) {
	t.Helper()
	if _, err := f.Start(t.Context(), uuid.NewString(), v, c); !errors.Is(err, want) {
		t.Errorf("%+v: %v, want %v", c, err, want)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	raw := f.image(t, "raw", qemuimg.Raw, "1", "")
	v := nbd.Volume{ID: "raw", Layers: []nbd.Layer{raw}, Shared: true}
	refused(t, f, v, nbd.Config{}, api.ErrSharedVolumeNonWritable)
	refused(t, f, v, nbd.Config{Bitmap: uuid.NewString()}, api.ErrStorageUnsupportedOperation)
	refused(t, f, v, nbd.Config{ReadOnly: true, Bitmap: uuid.NewString()}, api.ErrStorageUnsupportedOperation)
	refused(t, f, v, nbd.Config{ReadOnly: true, TopOnly: true, Bitmap: uuid.NewString()}, api.ErrStorageUnsupportedOperation)
	for _, id := range []string{"", "../../etc/x", "a b", strings.Repeat("a", 4096), uuid.NewString() + "/.."} {
		if _, err := f.Start(t.Context(), id, v, nbd.Config{ReadOnly: true}); !errors.Is(err, api.ErrInvalidParameterException) {
			t.Errorf("start %.50q: %v", id, err)
		}
		if err := f.Stop(t.Context(), id); !errors.Is(err, api.ErrInvalidParameterException) {
			t.Errorf("stop %.50q: %v", id, err)
		}
	}
	must(t, f.Stop(t.Context(), uuid.NewString()))
	gone := nbd.Volume{ID: "gone", Layers: []nbd.Layer{{Path: filepath.Join(f.images, "gone"), Format: qemuimg.Raw}}}
	if _, err := f.Start(t.Context(), uuid.NewString(), gone, nbd.Config{}); err == nil || !strings.Contains(err.Error(), "No such file") {
		t.Errorf("an image that is not there: %v", err)
	}
}

// TestForeignPID leaves a process alone whose number a killed server had.
func TestForeignPID(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	id := uuid.NewString()
	must(t, os.Mkdir(f.run, 0o755))
	for _, text := range []string{itoa(int64(os.Getpid())), "", "x", "-1", "0", "99999999"} {
		must(t, os.WriteFile(filepath.Join(f.run, id+".pid"), []byte(text), 0o600))
		must(t, f.Stop(t.Context(), id))
		if _, err := os.Stat(filepath.Join(f.run, id+".pid")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: the file is left: %v", text, err)
		}
	}
}
