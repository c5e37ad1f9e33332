// SPDX-License-Identifier: GPL-2.0-or-later

// Package hostfs reads the small text files in which a Linux host describes
// itself: /proc, /sys, /etc. It reads below a root, so that a test describes
// any host by a folder; it never follows a path out of reach of memory: files
// are read up to a limit.
package hostfs

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// limit bounds what is read of one file. The largest file that is read,
// dpkg's status, has a reader of its own.
const limit = 8 << 20

// FS is a host's file system below a root folder.
type FS struct{ root string }

// At returns the file system below root; "" and "/" are the running host.
func At(root string) FS { return FS{root: strings.TrimSuffix(root, "/")} }

// Path returns where a path of the host is found by the functions of package
// os.
func (f FS) Path(path string) string { return f.root + path }

// Bytes returns the contents of a file.
func (f FS) Bytes(path string) ([]byte, error) {
	data, err := f.Head(path, limit+1)
	if len(data) > limit {
		return nil, fmt.Errorf("%s: more than %d bytes", path, limit)
	}
	return data, err
}

// Head returns at most the first n bytes of a file and reads no others.
func (f FS) Head(path string, n int64) ([]byte, error) {
	file, err := os.Open(f.Path(path))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, n))
}

// Text returns the contents of a file without surrounding white space.
func (f FS) Text(path string) (string, error) {
	data, err := f.Bytes(path)
	return strings.TrimSpace(string(data)), err
}

// Line returns the first line of a file without surrounding white space.
func (f FS) Line(path string) (string, error) {
	text, err := f.Text(path)
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimSpace(line), err
}

// Int returns the number that is all a file holds.
func (f FS) Int(path string) (int64, error) {
	text, err := f.Text(path)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	return n, nil
}

// Exists reports whether there is something at path, a dangling link included.
func (f FS) Exists(path string) bool {
	_, err := os.Lstat(f.Path(path))
	return err == nil
}

// Names returns the sorted names in a folder, none when it is not there.
func (f FS) Names(folder string) []string {
	entries, err := os.ReadDir(f.Path(folder))
	if err != nil {
		return nil
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}

// Link returns where a symbolic link points to, as it is written in the link.
func (f FS) Link(path string) (string, error) { return os.Readlink(f.Path(path)) }

// Stat describes the file at path, following links.
func (f FS) Stat(path string) (fs.FileInfo, error) { return os.Stat(f.Path(path)) }

// Glob returns the host's paths that match a pattern of path/filepath.
func (f FS) Glob(pattern string) []string {
	found, err := filepath.Glob(f.Path(pattern))
	if err != nil {
		return nil
	}
	for i := range found {
		found[i] = strings.TrimPrefix(found[i], f.root)
	}
	return found
}

// CPUList parses the kernel's notation for sets of numbers, "0-3,8,10-11".
// What is not of that form is left out.
func CPUList(text string) []int64 {
	var ids []int64
	for part := range strings.SplitSeq(strings.TrimSpace(text), ",") {
		low, high, isRange := strings.Cut(part, "-")
		first, err := strconv.ParseInt(low, 10, 32)
		if err != nil {
			continue
		}
		last := first
		if isRange {
			if last, err = strconv.ParseInt(high, 10, 32); err != nil || last-first > maxCPUs {
				continue
			}
		}
		for id := first; id <= last; id++ {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// maxCPUs is above what any kernel can be built for (8192 on x86).
const maxCPUs = 1 << 16

// Fields parses lines of the form "key: value" or "key=value" with the given
// separator. Later lines win; lines without the separator are left out.
func Fields(text, separator string) map[string]string {
	fields := make(map[string]string)
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(line, separator)
		if ok {
			fields[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	return fields
}

// Meminfo parses /proc/meminfo and the meminfo of a NUMA node, whose lines
// start with "Node 0 ". Values are KiB; the few lines without a unit are
// counts.
func Meminfo(text string) map[string]int64 {
	values := make(map[string]int64)
	for key, value := range Fields(text, ":") {
		if strings.HasPrefix(key, "Node ") {
			key = key[strings.LastIndexByte(key, ' ')+1:]
		}
		number, _, _ := strings.Cut(value, " ")
		if n, err := strconv.ParseInt(number, 10, 64); err == nil {
			values[key] = n
		}
	}
	return values
}
