// SPDX-License-Identifier: GPL-2.0-or-later

package qemuimg

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// recorder is a program in place of qemu-img that notes how it was called, and
// answers with something of everything.
func recorder(t *testing.T, dir string) *Runner {
	t.Helper()
	program := filepath.Join(dir, "recorder")
	script := "#!/bin/sh\n{ pwd; printf '%s\\n' \"$0\" \"$@\"; } >" + dir + "/called\n" +
		`echo '{"format": "raw", "virtual-size": 1, "required": 1, "fully-allocated": 1, "image-end-offset": 1}'`
	must(t, os.WriteFile(program, []byte(script), 0o755))
	return New(Options{Program: program, Prlimit: program})
}

// TestArgumentsAreTheOriginals makes each recorded call and compares.
func TestArgumentsAreTheOriginals(t *testing.T) {
	const repository = "/rhev/data-center/mnt/x"
	const parent = "cd447e35-b8b6-48fe-842e-3d437204e52d"
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	image := dir + "/cd613e30-d8f1-4adf-91b7-584a2265b1f5/images/78e51061-7311-48a3-82ce-6f447ed4d57b/35bf992d-c9e9-4616-a12e-7696a6cecc1b"
	must(t, os.MkdirAll(filepath.Dir(image), 0o755))
	r := recorder(t, dir)
	const size = 1 << 30
	calls := map[string]func(context.Context) error{
		"create raw": func(ctx context.Context) error {
			return r.Create(ctx, Create{Image: image, Size: size, Format: Raw})
		},
		"create qcow2 base v4+": func(ctx context.Context) error {
			return r.Create(ctx, Create{Image: image, Size: size, Format: QCOW2, Compat: "1.1"})
		},
		"create qcow2 base v3": func(ctx context.Context) error {
			return r.Create(ctx, Create{Image: image, Size: size, Format: QCOW2})
		},
		"create snapshot": func(ctx context.Context) error {
			return r.Create(ctx, Create{Image: image, Size: size, Format: QCOW2, Compat: "1.1", Backing: parent, BackingFormat: Raw, Unsafe: true})
		},
		"convert to raw preallocated (block)": func(ctx context.Context) error {
			return r.Convert(ctx, Convert{Source: "/src", Target: image, SourceFormat: QCOW2, TargetFormat: Raw, NoCreate: true, UnorderedWrites: true}, nil)
		},
		"convert to raw sparse file": func(ctx context.Context) error {
			return r.Convert(ctx, Convert{Source: "/src", Target: image, SourceFormat: Raw, TargetFormat: Raw}, nil)
		},
		"convert to raw preallocated file": func(ctx context.Context) error {
			return r.Convert(ctx, Convert{Source: "/src", Target: image, SourceFormat: Raw, TargetFormat: Raw, NoCreate: true, TargetIsZero: true}, nil)
		},
		"convert to qcow2 base": func(ctx context.Context) error {
			return r.Convert(ctx, Convert{Source: "/src", Target: image, SourceFormat: Raw, TargetFormat: QCOW2, Compat: "1.1"}, nil)
		},
		"convert to qcow2 with backing, bitmaps": func(ctx context.Context) error {
			return r.Convert(ctx, Convert{Source: "/src", Target: image, SourceFormat: QCOW2, TargetFormat: QCOW2, Backing: parent, NoCreate: true, Bitmaps: true}, nil)
		},
		"commit top into base": func(ctx context.Context) error { return r.Commit(ctx, image, QCOW2, "/b", nil) },
		"rebase": func(ctx context.Context) error {
			return r.Rebase(ctx, Rebase{Image: image, Backing: parent, Format: QCOW2, BackingFormat: Raw, Unsafe: true})
		},
		"bitmap add":                func(ctx context.Context) error { return r.AddBitmap(ctx, image, "b1", true, 65536) },
		"bitmap add no granularity": func(ctx context.Context) error { return r.AddBitmap(ctx, image, "b1", true, 0) },
		"bitmap remove":             func(ctx context.Context) error { return r.RemoveBitmap(ctx, image, "b1") },
		"bitmap merge":              func(ctx context.Context) error { return r.MergeBitmap(ctx, "/t", "b1", QCOW2, image, "b1") },
		"measure raw to qcow2": func(ctx context.Context) error {
			_, err := r.Measure(ctx, Measure{Image: image, Format: Raw, TargetFormat: QCOW2})
			return err
		},
		"measure chain block": func(ctx context.Context) error {
			_, err := r.Measure(ctx, Measure{Image: image, Format: QCOW2, TargetFormat: QCOW2, Block: true})
			return err
		},
		"measure one layer": func(ctx context.Context) error {
			_, err := r.Measure(ctx, Measure{Image: image, Format: QCOW2, TargetFormat: QCOW2, TopOnly: true, Shared: true})
			return err
		},
		"info": func(ctx context.Context) error {
			_, err := r.Info(ctx, image, InfoOptions{Format: QCOW2, Shared: true})
			return err
		},
		"info untrusted": func(ctx context.Context) error {
			_, err := r.Info(ctx, image, InfoOptions{Untrusted: true})
			return err
		},
		"check":  func(ctx context.Context) error { _, err := r.Check(ctx, image, QCOW2); return err },
		"amend":  func(ctx context.Context) error { return r.Amend(ctx, image, "1.1") },
		"resize": func(ctx context.Context) error { return r.Resize(ctx, image, size, QCOW2) },
	}
	b, err := os.ReadFile("testdata/qemu-img-commands.json")
	must(t, err)
	var recorded map[string]struct {
		Argv []string
		Cwd  *string
	}
	must(t, json.Unmarshal([]byte(strings.ReplaceAll(string(b), repository, dir)), &recorded))
	for name, want := range recorded {
		call, ok := calls[name]
		if !ok {
			t.Errorf("%s is not tried", name)
			continue
		}
		if err := call(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		b, err := os.ReadFile(dir + "/called")
		must(t, err)
		got := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
		for i := range want.Argv {
			if want.Argv[i] == "/usr/bin/qemu-img" || want.Argv[i] == "/usr/bin/prlimit" {
				want.Argv[i] = r.o.Program
			}
		}
		if diff := cmp.Diff(want.Argv, got[1:]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if want.Cwd != nil && *want.Cwd != got[0] {
			t.Errorf("%s runs in %s, not in %s", name, got[0], *want.Cwd)
		}
	}
}
