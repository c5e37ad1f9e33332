// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"govdsm/api"
	"govdsm/internal/storage/task"
	"govdsm/internal/storage/volumesize"
)

// Single returns the volume of an image that has one, or the base that is
// named, as long as it is based on nothing: only such can be read and replaced
// as they are. Others are [api.ErrCopyImage].
func (v *Volumes) Single(ctx context.Context, image, volume string) (ID, error) {
	i, err := v.Image(ctx, image)
	if err != nil {
		return ID{}, err
	}
	if volume == "" {
		own, err := i.ownChain()
		if err != nil {
			return ID{}, err
		}
		volume = own[0]
		if len(own) > 1 {
			return ID{}, severalVolumes(image)
		}
	}
	md, err := i.Volume(volume)
	if err != nil {
		return ID{}, err
	}
	if md.Parent != BlankID {
		return ID{}, severalVolumes(image)
	}
	return ID{image, volume}, nil
}

func severalVolumes(image string) error {
	return api.ErrCopyImage.Of().Caused(fmt.Errorf("image %s is more than one volume", image))
}

// chunk is how much is read or written with one call.
const chunk = 1 << 20

// Readable is [api.ErrMiscFileRead] for a volume of fewer than length bytes, and
// returns how many it has.
func (v *Volumes) Readable(ctx context.Context, id ID, length int64) (int64, error) {
	info, err := v.stat(ctx, id)
	if err != nil {
		return 0, err
	}
	if length > info.Size {
		return 0, partial(info.Size, length)
	}
	return info.Size, nil
}

func partial(got, wanted int64) error {
	return api.ErrMiscFileRead.OfText(fmt.Sprintf("partial data %d from %d", got, wanted))
}

// Read writes the first length bytes of a volume's file to w, as other hosts
// have left them. What w says ends it. The caller holds the image.
func (v *Volumes) Read(ctx context.Context, id ID, w io.Writer, length int64) error {
	if _, err := v.Readable(ctx, id, length); err != nil {
		return err
	}
	for done := int64(0); done < length; {
		data, err := v.dir.ReadAt(ctx, dataFile(id.Image, id.Volume), done, chunk, true)
		if err != nil {
			return api.ErrMiscFileRead.OfText(err.Error()).Caused(err)
		}
		if len(data) == 0 {
			return partial(done, length)
		}
		data = data[:min(int64(len(data)), length-done)]
		if _, err := w.Write(data); err != nil {
			return fmt.Errorf("after %d bytes of %d: %w", done, length, err)
		}
		done += int64(len(data))
	}
	return nil
}

// Replaceable refuses to replace what is in a volume: a template and one that
// others are based on are not written, [api.ErrSharedVolumeNonWritable] and
// [api.ErrVolumeNonWritable]; more than fits the disk is
// [api.ErrInvalidParameterException].
func (v *Volumes) Replaceable(ctx context.Context, id ID, length int64) error {
	_, err := v.room(ctx, id, length)
	return err
}

// room returns how large the file is to be in the end.
func (v *Volumes) room(ctx context.Context, id ID, length int64) (int64, error) {
	info, err := v.stat(ctx, id)
	if err != nil {
		return 0, err
	}
	i, err := v.Image(ctx, id.Image)
	if err != nil {
		return 0, err
	}
	md, err := i.Volume(id.Volume)
	switch {
	case err != nil:
		return 0, err
	case md.Role == api.VolumeRoleSHARED:
		return 0, api.ErrSharedVolumeNonWritable.Of(id.Volume)
	case len(i.Children(id.Volume)) > 0:
		return 0, api.ErrVolumeNonWritable.Of(id.Volume)
	}
	most := max(volumesize.Max(int64(md.Capacity), md.Format, volumesize.FileUnit), info.Size)
	if length < 0 || length > most {
		return 0, api.ErrInvalidParameterException.OfText(fmt.Sprintf("length=%d: the volume takes %d", length, most))
	}
	if md.Format == api.VolumeFormatRAW {
		return max(int64(md.Capacity), info.Size), nil
	}
	return length, nil
}

// Replace makes length bytes that come from r what is in a volume; of a raw one
// the rest is zero. Until they are all there, and on storage, the volume stays
// as it is; then it changes by one rename. The caller holds the image
// exclusively, and nothing uses the volume.
func (v *Volumes) Replace(ctx context.Context, t Task, id ID, r io.Reader, length int64) error {
	size, err := v.room(ctx, id, length)
	if err != nil {
		return err
	}
	data := dataFile(id.Image, id.Volume)
	arriving := data + newSuffix
	if err := t.Rollback(ctx, v.arrivingRollback(id)); err != nil {
		return err
	}
	if err := v.dir.RemoveIfThere(ctx, arriving); err != nil { // of one that was interrupted
		return v.access(err)
	}
	if err := v.dir.Create(ctx, arriving, 0, permissions); err != nil {
		return v.access(err)
	}
	if err := v.arrive(ctx, id, arriving, r, length); err != nil {
		return err
	}
	if size > length {
		err = v.dir.Truncate(ctx, arriving, size)
	}
	if err == nil {
		err = v.allocateLike(ctx, id, arriving, length, size)
	}
	if err == nil {
		err = v.dir.Sync(ctx, arriving)
	}
	if err == nil {
		err = v.dir.Rename(ctx, arriving, data)
	}
	if err != nil {
		return api.ErrMiscFileWrite.OfText(err.Error()).Caused(err)
	}
	return nil
}

// arrive writes what comes, and flushes it as it comes.
func (v *Volumes) arrive(ctx context.Context, id ID, name string, r io.Reader, length int64) error {
	buffer := make([]byte, chunk)
	for done := int64(0); done < length; {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		n, err := io.ReadFull(r, buffer[:min(chunk, length-done)])
		if err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return partial(done+int64(n), length)
			}
			return api.ErrMiscFileRead.OfText("error reading file: " + err.Error()).Caused(err)
		}
		if err := v.dir.WriteAt(ctx, name, done, buffer[:n], false); err != nil {
			return api.ErrMiscFileWrite.OfText(fmt.Sprintf("volume %s: %v", id.Volume, err)).Caused(err)
		}
		done += int64(n)
	}
	return nil
}

// allocateLike allocates what was not written of a volume that is to be so.
func (v *Volumes) allocateLike(ctx context.Context, id ID, name string, from, size int64) error {
	md, err := v.Metadata(ctx, id)
	if err != nil || md.Allocation != api.VolumeAllocationPREALLOCATED || size <= from {
		return err
	}
	return v.dir.Allocate(ctx, name, from, size-from, nil)
}

// arrivingRollback removes a file of data that has no metadata of its own: what
// the original undoes half-made volumes with does that, too.
func (v *Volumes) arrivingRollback(id ID) task.Recovery {
	r := v.halfBakedRollback(id)
	r.Name = "Arriving data rollback: " + id.Volume
	r.Params[2] += newSuffix
	return r
}

// undoArriving removes data that did not become that of its volume.
func (v *Volumes) undoArriving(ctx context.Context, id ID) error {
	err := v.dir.RemoveIfThere(ctx, dataFile(id.Image, id.Volume)+newSuffix)
	if errors.Is(err, fs.ErrNotExist) { // the image is gone
		return nil
	}
	return v.access(err)
}
