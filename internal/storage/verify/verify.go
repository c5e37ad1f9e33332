// SPDX-License-Identifier: GPL-2.0-or-later

// Package verify looks at a storage domain on files and says what is wrong with
// it: its metadata, its volumes and their chains, by their metadata and by what
// the data says of itself, sanlock's records and the index of leases. It
// writes nothing, asks no daemon, and reads past no lock: what hosts change meanwhile may look
// wrong once.
//
// It reads with plain system calls, for a tool that may be stopped at any
// time. The daemon reads through package outofprocess.
package verify

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/qemuimg"
	"govdsm/internal/storage/sanlock"
	"govdsm/internal/storage/xlease"
)

// Finding is something that is wrong.
type Finding struct {
	Path string `json:"path"` // in the domain
	What string `json:"what"`
}

// Report is what was looked at and what was found.
type Report struct {
	Domain   string    `json:"domain"` // "" when the metadata does not tell
	Path     string    `json:"path"`
	Version  int       `json:"version"`
	Images   int       `json:"images"`
	Volumes  int       `json:"volumes"`
	Leases   int       `json:"leases"`
	Findings []Finding `json:"findings"` // sorted by path
}

// check is one look at a domain.
type check struct {
	root   *os.Root
	report Report
	known  domainmd.Domain
	// backing is what the data of volumes says of the format of what they are
	// based on, by their paths.
	backing map[string]qemuimg.Format
}

// maxMetadata bounds what is read of a file of text, in bytes: a planted file
// may be of any size.
const maxMetadata = 1 << 20

// Domain looks at the domain in a folder. An error is that the folder cannot
// be looked at; what is wrong in it is in the report.
func Domain(dir string) (Report, error) {
	root, err := os.OpenRoot(dir) // links that lead out are not followed
	if err != nil {
		return Report{}, err
	}
	defer root.Close()
	c := &check{root: root, report: Report{Path: dir, Findings: []Finding{}}, backing: map[string]qemuimg.Format{}}
	c.metadata()
	if c.known.ID != "" {
		c.files()
		c.leases()
	}
	c.images()
	slices.SortStableFunc(c.report.Findings, func(a, b Finding) int { return strings.Compare(a.Path, b.Path) })
	return c.report, nil
}

func (c *check) wrong(name, format string, args ...any) {
	c.report.Findings = append(c.report.Findings, Finding{name, fmt.Sprintf(format, args...)})
}

// open opens a regular file. One that somebody has planted in its place, such
// as a pipe, is not waited for.
func (c *check) open(name string) (*os.File, error) {
	info, err := c.root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is no regular file")
	}
	return c.root.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0)
}

// read reads a small regular file.
func (c *check) read(name string) ([]byte, error) {
	b, err := c.readAt(name, 0, maxMetadata+1)
	if len(b) > maxMetadata {
		return nil, fmt.Errorf("is larger than %d bytes", maxMetadata)
	}
	return b, err
}

// readAt reads most bytes of a regular file from offset on, less at its end.
func (c *check) readAt(name string, offset, most int64) ([]byte, error) {
	f, err := c.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.NewSectionReader(f, offset, most))
}

const metadataFile = "dom_md/metadata"

func (c *check) metadata() {
	text, err := c.read(metadataFile)
	if err != nil {
		c.wrong(metadataFile, "%v", err)
		return
	}
	m, err := domainmd.ParseFile(text)
	if err == nil {
		c.known, err = m.Domain()
	}
	if err != nil {
		c.wrong(metadataFile, "%v", err)
		return
	}
	c.report.Domain, c.report.Version = c.known.ID, int(c.known.Version)
	if name := path.Base(c.report.Path); domain.IsID(name) && name != c.known.ID {
		c.wrong(metadataFile, "says that the domain is %s", c.known.ID)
	}
	if c.known.Role.IsMaster() { // another one may have been it, or been in a pool
		if _, err := m.Pool(); err != nil {
			c.wrong(metadataFile, "of the pool: %v", err)
		}
	}
}

