// SPDX-License-Identifier: GPL-2.0-or-later

package qemuimg

import (
	"context"
	"path/filepath"
	"strconv"
)

// AddBitmap makes a bitmap of changed blocks in a QCOW2 image. Granularity is
// in bytes, 0 for qemu-img's own choice.
func (r *Runner) AddBitmap(ctx context.Context, image, name string, enabled bool, granularity int64) error {
	c := &command{args: []string{"bitmap", "--add"}, dir: filepath.Dir(image), background: true}
	c.addFlag("--enable", enabled)
	c.addFlag("--disable", !enabled)
	c.add(image, name)
	if granularity > 0 {
		c.add("-g", strconv.FormatInt(granularity, 10))
	}
	_, err := r.run(ctx, c)
	return err
}

// RemoveBitmap removes a bitmap.
func (r *Runner) RemoveBitmap(ctx context.Context, image, name string) error {
	_, err := r.run(ctx, &command{
		args: []string{"bitmap", "--remove", image, name}, dir: filepath.Dir(image), background: true,
	})
	return err
}

// MergeBitmap adds what a bitmap of source says to a bitmap of target.
func (r *Runner) MergeBitmap(ctx context.Context, source, sourceBitmap string, format Format, target, targetBitmap string) error {
	_, err := r.run(ctx, &command{
		args: []string{
			"bitmap", "--merge", sourceBitmap, "-F", string(format), "-b", source, target, targetBitmap,
		},
		dir: filepath.Dir(source), background: true,
	})
	return err
}

// EnableBitmap switches a bitmap on or off.
func (r *Runner) EnableBitmap(ctx context.Context, image, name string, enabled bool) error {
	c := &command{args: []string{"bitmap"}, dir: filepath.Dir(image), background: true}
	c.addFlag("--enable", enabled)
	c.addFlag("--disable", !enabled)
	c.add(image, name)
	_, err := r.run(ctx, c)
	return err
}
