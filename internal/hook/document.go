// SPDX-License-Identifier: GPL-2.0-or-later

package hook

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// store writes the document to a file that only the daemon's user can read.
func (r *Runner) store(data []byte) (string, error) {
	f, err := os.CreateTemp(r.opt.TempDir, "vdsm-hook-")
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		os.Remove(f.Name()) //nolint:errcheck // the first error counts
		return "", err
	}
	return f.Name(), nil
}

// load reads the document back. Scripts replace the file as they like, so it
// may be gone, huge, or something that blocks when it is opened.
func load(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read from
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file any more", path)
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxData+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxData {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, MaxData)
	}
	return data, nil
}
