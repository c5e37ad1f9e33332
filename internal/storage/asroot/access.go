// SPDX-License-Identifier: GPL-2.0-or-later

package asroot

import (
	"context"
	"fmt"
	"io/fs"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// Access asks, as each of the users, whether they may use the folder at path:
// enter and read it, and write where they must. It is fs.ErrPermission if one
// of them may not. The file system is asked, since an NFS server may map users
// as it likes; it is asked in a child process, because it may hang.
func (s *Storage) Access(ctx context.Context, path string) error {
	if !filepath.IsAbs(path) || !printable(path) {
		return fmt.Errorf("folder %q: %w", path, ErrNotAllowed)
	}
	for _, u := range s.users {
		who, err := u.credential()
		if err != nil {
			return err
		}
		args := []string{"test", "-r", path, "-a", "-x", path}
		if u.Write {
			args = append(args, "-a", "-w", path)
		}
		err = run(ctx, args, who)
		if exit, ok := err.(*CommandError); ok && exit.Code == 1 {
			return fmt.Errorf("user %s: %w", u.Name, &fs.PathError{Op: "access", Path: path, Err: syscall.EACCES})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// credential looks the user up. Groups that the host does not have are left
// out, but for the first one.
func (u *User) credential() (*syscall.Credential, error) {
	known, err := user.Lookup(u.Name)
	if err != nil {
		return nil, err
	}
	c := &syscall.Credential{}
	if c.Uid, err = number(known.Uid); err != nil {
		return nil, err
	}
	if c.Gid, err = number(known.Gid); err != nil {
		return nil, err
	}
	for i, name := range u.Groups {
		g, err := user.LookupGroup(name)
		if err != nil {
			continue
		}
		gid, err := number(g.Gid)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			c.Gid = gid
		}
		c.Groups = append(c.Groups, gid)
	}
	return c, nil
}

func number(id string) (uint32, error) {
	n, err := strconv.ParseUint(id, 10, 32)
	return uint32(n), err
}
