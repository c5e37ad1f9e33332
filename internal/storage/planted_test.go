// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"govdsm/api"
	"govdsm/internal/storage/qemuimg"
)

// secret is in the files outside of the domain that planted things lead to.
const secret = "root-secret-7f1d"

// state is everything that could have been changed below a folder.
func state(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	must(t, filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		var text []byte
		if info.Mode().IsRegular() {
			text, err = os.ReadFile(name)
		}
		fmt.Fprintf(&all, "%s %s %d %s %x\n", name, info.Mode(), info.Size(), info.ModTime(), text)
		return err
	}))
	return all.String()
}

// swap puts something in the place of a file.
func swap(t *testing.T, name string, plant func() error) {
	t.Helper()
	must(t, os.RemoveAll(name))
	must(t, plant())
}

// overBacking makes the header of a qcow2 volume name another backing file.
func overBacking(t *testing.T, name, backing string) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	must(t, err)
	defer f.Close()
	const at = 1024 // behind all extensions, in the first cluster
	var head [12]byte
	binary.BigEndian.PutUint64(head[:], at)
	binary.BigEndian.PutUint32(head[8:], uint32(len(backing)))
	_, err = f.WriteAt([]byte(backing), at)
	must(t, err)
	_, err = f.WriteAt(head[:], 8)
	must(t, err)
}

// TestPlanted puts into a domain what leads out of it, or is no file, or is
// broken. Whatever is asked of it, the answer comes, refuses what would follow
// it, shows nothing of what is outside and changes nothing there.
func TestPlanted(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	for name, plant := range planted(c) {
		image := uuid.NewString()
		base := c.create(image, blank)
		leaf := c.create(image, base)
		// What is outside would do as an image, and as each of its files.
		outside := filepath.Join(c.top, "outside-"+image)
		must(t, os.CopyFS(outside, os.DirFS(c.file(image, "."))))
		must(t, os.WriteFile(filepath.Join(outside, "secret"), []byte(strings.Repeat(secret, 4096)), 0o600))
		before := state(t, outside)
		plant(image, leaf, outside)
		c.askPlanted(name, image, leaf)
		if after := state(t, outside); after != before {
			t.Errorf("%s: what is outside has changed:\n%.300s\n%.300s", name, before, after)
		}
		if err := os.RemoveAll(c.file(image, ".")); err != nil {
			t.Fatal(err)
		}
	}
	image := uuid.NewString()
	c.create(image, c.create(image, blank)) // all is well for others
}

// askPlanted asks everything of a planted volume.
func (c *centre) askPlanted(name, image, leaf string) {
	c.t.Helper()
	above := c.volume(image, uuid.NewString())
	above["volFormat"], above["srcImgUUID"], above["srcVolUUID"] = 4, image, leaf
	for _, verb := range []string{
		"Image.prepare", "Volume.getQemuImageInfo", "Volume.measure", "Volume.verify_untrusted", "Volume.extendSize", "Volume.copy",
		"Volume.getInfo", "Volume.getSize", "Volume.refresh", "Volume.setDescription", "Volume.setLegality", "Volume.create",
		"Image.reconcileVolumeChain", "Image.getVolumes", "StorageDomain.getVolumes", "StorageDomain.getImages",
		"Volume.delete", "Image.teardown", "Image.delete",
	} {
		params := c.volume(image, leaf)
		if verb == "Volume.create" {
			params = above
		}
		answer, err := c.run(verb, params)
		// Hosts once wrote the configuration of paused VMs raw into qcow2 volumes.
		if err == nil && verb == "Image.prepare" && name != "data is cut off" {
			c.t.Errorf("%s: %s answers %s", name, verb, answer)
		}
		if err != nil && !strings.Contains(err.Error(), "value=") && !coded(err) {
			c.t.Errorf("%s: %s: an error without a code: %v", name, verb, err)
		}
		if strings.Contains(answer, secret) || err != nil && strings.Contains(err.Error(), secret) {
			c.t.Errorf("%s: %s shows what is outside: %s %v", name, verb, answer, err)
		}
	}
}

// coded reports whether an error is told by a code. What qemu-img says, or that
// it was not asked, is the general exception, as the original has it.
func coded(err error) bool {
	if _, ok := errors.AsType[*qemuimg.Error](err); ok || errors.Is(err, qemuimg.ErrNotQCOW2) {
		return true
	}
	if _, ok := errors.AsType[*api.Error](err); ok {
		return true
	}
	_, ok := errors.AsType[*api.Code](err)
	return ok
}

