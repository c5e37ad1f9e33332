// SPDX-License-Identifier: GPL-2.0-or-later

package daemon

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// defaultUser is whom the original runs as.
const defaultUser = "vdsm"

// becomeUser gives root up for the user, with all groups of the user: kvm and
// qemu are among them on a real host. Root itself is possible and warned about.
func becomeUser(name string, s *settings) error {
	if os.Geteuid() != 0 {
		return nil
	}
	if name == "" {
		name = defaultUser
	}
	if name == "root" {
		fmt.Fprintln(os.Stderr, "vdsmd: warning: running as root; everything a client asks for is done with root's rights")
		return makeFolders(s, 0, 0)
	}
	u, err := user.Lookup(name)
	if err != nil {
		return fmt.Errorf("%w; the packages create it, or choose another with --user", err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return err
	}
	ids, err := u.GroupIds()
	if err != nil {
		return err
	}
	groups := make([]int, 0, len(ids))
	for _, id := range ids {
		g, err := strconv.Atoi(id)
		if err != nil {
			return err
		}
		groups = append(groups, g)
	}
	if err := makeFolders(s, uid, gid); err != nil {
		return err
	}
	if err := syscall.Setgroups(groups); err != nil {
		return fmt.Errorf("groups of %s: %w", name, err)
	}
	if err := syscall.Setgid(gid); err != nil {
		return fmt.Errorf("group of %s: %w", name, err)
	}
	if err := syscall.Setuid(uid); err != nil {
		return fmt.Errorf("becoming %s: %w", name, err)
	}
	return os.Setenv("HOME", u.HomeDir)
}

// makeFolders makes what packages make on most hosts, while we are root.
func makeFolders(s *settings, uid, gid int) error {
	for _, dir := range []string{s.run, s.state, s.logs} {
		if err := errors.Join(os.MkdirAll(dir, 0o755), os.Chown(dir, uid, gid)); err != nil {
			return err
		}
	}
	// Storage says so when it is missing: without it everything else works.
	mounts := filepath.Join(s.IRS.Repository, "mnt")
	if s.IRS.IRSEnable && os.MkdirAll(mounts, 0o755) == nil {
		return errors.Join(os.Chown(s.IRS.Repository, uid, gid), os.Chown(mounts, uid, gid))
	}
	return nil
}

// lockOnly makes sure that one vdsmd runs on the host. The lock goes with the
// process, however it ends.
func lockOnly(run string) (*os.File, error) {
	path := filepath.Join(run, "vdsmd.lock")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock file: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("another vdsmd runs already (%s is locked): %w", path, err)
	}
	return f, nil
}

// limitProcess applies what the configuration says of the process itself. It
// goes on after an error.
func limitProcess(s *settings) error {
	var errs []error
	if !s.Vars.CoreDumpEnable {
		errs = append(errs, unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}))
	}
	errs = append(errs, pin(s.Vars.CPUAffinity))
	// libvirt's library reads these when it is opened, which is later.
	for name, value := range map[string]string{
		"LIBVIRT_DEBUG":       s.Vars.LibvirtEnvVariableDebug,
		"LIBVIRT_LOG_FILTERS": s.Vars.LibvirtEnvVariableLogFilters,
		"LIBVIRT_LOG_OUTPUTS": s.Vars.LibvirtEnvVariableLogOutputs,
	} {
		if value != "" {
			errs = append(errs, os.Setenv(name, value))
		}
	}
	return errors.Join(errs...)
}

// pin binds all threads to the listed CPUs. "auto" means the second CPU to the
// original, which has one thread of interest; we have many, so it means all.
func pin(list string) error {
	if list == "" || list == "auto" {
		return nil
	}
	var set unix.CPUSet
	for _, text := range strings.Split(list, ",") {
		cpu, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return fmt.Errorf("vars.cpu_affinity: %w", err)
		}
		set.Set(cpu)
	}
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	// Threads that start later inherit the set of the one that starts them.
	for _, task := range tasks {
		tid, err := strconv.Atoi(task.Name())
		if err != nil {
			return err
		}
		if err := unix.SchedSetaffinity(tid, &set); err != nil {
			return fmt.Errorf("vars.cpu_affinity: %w", err)
		}
	}
	return nil
}
