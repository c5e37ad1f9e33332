// SPDX-License-Identifier: GPL-2.0-or-later

package persistence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"govdsm/internal/asciijson"
	"govdsm/internal/network/netconf"
)

// syncers put files on disk at a time.
const syncers = 8

// freshNames end the names of the directories a configuration alternates
// between, where the original draws eight characters. What a kill leaves
// behind is overwritten by the next save; nothing else beside the
// configuration is ever removed, for it may be somebody's backup.
var freshNames = [...]string{".govdsm_a", ".govdsm_b"}

// linkName ends the name of a link before it takes its place.
const linkName = ".govdsm.ln"

// files is a configuration as it is stored: contents by section and name.
type files map[string]map[string][]byte

// Save replaces the configuration on disk. When it returns nil the new one
// survives a power loss; on an error the old one stands.
func (s *Store) Save(c netconf.Config) error {
	f := make(files)
	if err := errors.Join(
		render(f, netsDir, c.Networks), render(f, bondsDir, c.Bonds), render(f, devicesDir, c.Devices),
	); err != nil {
		return err
	}
	return s.replace(f)
}

// Copy makes this store hold what another one does. What cannot be understood
// there is left out; loading it told so.
func (s *Store) Copy(from *Store) error {
	c, _, err := from.Load() // told its problems when it was loaded before
	if err != nil {
		return err
	}
	return s.Save(c)
}

// Delete removes the configuration. What was set aside stays.
func (s *Store) Delete() error {
	parent, err := os.OpenRoot(s.parent)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer parent.Close()
	old, err := s.current(parent)
	if err != nil {
		return err
	}
	if err := parent.RemoveAll(s.name); err != nil { // the link alone, if it is one
		return err
	}
	if old != "" {
		err = parent.RemoveAll(old)
	}
	return errors.Join(err, syncDir(parent, "."))
}

// render writes a section as the original's json.dump does: ASCII, indented by
// four.
func render[V any](f files, section string, values map[string]V) error {
	f[section] = make(map[string][]byte, len(values))
	for name, v := range values {
		if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") {
			return fmt.Errorf("%q cannot be the name of a file in %s", name, section)
		}
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "    ")
		if err := enc.Encode(v); err != nil {
			return fmt.Errorf("%s/%s: %w", section, name, err)
		}
		f[section][name] = asciijson.Append(nil, bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	}
	return nil
}

// replace puts the files in a new directory, then turns the link to it in one
// step. Files that stay as they are, are shared with the old directory: the
// cost is that of the change, not of the whole.
func (s *Store) replace(f files) error {
	if err := s.makeParent(); err != nil {
		return err
	}
	parent, err := os.OpenRoot(s.parent)
	if err != nil {
		return err
	}
	defer parent.Close()
	old, err := s.current(parent)
	if err != nil {
		return err
	}
	fresh, link := s.name+freshNames[0], s.name+linkName
	if old == fresh {
		fresh = s.name + freshNames[1]
	}
	if err := errors.Join(parent.RemoveAll(fresh), parent.RemoveAll(link)); err != nil {
		return err
	}
	if err := s.place(parent, fresh, link, old, f); err != nil {
		return errors.Join(err, parent.RemoveAll(link), parent.RemoveAll(fresh)) // makes room on a full disk
	}
	if err := syncDir(parent, "."); err != nil {
		return err // the new one is in place; nobody knows whether for good
	}
	if old == s.name {
		old = link // where the exchange has put it
	}
	if old != "" {
		return parent.RemoveAll(old)
	}
	return nil
}

// makeParent makes the directory in which everything happens, if it is not
// there. Others read it, whatever the process's mask.
func (s *Store) makeParent() error {
	if _, err := os.Stat(s.parent); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.parent), 0o755); err != nil {
		return err
	}
	above, err := os.OpenRoot(filepath.Dir(s.parent))
	if err != nil {
		return err
	}
	defer above.Close()
	return makeReadable(above, filepath.Base(s.parent))
}

// makeReadable makes a directory that everybody may read: root's helper saves
// what the daemon, which is another user, tells managers.
func makeReadable(root *os.Root, dir string) error {
	if err := root.Mkdir(dir, 0o755); err != nil {
		return err
	}
	return root.Chmod(dir, 0o755)
}

// place fills the directory fresh and turns the configuration to it.
func (s *Store) place(parent *os.Root, fresh, link, old string, f files) error {
	if err := fill(parent, fresh, old, f); err != nil {
		return err
	}
	if err := parent.Symlink(fresh, link); err != nil {
		return err
	}
	return s.turn(parent, link, old)
}

// turn makes the configuration's name stand for the new link. A directory of
// the old layout cannot be replaced, but it can be exchanged.
func (s *Store) turn(parent *os.Root, link, old string) error {
	if old != s.name {
		return parent.Rename(link, s.name)
	}
	dir, err := parent.Open(".")
	if err != nil {
		return err
	}
	defer dir.Close()
	fd := int(dir.Fd())
	if err := unix.Renameat2(fd, link, fd, s.name, unix.RENAME_EXCHANGE); err != nil {
		return fmt.Errorf("exchange %s: %w", filepath.Join(s.parent, s.name), err)
	}
	return nil
}

// fill makes a directory with the files in it, all of it on disk.
func fill(parent *os.Root, dir, old string, f files) error {
	if err := makeReadable(parent, dir); err != nil {
		return err
	}
	var written []string
	for section, contents := range f {
		if err := makeReadable(parent, path.Join(dir, section)); err != nil {
			return err
		}
		for name, raw := range contents {
			file := path.Join(section, name)
			if old != "" && share(parent, path.Join(old, file), path.Join(dir, file), raw) {
				continue
			}
			written = append(written, path.Join(dir, file))
			if err := writeUnsynced(parent, path.Join(dir, file), raw); err != nil {
				return err
			}
		}
	}
	for section := range f {
		written = append(written, path.Join(dir, section))
	}
	return syncAll(parent, append(written, dir))
}

// share links a file from the old directory if it holds the same, and tells
// whether it did.
func share(parent *os.Root, from, to string, raw []byte) bool {
	have, err := readFile(parent, from)
	return err == nil && bytes.Equal(have, raw) && parent.Link(from, to) == nil
}

func writeUnsynced(root *os.Root, name string, raw []byte) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	return errors.Join(err, f.Chmod(0o644), f.Close())
}

// syncAll puts files and directories on disk, some at a time: filesystems
// answer many at the price of one.
func syncAll(root *os.Root, names []string) error {
	queue := make(chan string)
	faults := make([]error, syncers)
	var group sync.WaitGroup
	for i := range faults {
		group.Go(func() {
			for name := range queue {
				faults[i] = errors.Join(faults[i], syncDir(root, name))
			}
		})
	}
	for _, name := range names {
		queue <- name
	}
	close(queue)
	group.Wait()
	return errors.Join(faults...)
}

// syncDir puts a file or directory on disk.
func syncDir(root *os.Root, name string) error {
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
