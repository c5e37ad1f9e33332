// SPDX-License-Identifier: GPL-2.0-or-later

package vdsmtool

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"time"

	"govdsm/internal/config"
	"govdsm/internal/pki"
)

// certificates makes an authority and certificates for a host that has none. A
// manager that enrols the host later replaces the files by its own.
func (t *tool) certificates(c *config.Config) module {
	dir := filepath.Join(t.root, pki.DefaultDir)
	return module{
		name: "certificates",
		check: func() error {
			if !c.Vars.SSL {
				return nil
			}
			return usable(pki.At(dir))
		},
		configure: func(bool) error { return makeCertificates(dir) },
	}
}

func usable(files pki.Files) error {
	source, err := pki.Open(files, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	if e := source.Earliest(); time.Now().After(e.NotAfter) {
		return fmt.Errorf("%s has expired on %s", e.File, e.NotAfter.Format(time.DateOnly))
	}
	return nil
}

// makeCertificates leaves what a manager has put there alone: with keys that
// are not ours it fails.
func makeCertificates(dir string) error {
	files := pki.At(dir)
	if err := foreign(dir, files); err != nil {
		return err
	}
	authority, err := pki.EnsureAuthority(filepath.Join(dir, "authority"))
	if err != nil {
		return err
	}
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	files, err = authority.Ensure(dir, pki.Subject{
		CommonName: name,
		Names:      []string{name, "localhost", "127.0.0.1", "::1"},
	})
	if err != nil {
		return err
	}
	return giveToDaemon(files)
}

// foreign reports a key that is there without an authority of ours.
func foreign(dir string, files pki.Files) error {
	_, err := os.Lstat(filepath.Join(dir, "authority"))
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := os.Lstat(files.Key); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("%s is not ours to replace: enrol the host from its manager, or move the file away", files.Key)
}

// giveToDaemon lets vdsmd read its key. On a machine without the user, such as
// a build host, the files stay root's.
func giveToDaemon(files pki.Files) error {
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("vdsm")
	if _, missing := errors.AsType[user.UnknownUserError](err); missing {
		return nil
	}
	if err != nil {
		return err
	}
	g, err := user.LookupGroup("kvm")
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(g.Gid)
	if err != nil {
		return err
	}
	return errors.Join(os.Lchown(files.Key, uid, gid), os.Chmod(files.Key, 0o440),
		os.Lchown(files.Cert, uid, gid), os.Lchown(files.CA, uid, gid))
}
