// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"context"
	"path"
	"slices"
	"strings"

	"govdsm/api"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/outofprocess"
	"govdsm/internal/storage/volumemd"
)

// dumpBatch is how many files one call reads: 512 bytes each, and more where
// something is wrong.
const dumpBatch = 2000

// Dump returns what can be read of the metadata of all volumes, be it valid or
// not.
func (v *Volumes) Dump(ctx context.Context) (api.VolumesDumpMap, error) {
	names, err := v.dir.Glob(ctx, path.Join(domain.ImageDir("*"), "*"+metaSuffix))
	if err != nil {
		return nil, v.access(err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !domain.IsID(path.Base(path.Dir(name))) })
	dump := make(api.VolumesDumpMap, len(names))
	for batch := range slices.Chunk(names, dumpBatch) {
		files, err := v.dir.ReadFiles(ctx, batch)
		if err != nil {
			return nil, v.access(err)
		}
		data := make([]string, len(batch))
		for i, name := range batch {
			data[i] = strings.TrimSuffix(name, metaSuffix)
		}
		sizes, err := v.dir.StatAll(ctx, data)
		if err != nil {
			return nil, v.access(err)
		}
		for i, f := range files {
			dump[api.UUID(path.Base(data[i]))] = dumped(f, sizes[data[i]])
		}
	}
	return dump, nil
}

// statusRemoved is that of a volume that an old host removed in part; the
// schema lacks it.
const statusRemoved api.VolumeStatus = "REMOVED"

func dumped(f outofprocess.File, size *outofprocess.Info) api.VolumeDump {
	d := api.VolumeDump{Image: api.UUID(path.Base(path.Dir(f.Name))), Status: api.VolumeStatusINVALID}
	if size != nil {
		d.Apparentsize, d.Truesize = new(uint64(size.Size)), new(uint64(size.Blocks*allocationUnit))
	}
	if f.Err != nil {
		return d
	}
	r := volumemd.Read(f.Data)
	switch {
	case r.Cleared:
		d.Status = statusRemoved
	case len(r.Problems) == 0:
		d.Status = api.VolumeStatusOK
	}
	if r.Has("image") {
		d.Image = api.UUID(r.Image)
	}
	d.Disktype = read(r, "disktype", api.DiskContentType(r.DiskType))
	d.Capacity = read(r, "capacity", r.Capacity)
	d.Parent = read(r, "parent", api.UUID(r.Parent))
	d.Description = read(r, "description", r.Description)
	d.Legality = read(r, "legality", r.Legality)
	d.Ctime = read(r, "ctime", r.CTime)
	d.Format = read(r, "format", r.Format)
	d.Type = read(r, "type", r.Allocation)
	d.Generation = read(r, "generation", r.Generation)
	d.Sequence = read(r, "sequence", r.Sequence)
	d.Voltype = read(r, "voltype", r.Role)
	return d
}

// read returns a field that was read, nil for one that was not.
func read[T any](r volumemd.Reading, name string, value T) *T {
	if !r.Has(name) {
		return nil
	}
	return &value
}
