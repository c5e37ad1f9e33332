// SPDX-License-Identifier: GPL-2.0-or-later

package linkapply

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

var (
	// ErrNoVFs says that a link is no card that can have virtual functions.
	ErrNoVFs = errors.New("the interface has no virtual functions")
	// ErrTooManyVFs says that a card cannot have so many.
	ErrTooManyVFs = errors.New("too many virtual functions")
)

// setVFs changes how many virtual functions a card has.
type setVFs struct {
	Dev string `json:"dev"`
	Old int    `json:"old"`
	New int    `json:"new"`
}

func (s *setVFs) kind() string    { return "set-vfs" }
func (s *setVFs) subject() string { return s.Dev }
func (s *setVFs) String() string {
	return fmt.Sprintf("virtual functions of %s: %d to %d", s.Dev, s.Old, s.New)
}
func (s *setVFs) do(ctx context.Context, r *run) error   { return s.set(ctx, r, s.New) }
func (s *setVFs) undo(ctx context.Context, r *run) error { return s.set(ctx, r, s.Old) }

// set goes by way of none: the kernel takes no other number while there are
// some (Documentation/PCI/pci-iov-howto.rst).
func (s *setVFs) set(ctx context.Context, r *run, n int) error {
	now, err := readNumber(r.root, vfsFile(s.Dev, "sriov_numvfs"))
	if err != nil {
		return r.missing(err)
	}
	if now != 0 && now != n {
		if err := r.write(ctx, vfsFile(s.Dev, "sriov_numvfs"), "0"); err != nil {
			return err
		}
		now = 0
	}
	if now == n {
		return nil
	}
	return r.write(ctx, vfsFile(s.Dev, "sriov_numvfs"), strconv.Itoa(n))
}

// virtualFunctions plans how many virtual functions cards have.
func (p *planner) virtualFunctions() error {
	for _, name := range p.names {
		e := p.ifaces[name].Ethernet
		if e == nil || e.SRIOV == nil {
			continue
		}
		if p.now.Link(name) == nil {
			return fmt.Errorf("%w: %s", ErrNoLink, name)
		}
		now, err := readNumber(p.root, vfsFile(name, "sriov_numvfs"))
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w: %s", ErrNoVFs, name)
		}
		if err != nil {
			return err
		}
		most, err := readNumber(p.root, vfsFile(name, "sriov_totalvfs"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // then the driver decides
			return err
		}
		if n := e.SRIOV.TotalVFs; n < 0 || err == nil && n > most {
			return fmt.Errorf("%w: %d for %s, which can have %d", ErrTooManyVFs, n, name, most)
		} else if n != now {
			p.add(phaseVFs, &setVFs{Dev: name, Old: now, New: n})
		}
	}
	return nil
}

func vfsFile(dev, file string) string { return "sys/class/net/" + dev + "/device/" + file }

func readNumber(root, path string) (int, error) {
	b, err := os.ReadFile(filepath.Join(root, "/", path))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(b)))
}