// files looks for the files of the cluster lock and of the mailbox.
func (c *check) files() {
	shared := c.known.Type != domainmd.LocalFS
	least := map[string]int64{domain.IDsFile: 0, domain.LeasesFile: 0, domain.InboxFile: 0, domain.OutboxFile: 0}
	if shared && c.known.Version.Sanlock() {
		least[domain.IDsFile], least[domain.LeasesFile] = c.known.Alignment, 2*c.known.Alignment
	}
	for name, size := range least {
		info, err := c.root.Lstat(name)
		switch {
		case err != nil:
			c.wrong(name, "%v", err)
		case !info.Mode().IsRegular():
			c.wrong(name, "is no regular file")
		case info.Size() < size:
			c.wrong(name, "has %d bytes, not %d", info.Size(), size)
		case name == domain.IDsFile && size > 0:
			c.record(name, 0, "") // of the first host; all are written at once
		case name == domain.LeasesFile && size > 0:
			c.record(name, c.known.Alignment, managerLease)
		}
	}
	if c.known.Role.IsMaster() {
		for _, name := range []string{domain.MasterDir + "/vms", domain.MasterDir + "/tasks"} {
			if info, err := c.root.Lstat(name); err != nil || !info.IsDir() {
				c.wrong(name, "the master has no such folder")
			}
		}
	}
}

// managerLease is the name of the lease of the pool's manager.
const managerLease = "SDM"

// record looks whether sanlock's record of a resource, or with "" that of a
// host in the domain's lockspace, is where it should be.
func (c *check) record(name string, offset int64, resource string) {
	b, err := c.readAt(name, offset, sanlock.RecordSize)
	var r sanlock.Record
	if err == nil {
		r, err = sanlock.ParseRecord(b)
	}
	switch {
	case err != nil:
		c.wrong(name, "at %d: %v", offset, err)
	case r.Host != (resource == ""):
		c.wrong(name, "at %d: is a lease of another kind", offset)
	case r.Lockspace != c.known.ID:
		c.wrong(name, "at %d: the lease is of lockspace %q", offset, r.Lockspace)
	case resource != "" && r.Resource != resource:
		c.wrong(name, "at %d: the lease is %q, not %q", offset, r.Resource, resource)
	}
}

// index is the file of external leases for package xlease.
type index struct{ *os.File }

// Size implements xlease.File.
func (i index) Size() (int64, error) {
	info, err := i.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// WriteAt implements xlease.File, and refuses.
func (index) WriteAt([]byte, int64) (int, error) { return 0, fs.ErrPermission }

func (c *check) leases() {
	if c.known.Type == domainmd.LocalFS || !c.known.Version.ExternalLeases() {
		return
	}
	f, err := c.open(domain.XLeasesFile)
	if err != nil {
		c.wrong(domain.XLeasesFile, "%v", err)
		return
	}
	defer f.Close()
	x, err := xlease.Volume{File: index{f}, Alignment: c.known.Alignment, BlockSize: c.known.BlockSize}.Open()
	if err != nil {
		c.wrong(domain.XLeasesFile, "%v", err)
		return
	}
	if x.Lockspace() != c.known.ID {
		c.wrong(domain.XLeasesFile, "is of domain %q", x.Lockspace())
	}
	seen := make(map[string]bool)
	for _, r := range x.Records() {
		c.report.Leases++
		switch {
		case r.Err != nil:
			c.wrong(domain.XLeasesFile, "at %d: %v", r.Offset, r.Err)
		case r.Updating:
			c.wrong(domain.XLeasesFile, "lease %s was not finished", r.ID)
		case seen[r.ID]:
			c.wrong(domain.XLeasesFile, "lease %s is there twice", r.ID)
		default:
			c.record(domain.XLeasesFile, r.Offset, r.ID)
		}
		seen[r.ID] = true
	}
}
