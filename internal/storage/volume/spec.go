// SPDX-License-Identifier: GPL-2.0-or-later

package volume

import (
	"fmt"
	"strconv"

	"govdsm/api"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/volumemd"
	"govdsm/internal/storage/volumesize"
)

// Spec says what volume to make. Sizes are bytes.
type Spec struct {
	ID
	Capacity    int64 // rounded up to 4096
	InitialSize *int64
	Format      api.VolumeFormat
	Allocation  api.VolumeAllocation
	DiskType    string
	Description string
	Sequence    uint64
	Illegal     bool // until what is to be in it has been written

	// Parent is what the volume is based on: a volume of the same image makes
	// it a snapshot, one of another image is a template. BlankID for none; an
	// image that is BlankID is the volume's own.
	Parent     ID
	AddBitmaps bool   // take the parent's bitmaps over
	Bitmap     string // id of a new one
}

// complete fills in what is left out.
func (s Spec) complete() Spec {
	if s.Parent.Volume == "" {
		s.Parent.Volume = BlankID
	}
	if s.Parent.Image == "" || s.Parent.Image == BlankID {
		s.Parent.Image = s.Image
	}
	s.Capacity = volumesize.RoundUp(s.Capacity, volumesize.Granularity)
	return s
}

func (s Spec) hasParent() bool { return s.Parent.Volume != BlankID && s.Parent.Volume != "" }

// FromTemplate reports whether the parent is in another image.
func (s Spec) FromTemplate() bool {
	c := s.complete()
	return c.hasParent() && c.Parent.Image != c.Image
}

// Check refuses what cannot be made, without a look at storage.
func (v *Volumes) Check(s Spec) error {
	s = s.complete()
	ids := map[string]string{"imgUUID": s.Image, "volUUID": s.Volume, "srcImgUUID": s.Parent.Image, "srcVolUUID": s.Parent.Volume}
	if s.Bitmap != "" {
		ids["bitmap"] = s.Bitmap
	}
	for _, name := range []string{"imgUUID", "volUUID", "srcImgUUID", "srcVolUUID", "bitmap"} {
		if id, given := ids[name]; given && !domain.IsID(id) {
			return api.ErrInvalidParameterException.OfText(name + "=" + id)
		}
	}
	if err := s.checkKinds(); err != nil {
		return err
	}
	if s.Capacity <= 0 || uint64(s.Sequence) > volumemd.MaxSequence {
		return api.ErrInvalidParameterException.OfText(fmt.Sprintf("size=%d", s.Capacity))
	}
	if err := s.checkInitialSize(); err != nil {
		return err
	}
	return s.checkBitmaps(int(v.d.Known().Version))
}

func (s Spec) checkKinds() error {
	f, ok := volumemd.FormatOf(string(s.Format))
	if !ok {
		return api.ErrIncorrectFormat.Of(numberOrText(string(s.Format)))
	}
	if s.hasParent() && f != api.VolumeFormatCOW {
		return api.ErrIncorrectFormat.Of(string(f))
	}
	if !volumemd.KnownDiskType(s.DiskType) {
		return api.ErrInvalidParameterException.OfText("DiskType=" + s.DiskType)
	}
	if _, ok := volumemd.AllocationOf(string(s.Allocation)); !ok {
		return api.ErrIncorrectType.Of(numberOrText(string(s.Allocation)))
	}
	return nil
}

// numberOrText is a value as the client gave it.
func numberOrText(s string) any {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	return s
}

// checkInitialSize: on files there is nothing that it could mean.
func (s Spec) checkInitialSize() error {
	if s.InitialSize == nil {
		return nil
	}
	n := *s.InitialSize
	f, _ := volumemd.FormatOf(string(s.Format))
	a, _ := volumemd.AllocationOf(string(s.Allocation))
	raw := f == api.VolumeFormatRAW
	if n < 0 || raw && (a == api.VolumeAllocationSPARSE || n > s.Capacity) || !raw && n > 0 {
		return api.ErrInvalidParameterException.OfText(fmt.Sprintf("initial size=%d", n))
	}
	return nil
}

func (s Spec) checkBitmaps(version int) error {
	f, _ := volumemd.FormatOf(string(s.Format))
	var reason string
	switch {
	case s.AddBitmaps && !s.hasParent():
		reason = "Cannot add bitmaps without a parent volume"
	case s.AddBitmaps && s.FromTemplate():
		reason = "Cannot add bitmaps from template volume"
	case s.Bitmap != "" && f != api.VolumeFormatCOW:
		reason = "Creating bitmap requires volFormat=4"
	case (s.AddBitmaps || s.Bitmap != "") && version < 4:
		reason = "Cannot perform bitmaps operations on storage domain version < 4"
	default:
		return nil
	}
	return unsupported(reason, api.PyDict{{Key: "srcVolUUID", Value: s.Parent.Volume}, {Key: "bitmap", Value: s.Bitmap}})
}

func unsupported(reason string, context api.PyDict) error {
	return api.ErrStorageUnsupportedOperation.OfText("reason=" + reason + ", context=" + api.Repr(context))
}
