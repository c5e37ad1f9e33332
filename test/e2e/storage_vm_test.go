// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"govdsm/client"
	"govdsm/test/hosttest"
)

// dataCentre is a host that manages a pool with one local domain.
type dataCentre struct {
	t                    *testing.T
	c                    *client.Host
	host                 *hosttest.Host
	folder, pool, domain string
}

const blank = "00000000-0000-0000-0000-000000000000"

func newDataCentre(t *testing.T) *dataCentre {
	t.Helper()
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return newDataCentreIn(t, folder)
}

func newDataCentreIn(t *testing.T, folder string, options ...hosttest.Option) *dataCentre {
	t.Helper()
	h := hosttest.Start(t, options...)
	d := &dataCentre{t: t, host: h, c: h.Dial(t), folder: folder, pool: uuid.NewString(), domain: uuid.NewString()}
	makeDomain(t, folder, d.domain)
	d.call("StoragePool.connectStorageServer", map[string]any{
		"storagepoolID": blank, "domainType": 4,
		"connectionParams": []any{map[string]any{"id": uuid.NewString(), "connection": folder}},
	})
	d.manager().StartPool(d.pool, d.domain)
	return d
}

func (d *dataCentre) manager() hosttest.Manager { return hosttest.Manager{TB: d.t, Host: d.c} }

func (d *dataCentre) call(verb string, params map[string]any) json.RawMessage {
	d.t.Helper()
	return d.manager().Call(verb, params)
}

// finish waits until a task has ended well, and clears it.
func (d *dataCentre) finish(id json.RawMessage) {
	d.t.Helper()
	d.manager().Finish(id)
}

// volume names a volume of an image, as verbs do.
func (d *dataCentre) volume(image, id string) map[string]any {
	return map[string]any{"storagepoolID": d.pool, "storagedomainID": d.domain, "imageID": image, "volumeID": id}
}

// create makes a volume, upon another one of the image unless that is blank.
func (d *dataCentre) create(image, id, parent string) {
	d.t.Helper()
	p := d.volume(image, id)
	p["size"], p["volFormat"], p["preallocate"], p["diskType"], p["desc"] = "1048576", 5, 2, "DATA", ""
	p["srcImgUUID"], p["srcVolUUID"] = image, parent
	if parent != blank {
		p["volFormat"] = 4
	}
	d.finish(d.call("Volume.create", p))
}

// TestVMWithDisk runs a VM on a chain of two volumes of a local domain.
func TestVMWithDisk(t *testing.T) {
	t.Parallel()
	d := newDataCentre(t)
	image, base, leaf := uuid.NewString(), uuid.NewString(), uuid.NewString()
	d.create(image, base, blank)
	d.create(image, leaf, base)
	v := withDisk(d.host.Tiny(t), d.pool, d.domain, image, leaf)

	legality := d.volume(image, base)
	legality["legality"] = "ILLEGAL"
	d.call("Volume.setLegality", legality)
	events := hosttest.Listen(t, d.c)
	if _, err := hosttest.Create(t, d.c, v); err != nil {
		t.Fatal(err)
	}
	if down := events.Await(t, v.ID, "Down"); !strings.Contains(fmt.Sprint(down["exitMessage"]), "Cannot prepare illegal volume") {
		t.Errorf("with an illegal volume: %v", down)
	}
	d.call("VM.destroy", params(v.ID))
	legality["legality"] = "LEGAL"
	d.call("Volume.setLegality", legality)

	hosttest.CreateUp(t, d.c, v)
	raw := d.call("Host.dumpxmls", map[string]any{"vmList": []string{v.ID}})
	path := "/" + d.domain + "/images/" + image + "/" + leaf
	if !strings.Contains(string(raw), path) || !strings.Contains(string(raw), "/"+base) {
		t.Errorf("the VM does not have its chain: %s", raw)
	}
	link := filepath.Join(d.host.Dir, "run", "storage", d.domain, image)
	if found, _ := filepath.Glob(filepath.Join(d.host.Dir, "*", "*", "storage", d.domain, image)); len(found) == 1 {
		link = found[0]
	}
	if to, err := os.Readlink(link); err != nil || !strings.HasSuffix(to, "/images/"+image) {
		t.Errorf("prepared: %q, %v", to, err)
	}
	d.call("VM.destroy", params(v.ID))
	if _, err := os.Lstat(link); !os.IsNotExist(err) {
		t.Errorf("torn down: %v", err)
	}
}

// withDisk gives a VM a disk that its metadata names.
func withDisk(v hosttest.VM, pool, domain, image, volume string) hosttest.VM {
	v.XML = strings.Replace(v.XML, "</devices>", `<disk type="file" device="disk" snapshot="no">
		<target dev="vda" bus="virtio"/><source file=""><seclabel model="dac" type="none" relabel="no"/></source>
		<driver name="qemu" io="threads" type="qcow2" error_policy="stop" cache="none"/></disk></devices>`, 1)
	v.XML = strings.Replace(v.XML, "<ovirt-vm:custom/>", fmt.Sprintf(`<ovirt-vm:custom/>
		<ovirt-vm:device devtype="disk" name="vda"><ovirt-vm:poolID>%s</ovirt-vm:poolID><ovirt-vm:domainID>%s</ovirt-vm:domainID>
		<ovirt-vm:imageID>%s</ovirt-vm:imageID><ovirt-vm:volumeID>%s</ovirt-vm:volumeID></ovirt-vm:device>`, pool, domain, image, volume), 1)
	return v
}