// planted returns what is planted by name. Each gets an image, its leaf, and a
// folder outside that looks like the image and has a file "secret".
func planted(c *centre) map[string]func(image, leaf, outside string) {
	t := c.t
	all := map[string]func(image, leaf, outside string){
		"image is a link out": func(image, _, outside string) {
			swap(t, c.file(image, "."), func() error { return os.Symlink(outside, filepath.Join(c.dir, "images", image)) })
		},
		"image is a relative link out": func(image, _, outside string) {
			swap(t, c.file(image, "."), func() error {
				return os.Symlink("../../../"+filepath.Base(outside), filepath.Join(c.dir, "images", image))
			})
		},
		"data is a link to a secret": func(image, leaf, outside string) {
			swap(t, c.file(image, leaf), func() error { return os.Symlink(filepath.Join(outside, "secret"), c.file(image, leaf)) })
		},
		"data is a link to a device": func(image, leaf, _ string) {
			swap(t, c.file(image, leaf), func() error { return os.Symlink("/dev/zero", c.file(image, leaf)) })
		},
		"data is a pipe": func(image, leaf, _ string) {
			swap(t, c.file(image, leaf), func() error { return unix.Mkfifo(c.file(image, leaf), 0o660) })
		},
		"data is a device": func(image, leaf, _ string) {
			swap(t, c.file(image, leaf), func() error {
				return unix.Mknod(c.file(image, leaf), unix.S_IFCHR|0o660, int(unix.Mkdev(1, 5)))
			})
		},
		"data is a folder": func(image, leaf, _ string) {
			swap(t, c.file(image, leaf), func() error { return os.Mkdir(c.file(image, leaf), 0o755) })
		},
		"data is missing":   func(image, leaf, _ string) { must(t, os.Remove(c.file(image, leaf))) },
		"data is cut off":   func(image, leaf, _ string) { must(t, os.Truncate(c.file(image, leaf), 50)) },
		"external data":     func(image, leaf, outside string) { c.externalData(image, leaf, outside) },
		"metadata is empty": func(image, leaf, _ string) { must(t, os.Truncate(c.file(image, leaf+".meta"), 0)) },
		"metadata is half":  func(image, leaf, _ string) { must(t, os.Truncate(c.file(image, leaf+".meta"), 100)) },
		"metadata is huge":  func(image, leaf, _ string) { must(t, os.Truncate(c.file(image, leaf+".meta"), 1<<40)) },
		"metadata is a pipe": func(image, leaf, _ string) {
			swap(t, c.file(image, leaf+".meta"), func() error { return unix.Mkfifo(c.file(image, leaf+".meta"), 0o660) })
		},
		"metadata is a link out": func(image, leaf, outside string) {
			swap(t, c.file(image, leaf+".meta"), func() error {
				return os.Symlink(filepath.Join(outside, leaf+".meta"), c.file(image, leaf+".meta"))
			})
		},
		"metadata is a secret": func(image, leaf, outside string) {
			swap(t, c.file(image, leaf+".meta"), func() error {
				return os.Symlink(filepath.Join(outside, "secret"), c.file(image, leaf+".meta"))
			})
		},
	}
	for name, backing := range map[string]string{
		"absolute": "/etc/passwd", "relative": "../../../../etc/passwd", "json": `json:{"driver":"file","filename":"/etc/passwd"}`,
		"nbd": "nbd://127.0.0.1:1/x", "protocol": "file:/etc/passwd", "itself": "",
	} {
		all["backing file: "+name] = func(image, leaf, _ string) {
			if backing == "" {
				backing = leaf
			}
			overBacking(t, c.file(image, leaf), backing)
			backing = strings.TrimPrefix(backing, leaf)
		}
	}
	return all
}

// externalData makes a qcow2 volume keep its data in a file outside.
func (c *centre) externalData(image, leaf, outside string) {
	c.t.Helper()
	data := filepath.Join(outside, "secret")
	must(c.t, os.Remove(c.file(image, leaf)))
	before, err := os.ReadFile(data)
	must(c.t, err)
	info, err := os.Stat(data)
	must(c.t, err)
	out, err := exec.Command("qemu-img", "create", "-q", "-f", "qcow2", "-o", "data_file="+data+",data_file_raw=on", c.file(image, leaf), "1M").CombinedOutput()
	if err != nil {
		c.t.Fatalf("%v: %s", err, out)
	}
	must(c.t, os.WriteFile(data, before, 0o600)) // qemu-img has emptied it
	must(c.t, os.Chtimes(data, info.ModTime(), info.ModTime()))
}
