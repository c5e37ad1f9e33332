// SPDX-License-Identifier: GPL-2.0-or-later

package qemuimg

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// Create says what image to make.
type Create struct {
	Image         string
	Size          int64 // bytes; 0 takes the backing file's
	Format        Format
	Compat        string // of QCOW2: "0.10" or "1.1"; "" for the configured one
	Backing       string // written into the image as it is
	BackingFormat Format
	Preallocation Preallocation // "" is off
	Unsafe        bool          // do not look whether the backing file is there
}

// Create makes an image, over a file that is there.
func (r *Runner) Create(ctx context.Context, o Create) error {
	c := &command{args: []string{"create"}}
	c.addFormat("-f", o.Format)
	if o.Format == QCOW2 {
		compat, err := r.compat(o.Compat)
		if err != nil {
			return err
		}
		c.add("-o", "compat="+compat)
	}
	if o.Backing != "" {
		c.besideUnlessAbsolute(o.Image, o.Backing)
		c.add("-b", o.Backing)
	}
	c.addFormat("-F", o.BackingFormat)
	if o.Preallocation != "" {
		c.add("-o", "preallocation="+string(o.Preallocation))
	}
	c.addFlag("-u", o.Unsafe)
	c.add(o.Image)
	if o.Size > 0 {
		c.add(strconv.FormatInt(o.Size, 10))
	}
	_, err := r.run(ctx, c)
	return err
}

// compat returns the version of QCOW2 to write.
func (r *Runner) compat(asked string) (string, error) {
	if asked == "" {
		asked = r.o.Compat
	}
	if asked != "0.10" && asked != "1.1" {
		return "", fmt.Errorf("invalid compat version %q", asked)
	}
	return asked, nil
}

// Convert says what to copy where.
type Convert struct {
	Source, Target string // paths, NBD addresses, json: descriptions

	SourceFormat, TargetFormat Format

	Compat          string // as in Create
	Backing         string // of the target; relative to the source's folder
	BackingFormat   Format
	Preallocation   Preallocation
	Compressed      bool
	UnorderedWrites bool // faster, for targets that are allocated already
	NoCreate        bool // the target is there: Compat, BackingFormat and Preallocation do not count
	TargetIsZero    bool // with NoCreate and no Backing: do not write zeros
	Bitmaps         bool // copy them, but for broken ones
}

// Convert copies an image, with the chain below it unless Backing stops that.
// progress, if not nil, is told percents as they come.
func (r *Runner) Convert(ctx context.Context, o Convert, progress func(percent float64)) error {
	c, err := r.convert(o)
	if err != nil {
		return err
	}
	c.progress, c.background = orNothing(progress), true
	_, err = r.run(ctx, c)
	return err
}

func (r *Runner) convert(o Convert) (*command, error) {
	c := &command{args: []string{"convert", "-p", "-t", "none", "-T", "none"}}
	c.addFormat("-f", o.SourceFormat)
	c.addFormat("-O", o.TargetFormat)
	if o.Backing != "" {
		c.besideUnlessAbsolute(o.Source, o.Backing)
	}
	if o.NoCreate {
		if o.Backing != "" {
			c.add("-B", o.Backing)
		}
		c.add("-n")
		c.addFlag("--target-is-zero", o.TargetIsZero && o.Backing == "")
	} else {
		options, err := r.targetOptions(o)
		if err != nil {
			return nil, err
		}
		if len(options) > 0 {
			c.add("-o", strings.Join(options, ","))
		}
	}
	c.addFlag("-c", o.Compressed)
	c.addFlag("-W", o.UnorderedWrites)
	if o.Bitmaps {
		c.add("--bitmaps", "--skip-broken-bitmaps")
	}
	c.add(o.Source, o.Target)
	return c, nil
}

// targetOptions are those of a target that Convert makes.
func (r *Runner) targetOptions(o Convert) (options []string, err error) {
	if o.TargetFormat == QCOW2 {
		compat, err := r.compat(o.Compat)
		if err != nil {
			return nil, err
		}
		options = append(options, "compat="+compat)
	}
	if o.TargetFormat != "" && o.Preallocation != "" {
		options = append(options, "preallocation="+string(o.Preallocation))
	}
	if strings.Contains(o.Backing, ",") {
		return nil, fmt.Errorf("a comma in the name of the backing file %q", o.Backing)
	}
	if o.Backing != "" {
		options = append(options, "backing_file="+o.Backing)
		if o.BackingFormat != "" {
			options = append(options, "backing_fmt="+string(o.BackingFormat))
		}
	}
	return options, nil
}

// Commit writes what top holds into base, which is below it, and leaves top as
// it is. Without base it is written into the image directly below.
func (r *Runner) Commit(ctx context.Context, top string, format Format, base string, progress func(percent float64)) error {
	c := &command{args: []string{"commit", "-p", "-t", "none"}, dir: filepath.Dir(top)}
	if base != "" {
		c.add("-b", base)
	} else {
		c.add("-d") // or else top would be emptied, with what it held left on storage
	}
	c.add("-f", string(format), top)
	c.progress, c.background = orNothing(progress), true
	_, err := r.run(ctx, c)
	return err
}

// orNothing makes the output a progress even when nobody listens.
func orNothing(progress func(float64)) func(float64) {
	if progress == nil {
		return func(float64) {}
	}
	return progress
}

// Resize sets the virtual size of an image in bytes.
func (r *Runner) Resize(ctx context.Context, image string, size int64, format Format) error {
	c := &command{args: []string{"resize"}}
	c.addFormat("-f", format)
	c.add(image, strconv.FormatInt(size, 10))
	_, err := r.run(ctx, c)
	return err
}

// Rebase says what to put below an image.
type Rebase struct {
	Image         string
	Backing       string // written into the image as it is
	Format        Format
	BackingFormat Format
	Unsafe        bool // change the name only, without comparing contents
}

// Rebase puts an image upon another one.
func (r *Runner) Rebase(ctx context.Context, o Rebase) error {
	c := &command{args: []string{"rebase", "-t", "none", "-T", "none"}, background: true}
	c.addFlag("-u", o.Unsafe)
	c.addFormat("-f", o.Format)
	c.addFormat("-F", o.BackingFormat)
	c.besideUnlessAbsolute(o.Image, o.Backing)
	c.add("-b", o.Backing, o.Image)
	_, err := r.run(ctx, c)
	return err
}

// Amend changes the version of a QCOW2 image to "0.10" or "1.1". qemu-img
// finds the format out by itself here, as in the original: the caller has made
// sure that it is one.
func (r *Runner) Amend(ctx context.Context, image, compat string) error {
	compat, err := r.compat(compat)
	if err != nil {
		return err
	}
	_, err = r.run(ctx, &command{args: []string{"amend", "-o", "compat=" + compat, image}, dir: filepath.Dir(image)})
	return err
}
