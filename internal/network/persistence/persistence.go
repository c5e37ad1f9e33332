// SPDX-License-Identifier: GPL-2.0-or-later

// Package persistence keeps configurations of host networking on disk, in the
// directories and formats of the original, so that a host may change between
// the two daemons and keep its networks.
//
// A configuration is a directory with one JSON file for each network, bond and
// NIC. It is replaced as a whole: a kill, a crash or a full disk at any instant
// leaves the old one or the new one, complete. What cannot be read is
// reported, set aside and never lost.
//
// The directories may belong to a user with less rights than ours. No symbolic
// link in them leads elsewhere, except the configuration's own, and that only
// to a directory beside it.
//
// Source of the layout: lib/vdsm/network/netconfpersistence.py.
package persistence

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"govdsm/internal/network/netconf"
)

// Where the original keeps its configurations.
const (
	RunningPath    = "/var/lib/vdsm/staging/netconf"     // what is set up
	PersistentPath = "/var/lib/vdsm/persistence/netconf" // what the next boot restores
)

// Sections of a configuration.
const (
	netsDir    = "nets"
	bondsDir   = "bonds"
	devicesDir = "devices"
)

// A Store is a configuration on disk. One process at a time may write it, and
// calls one after the other.
type Store struct {
	parent string // directory in which everything happens
	name   string // of the symbolic link in it

	mu    sync.Mutex
	known map[string]known // by section and name; what the last Load understood
}

// known is the text of a file and what it means. Both are only read.
type known struct {
	raw   []byte
	value any
}

// At returns the store whose link is at path.
func At(path string) *Store {
	return &Store{parent: filepath.Dir(path), name: filepath.Base(path)}
}

// A Problem is a file that holds no configuration.
type Problem struct {
	Path string // where it was found
	Kept string // where it was set aside; "" if it stayed
	Err  error
}

func (p Problem) Error() string {
	if p.Kept == "" {
		return fmt.Sprintf("%s: %v", p.Path, p.Err)
	}
	return fmt.Sprintf("%s: %v; kept as %s", p.Path, p.Err, p.Kept)
}

// Unwrap returns what is wrong with the file.
func (p Problem) Unwrap() error { return p.Err }

// Load reads the configuration; one that was never saved is empty. Files that
// cannot be understood are left out of it and told as problems. An error means
// that the whole could not be read. Another process may save meanwhile. The maps
// are the caller's, what is in them is to be read only.
func (s *Store) Load() (netconf.Config, []Problem, error) {
	parent, err := os.OpenRoot(s.parent)
	if errors.Is(err, fs.ErrNotExist) {
		return netconf.Config{}.Clone(), nil, nil
	}
	if err != nil {
		return netconf.Config{}, nil, err
	}
	defer parent.Close()
	for try := 1; ; try++ {
		c, problems, err := s.load(parent)
		if !errors.Is(err, errReplaced) || try == mostReads {
			return c, problems, err
		}
	}
}

// mostReads of a configuration that others keep replacing.
const mostReads = 10

// errReplaced says that the directory which was read is the configuration no
// more.
var errReplaced = errors.New("the configuration was replaced while it was read")

func (s *Store) load(parent *os.Root) (netconf.Config, []Problem, error) {
	c := netconf.Config{}.Clone()
	dir, err := s.current(parent)
	if err != nil || dir == "" {
		return c, nil, err
	}
	root, err := parent.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil, errReplaced
	}
	if err != nil {
		return c, nil, err
	}
	defer root.Close()

	r := &reading{
		root: root, dir: dir, path: filepath.Join(s.parent, s.name), aside: &asideStore{parent, s},
		known: s.understood(), seen: make(map[string]known),
	}
	err = errors.Join(
		section(r, netsDir, c.Networks), section(r, bondsDir, c.Bonds), section(r, devicesDir, c.Devices),
	)
	s.remember(r.seen)
	if s.isCurrent(parent, root) {
		return c, r.problems, err
	}
	return c, nil, errReplaced
}

// understood returns what files meant when they were read last. Reading them is
// cheap, taking hundreds of them apart is not.
func (s *Store) understood() map[string]known {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known
}

func (s *Store) remember(files map[string]known) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = files
}

// isCurrent tells whether root still is the directory of the configuration.
func (s *Store) isCurrent(parent, root *os.Root) bool {
	dir, err := s.current(parent)
	if err != nil || dir == "" {
		return false
	}
	now, errNow := parent.Stat(dir)
	then, errThen := root.Stat(".")
	return errNow == nil && errThen == nil && os.SameFile(now, then)
}

// current returns the name of the directory that holds the configuration: what
// the link leads to, or the directory itself in the layout before there were
// links. It is "" when there is none.
func (s *Store) current(parent *os.Root) (string, error) {
	info, err := parent.Lstat(s.name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", err
	case info.IsDir():
		return s.name, nil
	case info.Mode().Type() != fs.ModeSymlink:
		return "", fmt.Errorf("%s is neither a link nor a directory", filepath.Join(s.parent, s.name))
	}
	target, err := parent.Readlink(s.name)
	if err != nil {
		return "", err
	}
	// The original writes absolute links. Only a sibling is believed, wherever
	// the tree stands now.
	dir := filepath.Base(target)
	if !strings.HasPrefix(dir, s.name+".") {
		return "", fmt.Errorf("%s leads to %s, not to a directory beside it", filepath.Join(s.parent, s.name), target)
	}
	info, err = parent.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil // cut off while the original cleared it
	}
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a directory", filepath.Join(s.parent, dir))
	}
	return dir, err
}
