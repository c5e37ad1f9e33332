// SPDX-License-Identifier: GPL-2.0-or-later

// Package hosttest lays out hosts for tests. A host is a text archive in the
// format of golang.org/x/tools/txtar; a marker with an arrow makes a symbolic
// link:
//
//	-- proc/loadavg --
//	0.52 0.58 0.59 1/467 12345
//	-- sys/class/net/eth0/device -> ../../../0000:00:03.0 --
package hosttest

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Root writes the archive below a temporary folder and returns that folder.
func Root(t testing.TB, archive string) string {
	t.Helper()
	root := t.TempDir()
	Add(t, root, archive)
	return root
}

// RootOf is Root for the archive in a file.
func RootOf(t testing.TB, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return Root(t, string(data))
}

// Add writes the archive's files below root, over those that are there.
func Add(t testing.TB, root, archive string) {
	t.Helper()
	var path string
	var body strings.Builder
	flush := func() {
		if path != "" { // else it is the archive's comment
			write(t, root, path, body.String())
		}
		body.Reset()
	}
	for line := range strings.Lines(archive) {
		marker := strings.TrimSpace(line)
		if strings.HasPrefix(marker, "-- ") && strings.HasSuffix(marker, " --") {
			flush()
			path = strings.TrimSpace(marker[3 : len(marker)-3])
			continue
		}
		body.WriteString(line)
	}
	flush()
}

func write(t testing.TB, root, path, body string) {
	t.Helper()
	path, target, isLink := strings.Cut(path, " -> ")
	full := filepath.Join(root, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		t.Fatal(err)
	}
	var err error
	switch {
	case isLink:
		err = os.Symlink(target, full)
	case strings.HasSuffix(path, "/"):
		err = os.MkdirAll(full, 0o755)
	default:
		err = os.WriteFile(full, []byte(body), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Script writes a program for /bin/sh and returns its path.
func Script(t testing.TB, path, body string) string {
	t.Helper()
	// A child that is forked while the file is open would keep it open for
	// writing, and the kernel refuses to run such a file.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}
