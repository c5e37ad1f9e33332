// SPDX-License-Identifier: GPL-2.0-or-later

package mount

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/moby/sys/mountinfo"
)

// Entry is one mounted file system.
type Entry struct {
	Source  string // normalized
	Target  string
	Type    string // of the kernel: "nfs4", "fuse.glusterfs"
	Options []string
}

// Table is what is mounted, in the order in which it was.
type Table []Entry

// Read reads the table of the process.
func Read() (Table, error) {
	infos, err := mountinfo.GetMounts(nil)
	if err != nil {
		return nil, fmt.Errorf("reading the mount table: %w", err)
	}
	t := make(Table, 0, len(infos))
	for _, i := range infos {
		t = append(t, entry(i))
	}
	return t, nil
}

func entry(i *mountinfo.Info) Entry {
	e := Entry{
		Source:  i.Source,
		Target:  strings.TrimSuffix(i.Mountpoint, "//deleted"),
		Type:    i.FSType,
		Options: strings.Split(i.Options+","+i.VFSOptions, ","),
	}
	// NFS 4 shows a second slash, whatever was asked for.
	if source, err := Normalize(i.Source); err == nil {
		e.Source = source
	}
	if i.FSType == "fuse.glusterfs" {
		e.Source = strings.TrimSuffix(e.Source, ".rdma")
	}
	if file := loopFile(i); file != "" {
		e.Source = file
	}
	return e
}

// loopFile returns the file behind a loop device, which is what was mounted.
func loopFile(i *mountinfo.Info) string {
	if !strings.HasPrefix(i.Source, "/dev/loop") {
		return ""
	}
	b, err := os.ReadFile(fmt.Sprintf("/sys/dev/block/%d:%d/loop/backing_file", i.Major, i.Minor))
	if err != nil {
		return "" // the device itself then
	}
	return strings.TrimSuffix(string(b), "\n")
}

// At returns what is mounted on target: the last one, which hides the others.
func (t Table) At(target string) (Entry, bool) {
	for i := len(t) - 1; i >= 0; i-- {
		if t[i].Target == target {
			return t[i], true
		}
	}
	return Entry{}, false
}

// Has reports whether source, normalized, is mounted on target. A source that
// is a link to a device counts under both names.
func (t Table) Has(source, target string) bool {
	other := source
	if strings.HasPrefix(source, "/dev/") {
		if real, err := filepath.EvalSymlinks(source); err == nil {
			other = real
		}
	}
	for _, e := range t {
		if e.Target == target && (e.Source == source || e.Source == other) {
			return true
		}
	}
	return false
}
