// SPDX-License-Identifier: GPL-2.0-or-later

package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"govdsm/api"
)

// local is a folder of this host, which a link in the repository leads to.
type local struct {
	c    *Connections
	path string
	link string
}

func (l *local) target() string { return l.link }

// connect checks the folder and makes the link. One that leads elsewhere, left
// by whatever was there before, is replaced.
func (l *local) connect(ctx context.Context) error {
	if !filepath.IsAbs(l.path) {
		return notFolder(l.path)
	}
	i, err := l.c.o.IO.Dir(l.path).Stat(ctx, ".")
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || err == nil && !i.IsDir() {
		return notFolder(l.path)
	}
	if err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	if err := l.c.validateAccess(ctx, l.path); err != nil {
		return err
	}
	if to, err := os.Readlink(l.link); err == nil && filepath.Clean(to) == l.path {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(l.link), 0o755); err != nil {
		return err
	}
	temporary := l.link + ".tmp"
	if err := remove(temporary); err != nil {
		return err
	}
	if err := os.Symlink(l.path, temporary); err != nil {
		return err
	}
	return os.Rename(temporary, l.link)
}

func notFolder(path string) error {
	return api.ErrInvalidParameterException.OfText(fmt.Sprintf("path=%s (not a directory)", path))
}

// disconnect removes the link. The folder stays as it is.
func (l *local) disconnect(context.Context) error {
	i, err := os.Lstat(l.link)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && i.Mode().Type() != fs.ModeSymlink {
		return fmt.Errorf("%s is no link", l.link)
	}
	return remove(l.link)
}
