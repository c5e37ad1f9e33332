// SPDX-License-Identifier: GPL-2.0-or-later

package lab

import (
	"fmt"
	"os"
)

// Spec describes a host. Its zero value, with a name, is a good host: one card
// on the network "lan", with the address by which the other hosts know it.
type Spec struct {
	Name   string
	NICs   []string // the network of each card, eth0 first; nil means one on "lan"
	Disks  []Disk   // besides the root file system
	Memory int      // MiB; 0 means 1024
	CPUs   int      // 0 means 2
}

// Disk is an empty disk that outlives its machine: what a host has written to
// it is there when the host is switched on again.
type Disk struct {
	Name  string // also its serial number, at most 20 characters
	Size  int64  // bytes
	Block int    // logical block size, 512 or 4096; 0 means 512
}

func (s Spec) nics() []string {
	if s.NICs == nil {
		return []string{"lan"}
	}
	return s.NICs
}

func (s Spec) memory() int {
	if s.Memory == 0 {
		return 1024
	}
	return s.Memory
}

func (s Spec) cpus() int {
	if s.CPUs == 0 {
		return 2
	}
	return s.CPUs
}

func (d Disk) block() int {
	if d.Block == 0 {
		return 512
	}
	return d.Block
}

// open makes the file behind the disk. It has no name, so that it vanishes
// with the test process, and takes no more room than was written to it.
func (d Disk) open() (*os.File, error) {
	dir, err := cacheDir()
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, "disk-")
	if err != nil {
		return nil, fmt.Errorf("lab: disk %s: %w", d.Name, err)
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, err
	}
	if err := f.Truncate(d.Size); err != nil {
		return nil, fmt.Errorf("lab: disk %s: %w", d.Name, err)
	}
	return f, nil
}
