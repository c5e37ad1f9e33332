// SPDX-License-Identifier: GPL-2.0-or-later

package sandbox

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxSocketPath is how long the name of a unix socket can be, unix(7): 108
// bytes with the closing NUL.
const maxSocketPath = 107

// alias is a short and plain name for the sandbox's folder, for the sake of
// sockets below it and of libvirt's configuration. It is the folder itself when
// that is short and plain enough.
type alias struct {
	path string // stands for Layout.Dir
	temp string // the folder that holds the link; "" for no link
}

// newAlias gives a name for l.Dir below which socket names of room bytes fit.
// The one that an earlier run made is used again: processes that survived
// that run still go by it.
func newAlias(l Layout, room int) (alias, error) {
	// libvirt takes a space for the end of a log file's name.
	if len(l.Dir)+room <= maxSocketPath && !strings.ContainsAny(l.Dir, " \t\"") {
		return alias{path: l.Dir}, nil
	}
	note := filepath.Join(l.Run(), "alias")
	if temp, err := os.ReadFile(note); err == nil {
		a := alias{path: filepath.Join(string(temp), "d"), temp: string(temp)}
		if target, err := os.Readlink(a.path); err == nil && target == l.Dir {
			return a, nil
		}
	}
	temp, err := os.MkdirTemp(runtimeDir(), "govdsm-")
	if err != nil {
		return alias{}, err
	}
	a := alias{path: filepath.Join(temp, "d"), temp: temp}
	if err := errors.Join(os.Symlink(l.Dir, a.path), os.WriteFile(note, []byte(temp), 0o600)); err != nil {
		return alias{}, errors.Join(err, a.remove(l))
	}
	return a, nil
}

// remove deletes the link and the folder around it.
func (a alias) remove(l Layout) error {
	if a.temp == "" {
		return nil
	}
	var errs []error
	for _, name := range []string{a.path, a.temp, filepath.Join(l.Run(), "alias")} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// runtimeDir is a folder with a short name that a reboot empties.
func runtimeDir() string {
	if os.Geteuid() == 0 {
		return "/run"
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" && len(dir) < 30 {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir
		}
	}
	return "/tmp"
}
