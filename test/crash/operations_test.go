// SPDX-License-Identifier: GPL-2.0-or-later

package crash

import (
	"fmt"
	"os/exec"
	"path/filepath"
)

// volume names one in domain a.
type volume struct{ image, id string }

func newVolume() volume { return volume{id(), id()} }

func (h *host) of(v volume, more object) object {
	p := object{"storagepoolID": h.d.pool, "storagedomainID": h.d.a, "imageID": v.image, "volumeID": v.id}
	for k, val := range more {
		p[k] = val
	}
	return p
}

const (
	cow, raw             = 4, 5
	preallocated, sparse = 1, 2
)

// spec is what Volume.create is asked for.
func (h *host) spec(v volume, format, allocation int, parent volume) object {
	if parent.id == "" {
		parent = volume{blank, blank}
	}
	return h.of(v, object{
		"size": fmt.Sprint(mib), "volFormat": format, "preallocate": allocation, "diskType": "DATA", "desc": "d",
		"srcImgUUID": parent.image, "srcVolUUID": parent.id,
	})
}

func (h *host) create(v volume, format, allocation int, parent volume) volume {
	h.t.Helper()
	h.mustDo("Volume.create", h.spec(v, format, allocation, parent))
	return v
}

// chain makes an image of a raw volume and others upon it, base first.
func (h *host) chain(n int) (all []volume) {
	h.t.Helper()
	v := h.create(newVolume(), raw, sparse, volume{})
	for all = append(all, v); len(all) < n; all = append(all, v) {
		v = h.create(volume{v.image, id()}, cow, sparse, all[len(all)-1])
	}
	return all
}

func (h *host) path(v volume) string {
	return filepath.Join(h.disk, "a", h.d.a, "images", v.image, v.id)
}

// fill writes a pattern into a volume, as a VM would.
func (h *host) fill(v volume, format string, pattern, offset int) {
	h.t.Helper()
	out, err := exec.Command("qemu-io", "-f", format, "-c", fmt.Sprintf("write -P %d %d 64k", pattern, offset), "-c", "flush", h.path(v)).CombinedOutput()
	if err != nil {
		h.t.Fatalf("%v: %s", err, out)
	}
}

