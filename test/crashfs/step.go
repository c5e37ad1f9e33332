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
	// Room is how many blocks are free then. Steps fail that need more; what
	// is removed gives some back. Files that are empty need none.
	Room int
}

// judge says whether a step fails that needs some blocks, or gives them back
// where they are negative.
func (p *Plan) judge(s Step, blocks int) syscall.Errno {
	if p.Errno == 0 || s.N < p.From {
		return 0
	}
	if blocks > p.Room {
		return p.Errno
	}
	p.Room -= blocks
	return 0
}
