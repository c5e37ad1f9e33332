// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"govdsm/api"
)

// TestChainOf100 makes a chain of a hundred volumes, asks everything of it that
// a manager asks, and deletes it from its leaf down. How long that takes is in
// the log; what takes more than a minute fails.
func TestChainOf100(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	image := uuid.NewString()
	began := time.Now()
	took := func(what string) {
		t.Helper()
		t.Logf("%s: %v", what, time.Since(began))
		began = time.Now()
	}
	var chain []string // base first
	for parent := blank; len(chain) < 100; parent = chain[len(chain)-1] {
		chain = append(chain, c.create(image, parent))
	}
	took("created")
	leaf := c.volume(image, chain[99])

	var q api.QemuImageInfo
	must(t, json.Unmarshal([]byte(c.must("Volume.getQemuImageInfo", leaf)), &q))
	if q.Backingfile == nil || *q.Backingfile != chain[98] || q.Virtualsize != 1<<20 {
		t.Errorf("qemu-img tells %+v", q)
	}
	took("getQemuImageInfo")
	c.must("Image.prepare", leaf)
	took("prepare")
	for n, id := range chain {
		var info api.VolumeInfoResponse
		must(t, json.Unmarshal([]byte(c.must("Volume.getInfo", c.volume(image, id))), &info))
		role, parent := api.VolumeRoleINTERNAL, blank
		if n == 99 {
			role = api.VolumeRoleLEAF
		}
		if n > 0 {
			parent = chain[n-1]
		}
		if info.Status != api.VolumeStatusOK || *info.Voltype != role || string(*info.Parent) != parent {
			t.Errorf("volume %d: %+v", n, info)
		}
	}
	took("a hundred times getInfo")
	c.must("Volume.measure", leaf)
	took("measure")
	var ids []string
	must(t, json.Unmarshal([]byte(c.must("Image.reconcileVolumeChain", leaf)), &ids))
	if !slices.Equal(ids, chain) {
		t.Errorf("the chain is %q", ids)
	}
	took("reconcileVolumeChain")
	c.must("Image.teardown", leaf)

	below := slices.Clone(chain[50:])
	slices.Reverse(below)
	params := c.volume(image, chain[99])
	params["volumeList"] = below
	if _, err := c.run("Image.deleteVolumes", params); err != nil {
		t.Fatal(err)
	}
	took("fifty deleted")
	c.must("Image.prepare", c.volume(image, chain[49]))
	if _, err := c.run("Image.delete", c.volume(image, chain[49])); err != nil {
		t.Fatal(err)
	}
	took("the image deleted")
	if left, err := os.ReadDir(c.file("", "")); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}
