// SPDX-License-Identifier: GPL-2.0-or-later

package faults

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"govdsm/test/hosttest"
)

const (
	manySilent    = 10_000
	spareFiles    = 500 // what a process has open besides
	silentAddress = "GOVDSM_TEST_SILENT_CLIENTS"
	silentStep    = manySilent / 4
)

// Ten thousand connections that say nothing keep nobody out, and go. Their
// clients are another process, so that neither needs more open files than
// vdsmd.
func TestSilentConnections(t *testing.T) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Max < manySilent+spareFiles {
		t.Skipf("cannot have %d open files: no more than %d", manySilent+spareFiles, limit.Max)
	}
	h := hosttest.Start(t, hosttest.Plain())
	mustServe(t, h)
	if soft, hard := openFiles(t, h.PID()); soft != hard {
		t.Errorf("vdsmd may open %s files, and could have %s", soft, hard)
	}
	usage := h.Usage(t)
	clients := exec.Command(os.Args[0]) // ends with its standard input
	clients.Env = append(os.Environ(), silentAddress+"="+h.Address)
	var complaints strings.Builder
	clients.Stderr = &complaints
	hold, err := clients.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	said, err := clients.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := clients.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(hold.Close(), clients.Wait()); err != nil {
			t.Errorf("clients: %v: %s", err, &complaints)
		}
	})
	connections := 0
	for lines := bufio.NewScanner(said); connections < manySilent && lines.Scan(); {
		if connections, err = strconv.Atoi(lines.Text()); err != nil {
			t.Fatal(err)
		}
		mustServe(t, h)
	}
	if connections < manySilent {
		t.Fatalf("%d connections", connections)
	}
	h.AwaitUsage(t, usage) // they were all sent away
}

// openFiles returns how many files a process may have open.
func openFiles(t *testing.T, pid int) (soft, hard string) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(string(text), "Max open files")
	if fields := strings.Fields(line); len(fields) > 1 {
		return fields[0], fields[1]
	}
	t.Fatalf("limits: %s", text)
	return "", ""
}

// beSilentClients connects and says nothing until standard input ends, having
// been told the address by the environment. It prints how many connections
// there are, now and then.
func beSilentClients(address string) error {
	conns := make([]net.Conn, 0, manySilent)
	dialer := net.Dialer{Deadline: time.Now().Add(hosttest.Patience)}
	for range manySilent {
		c, err := dialer.Dial("tcp", address)
		if err != nil {
			return fmt.Errorf("connection %d: %w", len(conns), err)
		}
		defer c.Close()
		if conns = append(conns, c); len(conns)%silentStep == 0 {
			fmt.Println(len(conns))
		}
	}
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}
