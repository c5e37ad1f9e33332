// SPDX-License-Identifier: GPL-2.0-or-later

package volume_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
)

// withVolumes makes a domain with so many volumes, 10 in an image, without data.
func withVolumes(b *testing.B, n int) *fixture {
	f := newFixture(b)
	for i := range n / 10 {
		dir := f.domain.Path("images/" + uuid.NewString())
		must(b, os.Mkdir(dir, 0o755))
		for j := range 10 {
			name := filepath.Join(dir, uuid.NewString())
			must(b, os.WriteFile(name, nil, 0o660))
			text := fmt.Sprintf("CAP=%d\nCTIME=1\nDESCRIPTION=\nDISKTYPE=DATA\nDOMAIN=%s\nFORMAT=COW\nGEN=0\nIMAGE=%s\nLEGALITY=LEGAL\n"+
				"PUUID=00000000-0000-0000-0000-000000000000\nSEQ=%d\nTYPE=SPARSE\nVOLTYPE=LEAF\nEOF\n", i, f.domain.ID(), filepath.Base(dir), j)
			must(b, os.WriteFile(name+".meta", []byte(text), 0o644))
		}
	}
	return f
}

func BenchmarkList10000(b *testing.B) {
	f := withVolumes(b, 10_000)
	b.Run("volumes", func(b *testing.B) {
		for b.Loop() {
			if list, err := f.List(b.Context()); err != nil || len(list) != 10_000 {
				b.Fatal(len(list), err)
			}
		}
	})
	b.Run("images", func(b *testing.B) {
		for b.Loop() {
			if list, err := f.domain.Images(b.Context()); err != nil || len(list) != 1000 {
				b.Fatal(len(list), err)
			}
		}
	})
	b.Run("bare", func(b *testing.B) { // the same system calls, and nothing else
		top := f.domain.Path("images")
		for b.Loop() {
			images, err := os.ReadDir(top)
			must(b, err)
			found := 0
			for _, image := range images {
				names, err := os.ReadDir(filepath.Join(top, image.Name()))
				must(b, err)
				for _, name := range names {
					if filepath.Ext(name.Name()) == ".meta" {
						found++
					}
				}
			}
			if found != 10_000 {
				b.Fatal(found)
			}
		}
	})
}

func BenchmarkCreateRaw(b *testing.B) {
	f := newFixture(b)
	b.Run("volume", func(b *testing.B) {
		for b.Loop() {
			f.create(b, raw())
		}
	})
	b.Run("bare", func(b *testing.B) { // qemu-img, and what is written beside it
		text := make([]byte, 300)
		for b.Loop() {
			dir := f.domain.Path("images/" + uuid.NewString())
			must(b, os.Mkdir(dir, 0o755))
			name := filepath.Join(dir, uuid.NewString())
			must(b, exec.Command("/usr/bin/qemu-img", "create", "-f", "raw", name, "1048576").Run())
			must(b, os.Chmod(name, 0o660))
			file, err := os.Create(name + ".meta")
			must(b, err)
			_, err = file.Write(text)
			must(b, err)
			must(b, file.Sync())
			must(b, file.Close())
		}
	})
}

// BenchmarkPrepare100 is what a VM with a long chain waits for.
func BenchmarkPrepare100(b *testing.B) {
	f := newFixture(b)
	chain := f.chain(b, 100)
	for b.Loop() {
		if _, err := f.Prepare(b.Context(), chain[99], false); err != nil {
			b.Fatal(err)
		}
	}
}
