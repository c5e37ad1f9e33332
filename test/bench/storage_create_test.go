// SPDX-License-Identifier: GPL-2.0-or-later

package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// BenchmarkStorageCreate compares Volume.create of a raw volume in a new image,
// with all that a manager asks until the task is cleared, with a loop that
// makes the same files: the volume by the same qemu-img, and the record of the
// task at each step at which it must outlive the host. Both over TLS beside
// nothing else, in turns, so many at one time.
func BenchmarkStorageCreate(b *testing.B) {
	createVolumes(b, newDataCentre(b, 1), number(b, "BENCH_CREATES", 1000), number(b, "BENCH_CREATES_AT_ONCE", 1)).report(b)
}

// createVolumes makes the volumes in turns of 50.
func createVolumes(tb testing.TB, d *dataCentre, volumes, atOnce int) figures {
	f := figures{}
	ours := func() {
		p := d.volume(uuid.NewString(), uuid.NewString())
		p["size"], p["volFormat"], p["preallocate"], p["diskType"], p["desc"] = "1048576", 5, 2, "DATA", ""
		p["srcImgUUID"], p["srcVolUUID"] = blank, blank
		d.finish(d.call("Volume.create", p))
	}
	top, err := filepath.EvalSymlinks(tb.TempDir())
	must(tb, err)
	bare := func() { bareVolume(tb, top, uuid.NewString(), uuid.NewString()) }
	bare()
	ours() // the first one finds caches empty
	var a, b []float64
	turn := min(50, volumes)
	for range volumes / turn {
		a = append(a, ms(timed(turn, atOnce, ours))/float64(turn))
		b = append(b, ms(timed(turn, atOnce, bare))/float64(turn))
	}
	f.add("Volume.create-ms", target{}, a...)
	f.add("bare-ms", target{}, b...)
	f.add("create-ratio", atMost(1.5), median(a)/median(b))
	var listed []string
	raw := d.call("StorageDomain.getVolumes", map[string]any{"storagepoolID": d.pool, "storagedomainID": d.domains[0], "imageID": blank})
	must(tb, json.Unmarshal(raw, &listed))
	if want := volumes/turn*turn + 1; len(listed) != want {
		tb.Errorf("%d volumes are listed of %d", len(listed), want)
	}
	return f
}

// timed runs f so many times, and so many of these at one time.
func timed(times, atOnce int, f func()) time.Duration {
	began := time.Now()
	var all sync.WaitGroup
	for n := range atOnce {
		all.Go(func() {
			for range (times + n) / atOnce {
				f()
			}
		})
	}
	all.Wait()
	return time.Since(began)
}

// bareVolume makes what is left of one Volume.create, with the same steps on
// disk.
func bareVolume(tb testing.TB, top, image, volume string) {
	task := filepath.Join(top, uuid.NewString())
	step := strings.Repeat("x", 200) // about as long as a file of a task is
	must(tb, os.Mkdir(task+".temp", 0o755))
	for _, name := range []string{"task", "job.0"} {
		writeSynced(tb, filepath.Join(task+".temp", name), []byte(step))
	}
	syncDir(tb, task+".temp")
	must(tb, os.Rename(task+".temp", task))
	syncDir(tb, top)
	keep := func(names ...string) {
		for _, name := range names {
			name = filepath.Join(task, name)
			writeSynced(tb, name+".new", []byte(step))
			must(tb, os.Rename(name+".new", name))
			syncDir(tb, task)
		}
	}

	keep("recover.0", "task")
	dir := filepath.Join(top, image)
	must(tb, os.Mkdir(dir, 0o755))
	keep("recover.1", "task")
	keep("recover.2", "task")
	name := filepath.Join(dir, volume)
	must(tb, os.WriteFile(name, nil, 0o660))
	if out, err := exec.Command("qemu-img", "create", "-q", "-f", "raw", name, "1048576").CombinedOutput(); err != nil {
		tb.Fatalf("%v: %s", err, out)
	}
	must(tb, os.Chmod(name, 0o660))
	keep("recover.3", "task")
	writeSynced(tb, name+".meta.new", make([]byte, 300))
	must(tb, os.Rename(name+".meta.new", name+".meta"))
	syncDir(tb, dir)

	must(tb, os.Mkdir(task+".temp", 0o755))
	for n := range 4 {
		writeSynced(tb, filepath.Join(task+".temp", fmt.Sprint(n)), []byte(step))
	}
	syncDir(tb, task+".temp")
	must(tb, os.Rename(task, task+".backup"))
	syncDir(tb, top)
	must(tb, os.Rename(task+".temp", task))
	syncDir(tb, top)
	must(tb, os.RemoveAll(task+".backup"))
	keep("result", "task")
	must(tb, os.RemoveAll(task)) // as Task.clear does
}
