// SPDX-License-Identifier: GPL-2.0-or-later

package qemuimg

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// folder is a Reader of a folder.
type folder string

func (f folder) ReadAt(_ context.Context, name string, offset, size int64, _ bool) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(string(f), name))
	if err != nil {
		return nil, err
	}
	return b[min(offset, int64(len(b))):min(offset+size, int64(len(b)))], nil
}

// TestLifeOfAChain does with the real qemu-img what is done to volumes.
func TestLifeOfAChain(t *testing.T) {
	r, dir, ctx := New(Options{Compat: "1.1"}), t.TempDir(), t.Context()
	at := func(name string) string { return filepath.Join(dir, name) }
	const size = 16 << 20
	must(t, r.Create(ctx, Create{Image: at("base"), Size: size, Format: Raw}))
	must(t, r.Create(ctx, Create{Image: at("middle"), Size: size, Format: QCOW2, Backing: "base", BackingFormat: Raw, Unsafe: true}))
	must(t, r.Create(ctx, Create{Image: at("top"), Size: size, Format: QCOW2, Backing: "middle", BackingFormat: QCOW2, Unsafe: true}))

	layers, err := Chain(ctx, folder(dir), "", "top", QCOW2, nil)
	must(t, err)
	if len(layers) != 3 || layers[1].Name != "middle" || layers[2].Format != Raw || layers[0].Header.Size != size {
		t.Errorf("%+v", layers)
	}
	must(t, r.AddBitmap(ctx, at("top"), "changes", true, 0))
	i, err := r.Info(ctx, at("top"), InfoOptions{Format: QCOW2, Untrusted: true})
	must(t, err)
	if i.VirtualSize != size || i.Backing != "middle" || i.BackingFormat != QCOW2 || i.Specific.Data.Compat != "1.1" ||
		len(i.Specific.Data.Bitmaps) != 1 || i.Specific.Data.Bitmaps[0].Name != "changes" {
		t.Errorf("%+v", i)
	}
	must(t, r.AddBitmap(ctx, at("middle"), "changes", true, 0))
	must(t, r.MergeBitmap(ctx, at("top"), "changes", QCOW2, at("middle"), "changes"))
	must(t, r.EnableBitmap(ctx, at("middle"), "changes", false))
	must(t, r.RemoveBitmap(ctx, at("top"), "changes"))
	m, err := r.Measure(ctx, Measure{Image: at("top"), Format: QCOW2, TargetFormat: QCOW2, Base: at("middle"), BaseFormat: QCOW2})
	if err != nil || m.Required <= 0 || m.FullyAllocated < size {
		t.Errorf("%+v, %v", m, err)
	}
	checked, err := r.Check(ctx, at("top"), QCOW2)
	if err != nil || checked.EndOffset <= 0 || checked.Leaks != 0 {
		t.Errorf("%+v, %v", checked, err)
	}
	if extents, err := r.Map(ctx, at("top")); err != nil || len(extents) == 0 || extents[0].Depth != 2 {
		t.Errorf("%+v, %v", extents, err)
	}
	last := -1.0
	must(t, r.Commit(ctx, at("top"), QCOW2, at("middle"), func(percent float64) { last = percent }))
	if last != 100 {
		t.Errorf("commit ended at %v percent", last)
	}
	must(t, r.Rebase(ctx, Rebase{Image: at("top"), Backing: "base", Format: QCOW2, BackingFormat: Raw, Unsafe: true}))
	must(t, r.Resize(ctx, at("top"), 2*size, QCOW2))
	must(t, r.Amend(ctx, at("top"), "0.10"))
	if layers, err = Chain(ctx, folder(dir), "", "top", QCOW2, nil); err != nil || len(layers) != 2 || layers[0].Header.Version != 2 ||
		layers[0].Header.Size != 2*size {
		t.Errorf("%+v, %v", layers, err)
	}
	must(t, os.WriteFile(at("other"), []byte(strings.Repeat("x", size)), 0o600))
	last = -1
	must(t, r.Convert(ctx, Convert{Source: at("other"), Target: at("copy"), SourceFormat: Raw, TargetFormat: QCOW2},
		func(percent float64) { last = percent }))
	must(t, r.Compare(ctx, at("other"), Raw, at("copy"), QCOW2, false))
	if err := r.Compare(ctx, at("base"), Raw, at("copy"), QCOW2, false); !errors.Is(err, ErrDiffer) {
		t.Errorf("%v", err)
	}
	if last != 100 {
		t.Errorf("the copy ended at %v percent", last)
	}
}

