// SPDX-License-Identifier: GPL-2.0-or-later

package asroot

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// check refuses what mount(8) would take for something else than storage.
func (r *Request) check() error {
	var errs []error
	if r.Source == "" || r.Source[0] == '-' || !printable(r.Source) {
		errs = append(errs, fmt.Errorf("source %q: %w", r.Source, ErrNotAllowed))
	}
	if strings.ContainsFunc(r.Type, func(c rune) bool { return !strings.ContainsRune(typeCharacters, c) }) ||
		strings.HasPrefix(r.Type, "-") {
		errs = append(errs, fmt.Errorf("type %q: %w", r.Type, ErrNotAllowed))
	}
	if r.Slice != "" && r.Slice != "vdsm-glusterfs" {
		errs = append(errs, fmt.Errorf("slice %q: %w", r.Slice, ErrNotAllowed))
	}
	if !printable(r.Options) || strings.HasPrefix(r.Options, "-") {
		errs = append(errs, fmt.Errorf("options %q: %w", r.Options, ErrNotAllowed))
	}
	for option := range strings.SplitSeq(r.Options, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(option), "=")
		if slices.Contains(foreign(), name) || strings.HasPrefix(strings.ToLower(name), "x-mount") ||
			name == "" && value != "" || r.Type == glusterFS && writes(name, value) {
			errs = append(errs, fmt.Errorf("option %q: %w", option, ErrNotAllowed))
		}
	}
	return errors.Join(append(errs, checkQuotes(r.Options), r.checkKind())...)
}

// checkQuotes refuses quotes that mount(8) would not see the end of: it forgets
// what follows, our own options included. A backslash takes their meaning from
// commas and quotes in some versions of it.
func checkQuotes(options string) error {
	if strings.Count(options, `"`)%2 != 0 || strings.HasSuffix(options, `\`) ||
		strings.Contains(options, `\,`) || strings.Contains(options, `\"`) {
		return fmt.Errorf("options %q: %w", options, ErrNotAllowed)
	}
	return nil
}

const glusterFS = "glusterfs"

// checkKind refuses kinds whose helpers run a program that the request names,
// as mount.fuse does with fuse.PROGRAM or PROGRAM#SOURCE, and local files for
// descriptions of Gluster volumes, which may name any folder of the host.
func (r *Request) checkKind() error {
	fuse := slices.Contains([]string{"fuse", "fuse3", "fuseblk"}, r.Type)
	if kind, _, ok := strings.Cut(r.Type, "."); ok && strings.HasPrefix(kind, "fuse") {
		fuse = !exists("/usr/sbin/mount."+r.Type) && !exists("/sbin/mount."+r.Type)
	}
	if fuse {
		return fmt.Errorf("type %q: %w", r.Type, ErrNotAllowed)
	}
	if host, _, ok := strings.Cut(r.Source, ":"); r.Type == glusterFS && (!ok || strings.Contains(host, "/")) {
		return fmt.Errorf("source %q: %w", r.Source, ErrNotAllowed)
	}
	return nil
}

// writes says whether an option has Gluster's client write to a file that is no
// log of its own.
func writes(name, value string) bool {
	switch strings.ToLower(name) {
	case "log-file":
		return filepath.Dir(filepath.Clean(value)) != "/var/log/glusterfs"
	case "dump-fuse":
		return true
	}
	return false
}

const typeCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

// foreign are options that do not mount a file system but do something to
// mounts that are there, or make folders; see mount(8).
func foreign() []string {
	return []string{
		"bind", "rbind", "move", "remount", "beneath", "shared", "rshared", "slave", "rslave",
		"private", "rprivate", "unbindable", "runbindable", "make-shared", "make-private",
	}
}

func printable(s string) bool {
	return len(s) <= 4096 && !strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c == 0x7f })
}