// holds compares what a volume holds.
func (h *host) holds(v volume, format string, pattern, offset int) error {
	out, err := exec.Command("qemu-io", "-r", "-f", format, "-c", fmt.Sprintf("read -P %d %d 64k", pattern, offset), h.path(v)).CombinedOutput()
	if err != nil || len(out) == 0 {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func createOf(spec func(h *host) object) func(h *host) work {
	return func(h *host) work { return work{verb: "Volume.create", params: spec(h)} }
}

func div(h *host, v volume, generation int) object {
	return object{"endpoint_type": "div", "sd_id": h.d.a, "img_id": v.image, "vol_id": v.id, "generation": generation}
}

// onVolumes are those that change volumes.
func onVolumes() []operation {
	return []operation{
		{name: "create raw", prepare: createOf(func(h *host) object { return h.spec(newVolume(), raw, sparse, volume{}) })},
		{name: "create preallocated", prepare: createOf(func(h *host) object { return h.spec(newVolume(), raw, preallocated, volume{}) })},
		{name: "create qcow2", prepare: createOf(func(h *host) object { return h.spec(newVolume(), cow, sparse, volume{}) })},
		{name: "first snapshot", prepare: createOf(func(h *host) object {
			base := h.chain(1)[0]
			return h.spec(volume{base.image, id()}, cow, sparse, base)
		})},
		{name: "snapshot", prepare: createOf(func(h *host) object {
			leaf := h.chain(2)[1]
			return h.spec(volume{leaf.image, id()}, cow, sparse, leaf)
		})},
		{name: "create from template", prepare: createOf(func(h *host) object {
			template := h.chain(1)[0]
			h.create(newVolume(), cow, sparse, template) // which makes it one
			return h.spec(newVolume(), cow, sparse, template)
		})},
		{name: "delete volume", again: true, prepare: func(h *host) work {
			return work{verb: "Volume.delete", params: h.of(h.chain(2)[1], object{"postZero": "false", "force": "false"})}
		}},
		{name: "delete image", prepare: func(h *host) work {
			return work{verb: "Image.delete", params: h.of(h.chain(2)[1], object{"postZero": "false", "force": "false"})}
		}},
		{name: "extend", prepare: func(h *host) work {
			return work{verb: "Volume.extendSize", params: h.of(h.chain(1)[0], object{"newSize": fmt.Sprint(2 * mib)})}
		}},
		{name: "extend preallocated", prepare: func(h *host) work {
			v := h.create(newVolume(), raw, preallocated, volume{})
			return work{verb: "Volume.extendSize", params: h.of(v, object{"newSize": fmt.Sprint(2 * mib)})}
		}},
		{name: "set description", prepare: func(h *host) work {
			return work{verb: "Volume.setDescription", params: h.of(h.chain(1)[0], object{"description": "changed"})}
		}},
		{name: "describe template", again: true, prepare: func(h *host) work {
			template := h.chain(1)[0]
			h.create(newVolume(), cow, sparse, template)
			return work{verb: "Volume.setDescription", params: h.of(template, object{"description": "changed"})}
		}},
		{name: "set legality", prepare: func(h *host) work {
			v := h.chain(1)[0]
			h.mustDo("Volume.setLegality", h.of(v, object{"legality": "ILLEGAL"}))
			return work{verb: "Volume.setLegality", params: h.of(v, object{"legality": "LEGAL"})}
		}, illegal: true},
		{name: "copy volume", again: true, prepare: func(h *host) work {
			from := h.chain(2)[1]
			return work{verb: "Volume.copy", params: h.of(from, object{
				"dstSdUUID": h.d.a, "dstImgUUID": id(), "dstVolUUID": id(), "desc": "copy", "volType": 8, "volFormat": cow,
				"preallocate": sparse, "postZero": "false", "force": "false",
			})}
		}},
	}
}

// jobs are the works of any host under a lease, and the merge around them.
func jobs() []operation {
	all := []operation{copyData()}
	// subchain is the lower two of three volumes.
	subchain := func(h *host, chain []volume) object {
		return object{"sd_id": h.d.a, "img_id": chain[0].image, "base_id": chain[0].id, "top_id": chain[1].id, "base_generation": 0}
	}
	for _, verb := range []string{"StoragePool.prepareMerge", "StoragePool.finalizeMerge"} {
		all = append(all, operation{name: verb, again: true, illegal: verb != "StoragePool.prepareMerge", prepare: func(h *host) work {
			return work{verb: verb, params: object{"storagepoolID": h.d.pool, "subchainInfo": subchain(h, h.chain(3))}}
		}})
	}
	var merged []volume
	return append(all, operation{name: "SDM.merge", again: true, prepare: func(h *host) work {
		merged = h.chain(3)
		h.fill(merged[1], "qcow2", 9, 131072)
		return work{job: true, verb: "SDM.merge", params: object{"subchain_info": subchain(h, merged), "merge_bitmaps": false}}
	}, data: func(h *host) error { return h.holds(merged[0], "raw", 9, 131072) }},
		operation{name: "SDM.update_volume", prepare: func(h *host) work {
			v := h.chain(1)[0]
			return work{job: true, verb: "SDM.update_volume", params: object{
				"vol_info": div(h, v, 0), "vol_attr": object{"generation": 5, "description": "changed"},
			}}
		}},
		operation{name: "SDM.amend_volume", prepare: func(h *host) work {
			v := h.create(newVolume(), cow, sparse, volume{})
			return work{job: true, verb: "SDM.amend_volume", params: object{"vol_info": div(h, v, 0), "qcow2_attr": object{"compat": "0.10"}}}
		}},
		operation{name: "SDM.add_bitmap", once: true, prepare: func(h *host) work {
			v := h.create(newVolume(), cow, sparse, volume{})
			return work{job: true, verb: "SDM.add_bitmap", params: object{"vol_info": div(h, v, 0), "bitmap": id()}}
		}})
}

func copyData() operation {
	var from, to volume
	return operation{name: "SDM.copy_data", again: true, prepare: func(h *host) work {
		from, to = h.create(newVolume(), raw, sparse, volume{}), h.create(newVolume(), cow, sparse, volume{})
		h.fill(from, "raw", 7, 65536)
		return work{job: true, verb: "SDM.copy_data", params: object{"source": div(h, from, 0), "destination": div(h, to, 0)}}
	}, data: func(h *host) error { return h.holds(to, "qcow2", 7, 65536) }}
}

// onDomains are those that change domains and pools.
func onDomains() []operation {
	d := func(h *host, id string, more object) object {
		p := object{"storagepoolID": h.d.pool, "storagedomainID": id}
		for k, v := range more {
			p[k] = v
		}
		return p
	}
	attach := func(h *host) { h.must("StorageDomain.attach", d(h, h.d.b, nil)) }
	activate := func(h *host) { attach(h); h.must("StorageDomain.activate", d(h, h.d.b, nil)) }
	p := func(h *host, more object) object { return d(h, blank, more) }
	either := func(c centre) []master { return []master{{c.b, 2}, {c.a, 1}} }
	return []operation{
		{name: "create domain", prepare: func(h *host) work { return work{verb: "StorageDomain.create", params: h.domain("c", h.d.c)} }},
		{name: "format domain", prepare: func(h *host) work {
			h.must("StorageDomain.create", h.domain("c", h.d.c))
			return work{verb: "StorageDomain.format", params: object{"storagedomainID": h.d.c, "autoDetach": false}}
		}},
		{name: "describe domain", prepare: func(h *host) work {
			return work{verb: "StorageDomain.setDescription", params: object{"storagedomainID": h.d.a, "description": "changed"}}
		}},
		{name: "attach", again: true, prepare: func(h *host) work { return work{verb: "StorageDomain.attach", params: d(h, h.d.b, nil)} }},
		{name: "activate", prepare: func(h *host) work {
			attach(h)
			return work{verb: "StorageDomain.activate", params: d(h, h.d.b, nil)}
		}},
		{name: "deactivate", prepare: func(h *host) work {
			activate(h)
			return work{verb: "StorageDomain.deactivate", params: d(h, h.d.b, object{"masterSdUUID": blank, "masterVersion": 0})}
		}},
		{name: "detach", again: true, prepare: func(h *host) work {
			attach(h)
			return work{verb: "StorageDomain.detach", params: d(h, h.d.b, object{"masterSdUUID": blank, "masterVersion": 0})}
		}},
		{name: "create pool", alone: true, prepare: func(h *host) work { return work{verb: "StoragePool.create", params: h.createPool()} }},
		{name: "spmStart", prepare: func(h *host) work {
			h.must("StoragePool.spmStop", p(h, nil))
			return work{verb: "StoragePool.spmStart", params: object{
				"storagepoolID": h.d.pool, "prevID": -1, "prevLver": "-1", "enableScsiFencing": "false", "maxHostID": 250,
			}}
		}, again: true},
		{name: "spmStop", again: true, prepare: func(h *host) work { return work{verb: "StoragePool.spmStop", params: p(h, nil)} }},
		{name: "switchMaster", masters: either, prepare: func(h *host) work {
			activate(h)
			return work{verb: "StoragePool.switchMaster", params: p(h, object{"oldMasterUUID": h.d.a, "newMasterUUID": h.d.b, "masterVersion": 2})}
		}},
		{name: "reconstructMaster", masters: either, prepare: func(h *host) work {
			activate(h)
			h.must("StoragePool.spmStop", p(h, nil))
			h.must("StoragePool.disconnect", object{"storagepoolID": h.d.pool, "hostID": 1, "scsiKey": h.d.pool})
			return work{verb: "StoragePool.reconstructMaster", params: p(h, object{
				"hostId": 1, "name": "p", "masterSdUUID": h.d.b, "masterVersion": 2, "domainDict": object{h.d.a: "active", h.d.b: "active"},
				"lockRenewalIntervalSec": 5, "leaseTimeSec": 60, "ioOpTimeoutSec": 10, "leaseRetries": 3,
			})}
		}, alone: true, joined: true},
		{name: "updateVMs", prepare: func(h *host) work {
			return work{verb: "StoragePool.updateVMs", params: p(h, object{"vmList": []any{object{"vm": id(), "ovf": "<ovf/>", "imglist": ""}}})}
		}},
		{name: "removeVM", prepare: func(h *host) work {
			vm := id()
			h.must("StoragePool.updateVMs", p(h, object{"vmList": []any{object{"vm": vm, "ovf": "<ovf/>", "imglist": ""}}}))
			return work{verb: "StoragePool.removeVM", params: p(h, object{"vmUUID": vm})}
		}},
	}
}
