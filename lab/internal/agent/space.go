// SPDX-License-Identifier: GPL-2.0-or-later

package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// space is a clean room for one test: network, mounts, host name and IPC of
// its own, and a root file system whose changes vanish with it. A process that
// does nothing holds it open.
type space struct {
	holder *exec.Cmd
	cgroup string
}

func (s *server) openSpace(name string) error {
	sp := &space{
		holder: exec.Command("/proc/self/exe", "space", name),
		cgroup: filepath.Join(cgroups, "space-"+name),
	}
	if err := os.MkdirAll(sp.cgroup, 0o755); err != nil {
		return err
	}
	sp.holder.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWNET | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC,
	}
	sp.holder.Stderr = os.Stderr
	ready, err := sp.holder.StdoutPipe()
	if err != nil {
		return err
	}
	if err := sp.holder.Start(); err != nil {
		return err
	}
	if _, err := bufio.NewReader(ready).ReadString('\n'); err != nil {
		_ = sp.holder.Wait()
		return fmt.Errorf("space %s: its holder died, the console says why", name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spaces[name] = sp
	return nil
}

func (s *server) findSpace(name string) (*space, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sp := s.spaces[name]; sp != nil {
		return sp, nil
	}
	return nil, fmt.Errorf("no space %q", name)
}

// closeSpace kills what runs in the space; the kernel then takes down its
// mounts and interfaces.
func (s *server) closeSpace(name string) error {
	sp, err := s.findSpace(name)
	if err != nil {
		return err
	}
	s.mu.Lock()
	delete(s.spaces, name)
	s.mu.Unlock()
	err = os.WriteFile(filepath.Join(sp.cgroup, "cgroup.kill"), []byte("1"), 0)
	_ = sp.holder.Process.Kill()
	_ = sp.holder.Wait()
	return errors.Join(err, removeCgroup(sp.cgroup))
}

// removeCgroup removes a tree of control groups whose processes are dying.
func removeCgroup(path string) error {
	deadline := time.Now().Add(10 * time.Second)
	for {
		children, _ := os.ReadDir(path)
		for _, child := range children {
			if child.IsDir() {
				_ = os.Remove(filepath.Join(path, child.Name()))
			}
		}
		err := os.Remove(path)
		if err == nil || errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("processes of the space do not die: %w", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// enter returns the command line that runs args in the space.
func (sp *space) enter(dir string, args []string) []string {
	line := []string{
		"nsenter", "--target", strconv.Itoa(sp.holder.Process.Pid),
		"--mount", "--net", "--uts", "--ipc", "--root", "--wd", "--",
	}
	if dir != "" { // nsenter itself would look for the folder outside
		line = append(line, "sh", "-c", `cd "$0" && exec "$@"`, dir)
	}
	return append(line, args...)
}

// holdSpace runs in the new namespaces: it builds the room and then stays
// until it is killed.
func holdSpace(name string) error {
	top := "/run/lab-space"
	err := mountAll(
		mount{"", "/", "", unix.MS_REC | unix.MS_PRIVATE, ""},
		mount{"top", top, "tmpfs", 0, ""},
	)
	if err != nil {
		return err
	}
	for _, dir := range []string{"upper", "work", "new"} {
		if err := os.Mkdir(filepath.Join(top, dir), 0o755); err != nil {
			return err
		}
	}
	root := filepath.Join(top, "new")
	err = mountAll(
		mount{"root", root, "overlay", 0, "lowerdir=/,upperdir=" + top + "/upper,workdir=" + top + "/work"},
		mount{"/proc", root + "/proc", "", unix.MS_BIND | unix.MS_REC, ""},
		mount{"/dev", root + "/dev", "", unix.MS_BIND | unix.MS_REC, ""},
		mount{"sys", root + "/sys", "sysfs", 0, ""}, // a new one shows this network, not the old
		mount{"/sys/fs/cgroup", root + "/sys/fs/cgroup", "", unix.MS_BIND, ""},
		mount{"run", root + "/run", "tmpfs", 0, "mode=755"},
	)
	if err != nil {
		return err
	}
	if err := unix.Sethostname([]byte(name)); err != nil {
		return err
	}
	if err := linkUp("lo"); err != nil {
		return err
	}
	if err := errors.Join(unix.Chroot(root), os.Chdir("/")); err != nil {
		return err
	}
	fmt.Println("ready")
	return unix.Pause() // until killed; select{} would be a deadlock to the runtime
}
