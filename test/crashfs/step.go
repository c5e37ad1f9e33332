// SPDX-License-Identifier: GPL-2.0-or-later

package crashfs

import (
	"fmt"
	"syscall"
)

// Kind is what a step does.
type Kind string

// Kinds of steps.
const (
	Create   Kind = "create"
	Mkdir    Kind = "mkdir"
	Symlink  Kind = "symlink"
	Link     Kind = "link"
	Unlink   Kind = "unlink"
	Rmdir    Kind = "rmdir"
	Rename   Kind = "rename"
	Write    Kind = "write"
	Truncate Kind = "truncate"
	Allocate Kind = "allocate"
	Chmod    Kind = "chmod"
	Flush    Kind = "flush"
)

// NeedsRoom says whether a step may fail on a full disk.
func (k Kind) NeedsRoom() bool {
	switch k {
	case Create, Mkdir, Symlink, Link, Write, Allocate:
		return true
	}
	return false
}

// Step is a change that is about to be made.
type Step struct {
	N    int // from 0
	Kind Kind
	Name string // last element of the path
}

func (s Step) String() string { return fmt.Sprintf("%d %s %s", s.N, s.Kind, s.Name) }

// Plan says which steps fail, and are not made. The zero Plan is none.
type Plan struct {
	Errno syscall.Errno // 0: none
	// From is the first step that may fail, by its number.
	From int
	// All has every step from there on fail, as when the disk has gone. Else
	// those fail that need room, up to the first step that gives some back.
	All bool
}

// judge says whether a step fails.
func (p *Plan) judge(s Step) syscall.Errno {
	if p.Errno == 0 || s.N < p.From {
		return 0
	}
	if p.All || s.Kind.NeedsRoom() {
		return p.Errno
	}
	return 0
}
