// SPDX-License-Identifier: GPL-2.0-or-later

package software

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"govdsm/api"
)

const dpkgStatus = "/var/lib/dpkg/status"

// longestField bounds a line of dpkg's status; longer ones are no package
// names or versions and end the reading.
const longestField = 1 << 20

// readDpkg walks dpkg's status, deb-control(5) paragraphs, and keeps the
// packages that are installed. A host without dpkg has none.
func (d *Database) readDpkg(ctx context.Context) (*Installed, error) {
	file, err := os.Open(d.fs.Path(dpkgStatus))
	if errors.Is(err, fs.ErrNotExist) {
		return &Installed{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	in := &Installed{packages: make(map[string]api.SoftwarePackageInfo)}
	var name, version string
	installed := false
	keep := func() {
		if installed && name != "" {
			in.packages[name] = debianVersion(version)
		}
		name, version, installed = "", "", false
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, longestField)
	for lines.Scan() {
		line := lines.Text()
		switch key, value, _ := strings.Cut(line, ": "); {
		case line == "":
			keep()
		case key == "Package":
			name = value
		case key == "Version":
			version = value
		case key == "Status": // "install ok installed"
			installed = strings.HasSuffix(value, " installed")
		}
	}
	keep()
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", dpkgStatus, err)
	}
	return in, ctx.Err()
}

// debianVersion splits "epoch:upstream-revision" as deb-version(7) does. The
// epoch only orders versions and is left out.
func debianVersion(text string) api.SoftwarePackageInfo {
	if epoch, rest, ok := strings.Cut(text, ":"); ok && strings.Trim(epoch, "0123456789") == "" {
		text = rest
	}
	if dash := strings.LastIndexByte(text, '-'); dash >= 0 {
		return api.SoftwarePackageInfo{Version: text[:dash], Release: text[dash+1:]}
	}
	return api.SoftwarePackageInfo{Version: text}
}
