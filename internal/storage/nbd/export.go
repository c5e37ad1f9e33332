// SPDX-License-Identifier: GPL-2.0-or-later

package nbd

import (
	"encoding/json"

	"govdsm/internal/storage/qemuimg"
)

// Export is what one qemu-nbd serves.
type Export struct {
	Layer
	Config
}

// Arguments returns those of qemu-nbd.
func (e Export) Arguments(socket string) []string {
	args := []string{
		"--socket", socket,
		"--persistent",
		// Clients at the same time: safe for readers, and for writers of
		// different places.
		"--shared=8",
		// No name makes a short URL.
		"--export-name=",
		"--cache=none", "--aio=native",
	}
	if e.Format != qemuimg.Raw {
		// Lets clients see what this layer holds. Of raw images it says
		// nothing, and breaks extents in qemu-nbd 6.2 (rhbz 2041480).
		args = append(args, "--allocation-depth")
	}
	if e.ReadOnly {
		args = append(args, "--read-only")
	} else {
		args = append(args, e.writing()...)
	}
	if e.Bitmap != "" {
		args = append(args, "--bitmap="+e.Bitmap)
	}
	return append(args, e.image())
}

func (e Export) writing() (args []string) {
	if e.Discard {
		args = append(args, "--discard=unmap")
	}
	switch {
	case e.DetectZeroes && e.Discard:
		args = append(args, "--detect-zeroes=unmap")
	case e.DetectZeroes:
		args = append(args, "--detect-zeroes=on")
	}
	return args
}

// image describes the image in QEMU's JSON: its format is told, never guessed,
// and no name of a file can be taken for anything else.
func (e Export) image() string {
	type file struct {
		Driver string `json:"driver"`
		Path   string `json:"filename"`
	}
	image := map[string]any{"driver": e.Format, "file": file{"file", e.Path}}
	if e.Format == qemuimg.QCOW2 && e.TopOnly {
		image["backing"] = nil
	}
	text, _ := json.Marshal(image) // strings only
	return "json:" + string(text)
}
