// SPDX-License-Identifier: GPL-2.0-or-later

// Package payload makes the CD or floppy through which a manager hands files to
// a guest, such as the configuration for cloud-init or sysprep.
//
// An image appears under its name complete or not at all, and never outside the
// folder it belongs to, whatever the names of files and VMs say. Building needs
// genisoimage (or mkisofs, xorriso) for CDs and mkfs.fat with mcopy for
// floppies; nothing is mounted and no privilege is needed.
package payload

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// Limits of one payload.
const (
	MaxFiles = 1000
	MaxSize  = 16 << 20 // bytes of all files together, decoded
	MaxDepth = 8        // folders and file name; more is beyond ISO 9660
)

var (
	// ErrBadPayload says that names or contents cannot be put on an image.
	ErrBadPayload = errors.New("bad payload")
	// ErrNoTool says that no program is installed that could make the image.
	ErrNoTool = errors.New("no program for payload images is installed")
)

// Kind is the sort of image.
type Kind string

// The kinds, by the device of the disk.
const (
	CDROM  Kind = "cdrom"  // ISO 9660 with Rock Ridge and Joliet
	Floppy Kind = "floppy" // FAT on 1440 KiB
)

// Image describes what is to be on an image.
type Image struct {
	VMID  string
	Kind  Kind
	Label string            // volume id: "config-2"; "" for the program's default
	Files map[string]string // path, possibly with folders, to base64
	// Path is where an incoming VM expects its image; "" for the usual place.
	// It must be in the folder.
	Path string
}

// Options say where images live.
type Options struct {
	Dir string // /run/vdsm/payload
	// Aliases are other spellings of Dir that a Path may have, as in
	// /var/run/vdsm/payload from an older host.
	Aliases []string
	GID     int          // group that may read images, 0 or less to leave it
	Log     *slog.Logger // nil for silence
}

// Store makes and removes images. It may be used by several goroutines at once,
// for different VMs.
type Store struct{ opt Options }

// New returns a store. Its folder is made when it is first needed.
func New(opt Options) *Store {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	return &Store{opt}
}

// Path returns where the image of a VM is.
func (s *Store) Path(vmID string) (string, error) {
	if vmID == "" || strings.HasPrefix(vmID, ".") || strings.ContainsAny(vmID, "/\x00") {
		return "", fmt.Errorf("%w: %.40q is no VM id", ErrBadPayload, vmID)
	}
	return filepath.Join(s.opt.Dir, vmID+".img"), nil
}

// Build makes the image, replacing an older one, and returns its path. The file
// has mode 0640.
func (s *Store) Build(ctx context.Context, img Image) (string, error) {
	target, err := s.target(img)
	if err != nil {
		return "", err
	}
	files, err := decode(img)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(s.opt.Dir, 0o755); err != nil {
		return "", err
	}
	stage, err := os.MkdirTemp(s.opt.Dir, stagePrefix)
	if err != nil {
		return "", err
	}
	defer s.discard(ctx, stage)
	built, err := s.build(ctx, stage, img, files)
	if err != nil {
		return "", fmt.Errorf("%s payload of VM %s: %w", img.Kind, img.VMID, err)
	}
	if err := s.publish(built, target); err != nil {
		return "", err
	}
	s.opt.Log.InfoContext(ctx, "payload image made", "vmId", img.VMID, "path", target, "files", len(files))
	return target, nil
}

// target returns where the image has to go.
func (s *Store) target(img Image) (string, error) {
	usual, err := s.Path(img.VMID)
	if err != nil || img.Path == "" {
		return usual, err
	}
	dir, name := filepath.Split(filepath.Clean(img.Path))
	for _, ours := range append([]string{s.opt.Dir}, s.opt.Aliases...) {
		if filepath.Clean(dir) == filepath.Clean(ours) && !strings.HasPrefix(name, ".") {
			return filepath.Join(s.opt.Dir, name), nil
		}
	}
	return "", fmt.Errorf("%w: %.200q is not in %s", ErrBadPayload, img.Path, s.opt.Dir)
}

// build lays the files out below stage and makes the image there.
func (s *Store) build(ctx context.Context, stage string, img Image, files map[string][]byte) (string, error) {
	tree := filepath.Join(stage, "files")
	if err := layOut(tree, files); err != nil {
		return "", err
	}
	image := filepath.Join(stage, "image")
	switch img.Kind {
	case CDROM:
		return image, makeISO(ctx, image, tree, img.Label)
	case Floppy:
		return image, makeFloppy(ctx, image, tree, img.Label)
	}
	return "", fmt.Errorf("%w: kind %.40q", ErrBadPayload, img.Kind)
}

// publish gives the finished image its name. Readers see the old image or the
// new one.
func (s *Store) publish(built, target string) error {
	if err := os.Chmod(built, 0o640); err != nil {
		return err
	}
	if s.opt.GID > 0 {
		if err := os.Chown(built, -1, s.opt.GID); err != nil {
			return err
		}
	}
	return os.Rename(built, target)
}

// Remove deletes the image of a VM. It may be called when there is none.
func (s *Store) Remove(vmID string) error {
	path, err := s.Path(vmID)
	if err != nil {
		return err
	}
	return s.remove(path)
}

// RemovePath deletes the image at a path that Build returned or was given.
func (s *Store) RemovePath(path string) error {
	target, err := s.target(Image{VMID: "any", Path: path})
	if err != nil {
		return err
	}
	return s.remove(target)
}

func (s *Store) remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// stagePrefix starts the names of folders in which images are made.
const stagePrefix = ".stage-"

// Sweep removes what a killed daemon left half made. It is to be called before
// the first Build.
func (s *Store) Sweep() error {
	entries, err := os.ReadDir(s.opt.Dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), stagePrefix) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(s.opt.Dir, e.Name())))
		}
	}
	return err
}

func (s *Store) discard(ctx context.Context, stage string) {
	if err := os.RemoveAll(stage); err != nil {
		s.opt.Log.WarnContext(ctx, "payload staging folder stays", "path", stage, "error", err)
	}
}
