// SPDX-License-Identifier: GPL-2.0-or-later

package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// BenchmarkStorageList compares StorageDomain.getVolumes and getImages of a
// domain with many volumes, over TLS to the list of ids, with a program that
// reads the same folders for the names of metadata, in turns.
func BenchmarkStorageList(b *testing.B) {
	for _, inImage := range []int{1, 10} {
		b.Run(fmt.Sprintf("in-image=%d", inImage), func(b *testing.B) {
			volumes := number(b, "BENCH_VOLUMES", 10_000)
			d := newDataCentre(b, 1)
			fillDomain(b, d, volumes, inImage)
			listVolumes(b, d, volumes, volumes/inImage, 51).report(b)
		})
	}
}

// fillDomain puts volumes without data into the master.
func fillDomain(tb testing.TB, d *dataCentre, volumes, inImage int) {
	tb.Helper()
	for range volumes / inImage {
		image := uuid.NewString()
		dir := filepath.Join(d.folders[0], "images", image)
		must(tb, os.Mkdir(dir, 0o755))
		for range inImage {
			name := filepath.Join(dir, uuid.NewString())
			must(tb, os.WriteFile(name, nil, 0o660))
			text := "CAP=0\nCTIME=1\nDESCRIPTION=\nDISKTYPE=DATA\nDOMAIN=" + d.domains[0] + "\nFORMAT=RAW\nGEN=0\nIMAGE=" + image +
				"\nLEGALITY=LEGAL\nPUUID=" + blank + "\nSEQ=0\nTYPE=SPARSE\nVOLTYPE=LEAF\nEOF\n"
			must(tb, os.WriteFile(name+".meta", []byte(text), 0o644))
		}
	}
}

func listVolumes(tb testing.TB, d *dataCentre, volumes, images, times int) figures {
	call := func(verb string, want int) float64 {
		began := time.Now()
		raw := d.call(verb, map[string]any{"storagepoolID": d.pool, "storagedomainID": d.domains[0], "imageID": blank})
		var ids []string
		must(tb, json.Unmarshal(raw, &ids))
		if len(ids) != want {
			tb.Fatalf("%s lists %d of %d", verb, len(ids), want)
		}
		return ms(time.Since(began))
	}
	bare := func(list func(testing.TB, string) []string, want int) float64 {
		began := time.Now()
		if found := list(tb, filepath.Join(d.folders[0], "images")); len(found) != want {
			tb.Fatalf("there are %d of %d", len(found), want)
		}
		return ms(time.Since(began))
	}
	var v, bv, i, bi []float64
	for n := range times + 1 {
		a, b := call("StorageDomain.getVolumes", volumes), bare(metadataIn, volumes)
		c, e := call("StorageDomain.getImages", images), bare(namesIn, images)
		if n > 0 { // the first one finds caches empty
			v, bv, i, bi = append(v, a), append(bv, b), append(i, c), append(bi, e)
		}
	}
	f := figures{}
	f.add("getVolumes-ms", target{}, v...)
	f.add("bare-volumes-ms", target{}, bv...)
	f.add("getVolumes-ratio", atMost(1.5), median(v)/median(bv))
	f.add("getImages-ms", target{}, i...)
	f.add("bare-images-ms", target{}, bi...)
	f.add("getImages-ratio", atMost(1.5), median(i)/median(bi))
	return f
}

// metadataIn returns the names of metadata in the folders of a folder, sorted.
func metadataIn(tb testing.TB, top string) (found []string) {
	for _, image := range namesIn(tb, top) {
		for _, name := range namesIn(tb, filepath.Join(top, image)) {
			if id, ok := strings.CutSuffix(name, ".meta"); ok {
				found = append(found, id)
			}
		}
	}
	slices.Sort(found)
	return found
}

// namesIn returns the names in a folder, sorted.
func namesIn(tb testing.TB, dir string) []string {
	entries, err := os.ReadDir(dir)
	must(tb, err)
	names := make([]string, len(entries))
	for n, e := range entries {
		names[n] = e.Name()
	}
	return names
}
