// SPDX-License-Identifier: GPL-2.0-or-later

// Package qemuimg runs qemu-img. Its arguments and working folders are those of
// the original (qemuimg.py), so that both write the same images: the name of a
// backing file, above all, is written as it is given, relative to the image.
//
// Every run has a process group of its own, which is killed when the context
// ends; a process that the kernel does not let go, because its server has gone,
// is waited for elsewhere while the call returns. Output is bounded.
//
// Images come from guests and uploads: nothing here opens one whose format the
// caller does not know, except where a method says so. Chain, which runs
// nothing, tells where a chain of images leads before qemu-img is let near it.
package qemuimg

import (
	"cmp"
	"log/slog"
	"os"
	"path/filepath"
)

// Format is an image format as qemu-img names it.
type Format string

// The formats that volumes have.
const (
	QCOW2 Format = "qcow2"
	Raw   Format = "raw"
)

// Preallocation says what qemu-img allocates for a new image.
type Preallocation string

// The ways to preallocate; metadata is for QCOW2 only.
const (
	NoPreallocation Preallocation = "off"
	Metadata        Preallocation = "metadata"
	Falloc          Preallocation = "falloc"
	Full            Preallocation = "full"
)

// Options configure a Runner. Empty members take the defaults.
type Options struct {
	Program string // default: /usr/local/bin/qemu-img if it is there, else /usr/bin/qemu-img
	Prlimit string // default /usr/bin/prlimit
	Compat  string // irs:qcow2_compat, of images whose caller names none; default 0.10
	Log     *slog.Logger
}

// Runner runs qemu-img. Its methods may be called at once.
type Runner struct{ o Options }

// New returns a Runner.
func New(o Options) *Runner {
	if o.Program == "" {
		o.Program = "/usr/bin/qemu-img"
		if _, err := os.Stat("/usr/local/bin/qemu-img"); err == nil {
			o.Program = "/usr/local/bin/qemu-img"
		}
	}
	o.Prlimit = cmp.Or(o.Prlimit, "/usr/bin/prlimit")
	o.Compat = cmp.Or(o.Compat, "0.10")
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	return &Runner{o: o}
}

// command is one run: arguments after the program's name, and where.
type command struct {
	args       []string
	dir        string // "" for the daemon's own
	limited    bool   // processor time and memory
	background bool   // behind everything else that wants processor or disk
	progress   func(percent float64)
}

// add appends arguments.
func (c *command) add(args ...string) { c.args = append(c.args, args...) }

// addFlag appends a flag if it is wanted.
func (c *command) addFlag(flag string, wanted bool) {
	if wanted {
		c.add(flag)
	}
}

// addFormat appends a format unless it is unknown.
func (c *command) addFormat(flag string, f Format) {
	if f != "" {
		c.add(flag, string(f))
	}
}

// besideUnlessAbsolute runs the command in the folder of image when name is
// relative, since names of backing files are relative to the image.
func (c *command) besideUnlessAbsolute(image, name string) {
	if name != "" && !filepath.IsAbs(name) {
		c.dir = filepath.Dir(image)
	}
}
