// SPDX-License-Identifier: GPL-2.0-or-later

package nbd

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Children runs qemu-nbd without systemd: as children in sessions of their own,
// so that they outlive this process, and found again by their pid files. It is
// for sandboxes and tests.
type Children struct {
	Run     string // where sockets and pid files are
	Program string // default /usr/bin/qemu-nbd
	Log     *slog.Logger
}

// stopGrace is how long a server has to write what it holds.
const stopGrace = 10 * time.Second

func (c *Children) pidFile(id string) string { return filepath.Join(c.Run, id+".pid") }

// Start implements Launcher.
func (c *Children) Start(_ context.Context, id string, e Export) (<-chan error, error) {
	fd, err := c.find(id)
	if err != nil {
		return nil, err
	}
	if fd >= 0 {
		return nil, errors.Join(fmt.Errorf("NBD server %s is running", id), unix.Close(fd))
	}
	socket := Socket(c.Run, id)
	if err := removeIfThere(socket); err != nil { // of one that was killed
		return nil, err
	}
	// A file, since a pipe would end with this process, and qemu-nbd with the
	// pipe.
	said, err := os.CreateTemp("", "qemu-nbd")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(said.Name()) // it is used by its descriptor
	args := append([]string{"--pid-file=" + c.pidFile(id)}, e.Arguments(socket)...)
	cmd := exec.Command(cmp.Or(c.Program, "/usr/bin/qemu-nbd"), args...)
	cmd.Stderr = said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, said.Close())
	}
	ended := make(chan error, 1)
	go func() { // ends with qemu-nbd
		err := cmd.Wait()
		text, _ := io.ReadAll(io.NewSectionReader(said, 0, 4096))
		said.Close()
		ended <- fmt.Errorf("%w: %s", cmp.Or(err, errors.New("exit status 0")), strings.TrimSpace(string(text)))
	}()
	return ended, nil
}

// Stop implements Launcher.
func (c *Children) Stop(ctx context.Context, id string) error {
	fd, err := c.find(id)
	if err != nil {
		return err
	}
	if fd >= 0 {
		defer unix.Close(fd)
		if err := end(ctx, fd); err != nil {
			return fmt.Errorf("stopping NBD server %s: %w", id, err)
		}
	}
	return errors.Join(removeIfThere(Socket(c.Run, id)), removeIfThere(c.pidFile(id)))
}

// find returns a descriptor of a server's process, or -1 if it does not run.
func (c *Children) find(id string) (fd int, err error) {
	text, err := os.ReadFile(c.pidFile(id))
	if errors.Is(err, fs.ErrNotExist) {
		return -1, nil
	}
	if err != nil {
		return -1, err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 1 {
		return -1, nil // killed while it wrote it
	}
	if fd, err = unix.PidfdOpen(pid, 0); err != nil {
		if errors.Is(err, unix.ESRCH) {
			return -1, nil
		}
		return -1, err
	}
	// The descriptor does not change its process; whose it is can be asked now.
	line, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	if err == nil && bytes.Contains(line, []byte("\x00"+Socket(c.Run, id)+"\x00")) {
		return fd, nil
	}
	return -1, unix.Close(fd) // the number went to somebody else
}

// end asks a process to end, and makes it.
func end(ctx context.Context, fd int) error {
	for _, signal := range []unix.Signal{unix.SIGTERM, unix.SIGKILL} {
		if err := unix.PidfdSendSignal(fd, signal, nil, 0); err != nil {
			if errors.Is(err, unix.ESRCH) {
				return nil
			}
			return err
		}
		if ended, err := wait(ctx, fd); ended || err != nil {
			return err
		}
	}
	return errors.New("it was killed and does not end: its storage does not answer")
}

// wait waits for a process to end.
func wait(ctx context.Context, fd int) (ended bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, stopGrace)
	defer cancel()
	for ctx.Err() == nil {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 100)
		if n > 0 {
			return true, nil
		}
		if err != nil && !errors.Is(err, unix.EINTR) {
			return false, err
		}
	}
	return false, nil
}
