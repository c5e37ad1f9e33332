// SPDX-License-Identifier: GPL-2.0-or-later

package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"govdsm/internal/atomicfile"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// process is one run of a program. A number alone is given to a stranger
// sooner or later; number, start time and boot together are not.
type process struct {
	PID   int    `json:"pid"`
	Start uint64 `json:"start"` // clock ticks since boot, proc_pid_stat(5) field 22
	Boot  string `json:"boot"`
}

// errGone is returned for a process that has ended.
var errGone = errors.New("process has ended")

// identify returns the process that has the number now.
func identify(pid int) (process, error) {
	boot, err := bootID()
	if err != nil {
		return process{}, err
	}
	start, err := startTime(pid)
	return process{PID: pid, Start: start, Boot: boot}, err
}

func bootID() (string, error) {
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(text)), err
}

// startTime is errGone also for a process that nobody has waited for yet. One
// that was killed is there until its last thread is: its locks still are.
func startTime(pid int) (uint64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) {
		return 0, errGone
	}
	if err != nil {
		return 0, err
	}
	// The name in parentheses may hold spaces and parentheses itself.
	_, rest, found := bytes.Cut(text, []byte("("))
	end := bytes.LastIndexByte(rest, ')')
	if !found || end < 0 {
		return 0, fmt.Errorf("/proc/%d/stat: %.60q", pid, text)
	}
	fields := strings.Fields(string(rest[end+1:])) // the first one is field 3
	if len(fields) < 20 {
		return 0, fmt.Errorf("/proc/%d/stat: %.60q", pid, text)
	}
	state, threads := fields[0], fields[17] // 3 and 20
	if (state == "Z" || state == "X") && (threads == "0" || threads == "1") {
		return 0, errGone
	}
	return strconv.ParseUint(fields[19], 10, 64)
}

func (p process) alive() bool {
	now, err := identify(p.PID)
	return err == nil && now == p
}

// save and loadProcess keep a process in a file, so that the next run of this
// program finds it again.
func (p process) save(file string) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return atomicfile.Write(file, text, 0o600)
}

// loadProcess returns errGone for a file that is missing, damaged, or names a
// process that has ended.
func loadProcess(file string) (process, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return process{}, errGone
	}
	if err != nil {
		return process{}, err
	}
	var p process
	if json.Unmarshal(text, &p) != nil || p.PID <= 1 || !p.alive() {
		return process{}, errGone
	}
	return p, nil
}

// end asks the process to terminate, kills it if it is there after grace, and
// returns when it is gone. The signal reaches the process that p means or
// nobody: it goes through a descriptor of the process, not by number.
func (p process) end(ctx context.Context, grace time.Duration) error {
	fd, err := unix.PidfdOpen(p.PID, 0)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("process %d: %w", p.PID, err)
	}
	defer unix.Close(fd)
	if !p.alive() {
		return nil
	}
	if err := unix.PidfdSendSignal(fd, unix.SIGTERM, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("process %d: %w", p.PID, err)
	}
	polite, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	if awaitEnd(polite, fd) == nil {
		return nil
	}
	if err := unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("process %d: %w", p.PID, err)
	}
	// Even a killed process ends only when the kernel lets it go.
	killed, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := awaitEnd(killed, fd); err != nil {
		return fmt.Errorf("process %d does not end although killed: %w", p.PID, err)
	}
	return nil
}

// awaitEnd waits until the process behind the descriptor has ended.
func awaitEnd(ctx context.Context, pidfd int) error {
	for {
		// Slices, since poll knows nothing of ctx.
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}, 50)
		switch {
		case n > 0:
			return nil
		case err != nil && !errors.Is(err, unix.EINTR):
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		}
	}
}

// program returns the base name of what the process executes, "libvirtd".
func program(pid int) string {
	target, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		return ""
	}
	return filepath.Base(strings.TrimSuffix(target, " (deleted)"))
}

// processes lists the numbers of all processes.
func processes() ([]int, error) {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer proc.Close()
	names, err := proc.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}