func TestHostileImages(t *testing.T) {
	r, dir, ctx := New(Options{Compat: "1.1"}), t.TempDir(), t.Context()
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, backing := range map[string]string{
		"absolute": "/etc/passwd", "up": "../../../etc/passwd", "nbd": "nbd:unix:/run/x", "json": `json:{"driver":"null-co"}`,
		"colon": "file:secret", "dots": "..",
	} {
		must(t, r.Create(ctx, Create{Image: at(name), Size: 1 << 20, Format: QCOW2, Backing: backing, BackingFormat: Raw, Unsafe: true}))
		if layers, err := Chain(ctx, folder(dir), "", name, QCOW2, nil); !errors.Is(err, ErrForeign) {
			t.Errorf("%s: %v, %v", name, layers, err)
		}
	}
	must(t, r.Create(ctx, Create{Image: at("loop"), Size: 1 << 20, Format: QCOW2, Backing: "loop", BackingFormat: QCOW2, Unsafe: true}))
	if _, err := Chain(ctx, folder(dir), "", "loop", QCOW2, nil); !errors.Is(err, ErrChain) {
		t.Errorf("loop: %v", err)
	}
	must(t, r.Create(ctx, Create{Image: at("vmdk"), Size: 1 << 20, Format: QCOW2, Backing: "x", BackingFormat: "vmdk", Unsafe: true}))
	if _, err := Chain(ctx, folder(dir), "", "vmdk", QCOW2, nil); !errors.Is(err, ErrForeign) {
		t.Errorf("vmdk: %v", err)
	}
	_, err := r.run(ctx, &command{args: []string{"create", "-f", "qcow2", "-o", "data_file=" + at("data"), at("external"), "1M"}})
	must(t, err)
	if _, err := Chain(ctx, folder(dir), "", "external", QCOW2, nil); !errors.Is(err, ErrForeign) {
		t.Errorf("data file: %v", err)
	}
	must(t, os.WriteFile(at("text"), []byte("QFI"), 0o600))
	if _, err := Chain(ctx, folder(dir), "", "text", QCOW2, nil); !errors.Is(err, ErrNotQCOW2) {
		t.Errorf("text: %v", err)
	}
	if _, err := r.Info(ctx, at("text"), InfoOptions{Format: QCOW2}); err == nil {
		t.Error("text is an image")
	}
}

func TestFormatThatTheImageDoesNotTell(t *testing.T) {
	dir := t.TempDir()
	b := make([]byte, 512)
	binary.BigEndian.PutUint32(b, qcowMagic)
	binary.BigEndian.PutUint32(b[4:], 2)
	binary.BigEndian.PutUint64(b[8:], 200)
	binary.BigEndian.PutUint32(b[16:], 4)
	copy(b[200:], "base")
	must(t, os.WriteFile(filepath.Join(dir, "top"), b, 0o600))
	if _, err := Chain(t.Context(), folder(dir), "", "top", QCOW2, nil); !errors.Is(err, ErrFormat) {
		t.Errorf("%v", err)
	}
	layers, err := Chain(t.Context(), folder(dir), "", "top", QCOW2, func(name string) (Format, error) { return Raw, nil })
	if err != nil || len(layers) != 2 {
		t.Errorf("%v, %v", layers, err)
	}
}

func FuzzParseHeader(f *testing.F) {
	b := make([]byte, 512)
	binary.BigEndian.PutUint32(b, qcowMagic)
	binary.BigEndian.PutUint32(b[4:], 3)
	binary.BigEndian.PutUint64(b[8:], 300)
	binary.BigEndian.PutUint32(b[16:], 10)
	binary.BigEndian.PutUint32(b[100:], 104)
	f.Add(b)
	f.Add(b[:80])
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, err := ParseHeader(b); err == nil && h == nil {
			t.Error("neither a header nor an error")
		}
	})
}

// program makes a Runner of a shell script.
func program(t *testing.T, script string) *Runner {
	t.Helper()
	path := filepath.Join(t.TempDir(), "qemu-img")
	must(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755))
	return New(Options{Program: path})
}

func TestFaults(t *testing.T) {
	ctx := t.Context()
	_, err := program(t, "echo broken >&2; exit 1").Info(ctx, "x", InfoOptions{})
	if e, ok := errors.AsType[*Error](err); !ok || e.Code != 1 || e.Stderr != "broken" || !strings.Contains(err.Error(), "rc=1") {
		t.Errorf("%v", err)
	}
	for name, script := range map[string]string{
		"nothing": "", "text": "echo hello", "a list": "echo []", "no members": "echo {}",
	} {
		if _, err := program(t, script).Info(ctx, "x", InfoOptions{}); !errors.Is(err, ErrOutput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := program(t, "head -c 70000000 /dev/zero").Info(ctx, "x", InfoOptions{}); !errors.Is(err, ErrOutput) {
		t.Errorf("too much: %v", err)
	}
	if _, err := program(t, `echo '{"image-end-offset": 5, "leaks": 2}'; exit 3`).Check(ctx, "x", QCOW2); err != nil {
		t.Errorf("leaks: %v", err)
	}
	if _, err := New(Options{Program: "/nonexistent"}).Info(ctx, "x", InfoOptions{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no program: %v", err)
	}
}

func TestCancelKillsTheGroup(t *testing.T) {
	dir := t.TempDir()
	r := program(t, "sleep 1000 & echo $! >"+dir+"/child; wait")
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error)
	go func() { failed <- r.Convert(ctx, Convert{Source: "a", Target: "b"}, nil) }()
	var child string
	for end := time.Now().Add(time.Minute); child == ""; time.Sleep(10 * time.Millisecond) {
		b, _ := os.ReadFile(dir + "/child")
		if child = strings.TrimSpace(string(b)); time.Now().After(end) {
			t.Fatal("it did not start")
		}
	}
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		b, err := os.ReadFile("/proc/" + child + "/stat")
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) || strings.Contains(string(b), ") Z ") {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the child lives")
		}
	}
}
