// SPDX-License-Identifier: GPL-2.0-or-later

// Package resolvconf edits the name servers in the file resolv.conf, and leaves
// everything else in it as it is: see resolv.conf(5).
package resolvconf

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// mark is the line above the name servers that we wrote.
const mark = "# The name servers below are those of the default route's network (vdsm)."

// Path returns the file to write. Who points resolv.conf elsewhere has a
// reason: the file there is ours to write.
func Path(name string) (string, error) {
	path, err := filepath.EvalSymlinks(name)
	if errors.Is(err, fs.ErrNotExist) {
		return name, nil
	}
	return path, err
}

// Servers returns the name servers in a file's text, as they stand there.
func Servers(text []byte) []string {
	var servers []string
	for line := range strings.Lines(string(text)) {
		if s, ok := server(line); ok {
			servers = append(servers, s)
		}
	}
	return servers
}

func server(line string) (string, bool) {
	fields := strings.Fields(line)
	if len(fields) < 2 || fields[0] != "nameserver" {
		return "", false
	}
	return fields[1], true
}

// Edit returns the file with other name servers; all other lines stay. The
// servers are where the first one was. A file that has them already stays as
// it is, whoever wrote it.
func Edit(old []byte, servers []string) []byte {
	if slices.Equal(Servers(old), servers) {
		return old
	}
	var kept []string
	at := -1
	for line := range strings.Lines(string(old)) {
		line = strings.TrimRight(line, "\n")
		if _, is := server(line); is || line == mark {
			if at < 0 {
				at = len(kept)
			}
			continue
		}
		kept = append(kept, line)
	}
	if at < 0 {
		at = len(kept)
	}
	var b bytes.Buffer
	for _, line := range kept[:at] {
		fmt.Fprintln(&b, line)
	}
	if len(servers) > 0 {
		fmt.Fprintln(&b, mark)
	}
	for _, s := range servers {
		fmt.Fprintln(&b, "nameserver", s)
	}
	for _, line := range kept[at:] {
		fmt.Fprintln(&b, line)
	}
	return b.Bytes()
}
