// SPDX-License-Identifier: GPL-2.0-or-later

package qemuimg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// Info is what qemu-img tells of an image. Sizes are bytes.
type Info struct {
	VirtualSize   int64          `json:"virtual-size"`
	ActualSize    int64          `json:"actual-size"`
	Format        Format         `json:"format"`
	ClusterSize   int64          `json:"cluster-size"`
	Backing       string         `json:"backing-filename"` // as the image has it
	FullBacking   string         `json:"full-backing-filename"`
	BackingFormat Format         `json:"backing-filename-format"`
	Specific      FormatSpecific `json:"format-specific"`
}

// FormatSpecific is what only images of a format have.
type FormatSpecific struct {
	Type string `json:"type"`
	Data struct {
		Compat   string   `json:"compat"`
		Bitmaps  []Bitmap `json:"bitmaps"`
		DataFile string   `json:"data-file"` // keeps the data in place of the image
		Corrupt  bool     `json:"corrupt"`
	} `json:"data"`
}

// Bitmap is a bitmap of changed blocks. It is valid when its flags have "auto"
// and not "in-use".
type Bitmap struct {
	Name        string   `json:"name"`
	Granularity int64    `json:"granularity"`
	Flags       []string `json:"flags"`
}

// InfoOptions say how to look at an image.
type InfoOptions struct {
	// Format of the image. Without it qemu-img finds out, which makes it open
	// whatever the image claims to need: only for images that were just checked
	// with Chain or Header.
	Format    Format
	Shared    bool // somebody may be writing it
	Untrusted bool // limit processor time to 30 s and memory to 1 GiB
}

// Info describes one image, without those below it.
func (r *Runner) Info(ctx context.Context, image string, o InfoOptions) (*Info, error) {
	c := &command{args: []string{"info", "--output", "json"}, limited: o.Untrusted}
	c.addFormat("-f", o.Format)
	c.addFlag("-U", o.Shared)
	c.add(image)
	i := new(Info)
	if err := r.ask(ctx, c, i); err != nil {
		return nil, err
	}
	if i.Format == "" {
		return nil, fmt.Errorf("%w: no format", ErrOutput)
	}
	return i, nil
}

// ask runs a command that answers with JSON.
func (r *Runner) ask(ctx context.Context, c *command, into any) error {
	out, err := r.run(ctx, c)
	if err != nil {
		return err
	}
	return understand(out, into)
}

func understand(out []byte, into any) error {
	if err := json.Unmarshal(out, into); err != nil {
		return fmt.Errorf("%w: %w", ErrOutput, err)
	}
	return nil
}

// Checked is what a check of an image found.
type Checked struct {
	EndOffset int64 `json:"image-end-offset"` // end of what is used, in bytes
	Leaks     int64 `json:"leaks"`            // clusters that nobody uses: lost room, no lost data
}

// Check checks an image and changes nothing. Leaks are no failure.
func (r *Runner) Check(ctx context.Context, image string, format Format) (*Checked, error) {
	c := &command{args: []string{"check", "--output", "json"}}
	c.addFormat("-f", format)
	c.add(image)
	out, err := r.run(ctx, c)
	if e, ok := errors.AsType[*Error](err); err != nil && (!ok || e.Code != 3) { // 3: leaks only
		return nil, err
	}
	found := new(Checked)
	if err := understand(out, found); err != nil {
		return nil, err
	}
	if found.EndOffset == 0 {
		return nil, fmt.Errorf("%w: no end of the image", ErrOutput)
	}
	return found, nil
}

// Measured is the room that a copy of an image needs, in bytes.
type Measured struct {
	Required       int64  `json:"required"`
	FullyAllocated int64  `json:"fully-allocated"`
	Bitmaps        *int64 `json:"bitmaps,omitempty"` // nil when the target has none
}

// Measure says what to measure.
type Measure struct {
	Image        string
	Format       Format
	TargetFormat Format
	TopOnly      bool // without what is below; needs Format
	// Base stops at that image, a path, which must be the one directly below;
	// BaseFormat is its format.
	Base       string
	BaseFormat Format
	Block      bool // the image is a block device
	Shared     bool // somebody may be writing it
}

// Measure says how much room a copy of an image needs.
func (r *Runner) Measure(ctx context.Context, o Measure) (*Measured, error) {
	if o.TopOnly && o.Format == "" {
		return nil, errors.New("the format of the image is needed to measure it alone")
	}
	c := &command{args: []string{"measure", "--output", "json"}}
	c.addFlag("--force-share", o.Shared)
	c.addFormat("-O", o.TargetFormat)
	node, err := o.node()
	if err != nil {
		return nil, err
	}
	c.add("json:" + node)
	m := new(Measured)
	if err := r.ask(ctx, c, m); err != nil {
		return nil, err
	}
	if m.FullyAllocated == 0 {
		return nil, fmt.Errorf("%w: nothing measured", ErrOutput)
	}
	return m, nil
}

// node describes the image as QEMU takes it, written as Python writes JSON.
func (o *Measure) node() (string, error) {
	file, err := o.file(o.Image)
	if err != nil {
		return "", err
	}
	members := []string{`"file": ` + file}
	if o.Format != "" {
		members = append(members, fmt.Sprintf(`"driver": %q`, o.Format))
	}
	switch {
	case o.Format == QCOW2 && o.TopOnly:
		members = append(members, `"backing": null`)
	case o.Format == QCOW2 && o.Base != "":
		file, err := o.file(o.Base)
		if err != nil {
			return "", err
		}
		base := fmt.Sprintf(`"driver": %q, "file": %s`, o.BaseFormat, file)
		if o.BaseFormat == QCOW2 {
			base += `, "backing": null`
		}
		members = append(members, `"backing": {`+base+`}`)
	}
	return "{" + strings.Join(members, ", ") + "}", nil
}

func (o *Measure) file(path string) (string, error) {
	driver := "file"
	if o.Block {
		driver = "host_device"
	}
	name, err := json.Marshal(path)
	return fmt.Sprintf(`{"driver": %q, "filename": %s}`, driver, name), err
}

// Extent is a run of equal blocks. Offsets and lengths are bytes.
type Extent struct {
	Start  int64  `json:"start"`
	Length int64  `json:"length"`
	Depth  int    `json:"depth"` // 0 is the image itself
	Zero   bool   `json:"zero"`
	Data   bool   `json:"data"`
	Offset *int64 `json:"offset,omitempty"`
}

// Map says where the data of an image lies. qemu-img finds the format out.
func (r *Runner) Map(ctx context.Context, image string) ([]Extent, error) {
	var extents []Extent
	c := &command{args: []string{"map", "--output", "json", image}, dir: filepath.Dir(image)}
	return extents, r.ask(ctx, c, &extents)
}

// ErrDiffer says that two images do not hold the same.
var ErrDiffer = errors.New("the images differ")

// Compare compares what two images show to a guest; strict compares also what
// is allocated. It is ErrDiffer if they differ.
func (r *Runner) Compare(ctx context.Context, a string, aFormat Format, b string, bFormat Format, strict bool) error {
	c := &command{args: []string{"compare", "-p"}, dir: filepath.Dir(a), progress: orNothing(nil), background: true}
	c.addFormat("-f", aFormat)
	c.addFormat("-F", bFormat)
	c.addFlag("-s", strict)
	c.add(a, b)
	_, err := r.run(ctx, c)
	if e, ok := errors.AsType[*Error](err); ok && e.Code == 1 {
		return ErrDiffer
	}
	return err
}
