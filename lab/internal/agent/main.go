// SPDX-License-Identifier: GPL-2.0-or-later

// Agent is the first process of a lab host. As PID 1 it mounts the machine's
// own root file system below a tmpfs, moves into it and then only reaps
// children; its one child of its own serves the test's requests.
//
// It is built without cgo, so that it runs before any library is there.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/sys/unix"

	"govdsm/lab/internal/wire"
)

func main() {
	var err error
	switch {
	case os.Getpid() == 1:
		err = beInit()
	case len(os.Args) > 1 && os.Args[1] == "serve":
		err = serve()
	case len(os.Args) > 2 && os.Args[1] == "space":
		err = holdSpace(os.Args[2])
	default:
		err = fmt.Errorf("this is the first process of a lab host, not a command")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "lab:", err)
	}
	if os.Getpid() == 1 {
		powerOff() // an init that returns is a kernel panic; this is quieter
	}
	if err != nil {
		os.Exit(1)
	}
}

// beInit boots, starts the server and reaps until the server ends. The server
// is a process of its own because whoever reaps every child must not also wait
// for particular ones.
func beInit() error {
	options, err := mountKernelFiles()
	if err != nil {
		return err
	}
	step("modules")
	if err := loadModules("/modules"); err != nil {
		return err
	}
	step("root")
	if err := enterRoot(parameter(options, wire.ModulesParameter)); err != nil {
		return err
	}
	step("server")
	server := exec.Command("/proc/self/exe", "serve")
	server.Stdout, server.Stderr = os.Stdout, os.Stderr
	server.Env = []string{
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=/root", "LANG=C.UTF-8", "TERM=dumb",
	}
	if err := server.Start(); err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	return reapUntil(server.Process.Pid)
}

// step tells on the console how far the boot is: it is all there is to see of
// one that stops.
func step(name string) { fmt.Println("lab:", name) }

func reapUntil(pid int) error {
	for {
		var status unix.WaitStatus
		child, err := unix.Wait4(-1, &status, 0, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return fmt.Errorf("wait for children: %w", err)
		}
		if child == pid {
			return fmt.Errorf("the server ended with status %#x", status)
		}
	}
}

// parameter returns the value of the parameter with that prefix ("name=") on
// the kernel's command line.
func parameter(options, prefix string) string {
	for word := range strings.FieldsSeq(options) {
		if value, ok := strings.CutPrefix(word, prefix); ok {
			return value
		}
	}
	return ""
}

func powerOff() {
	unix.Sync()
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
}
