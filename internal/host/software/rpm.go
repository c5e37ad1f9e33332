// SPDX-License-Identifier: GPL-2.0-or-later

package software

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"govdsm/api"
)

// rpmFiles hold rpm's database, in the places and formats of the releases that
// are about; together their times change when anything is installed.
var rpmFiles = []string{
	"/var/lib/rpm/rpmdb.sqlite", "/var/lib/rpm/rpmdb.sqlite-wal", "/var/lib/rpm/Packages",
	"/usr/lib/sysimage/rpm/rpmdb.sqlite", "/usr/lib/sysimage/rpm/rpmdb.sqlite-wal",
}

// rpmTime bounds a query: a locked or broken database makes rpm wait.
const rpmTime = 10 * time.Second

const rpmFormat = "%{NAME}\t%{VERSION}\t%{RELEASE}\n"

// readRPM asks rpm twice: for the packages by name, and for the owner of the
// release file. rpm fails when one of many packages is not installed and says
// so among its output, therefore the output decides, not the exit code.
func (d *Database) readRPM(ctx context.Context) (*Installed, error) {
	ctx, cancel := context.WithTimeout(ctx, rpmTime)
	defer cancel()
	asked := []string{"redhat-release-virtualization-host", "ovirt-release-host-node"}
	for _, n := range programs {
		asked = append(asked, n.rpm...)
	}
	slices.Sort(asked)
	lines, err := d.query(ctx, append([]string{"-q", "--qf", rpmFormat}, asked...)...)
	if err != nil {
		return nil, err
	}
	in := &Installed{rpm: true, packages: make(map[string]api.SoftwarePackageInfo)}
	for _, l := range lines {
		in.packages[l[0]] = api.SoftwarePackageInfo{Version: l[1], Release: l[2]}
	}
	owner, err := d.query(ctx, "-qf", "--qf", rpmFormat, releaseFile)
	if err != nil {
		return nil, err
	}
	if len(owner) > 0 {
		in.release = &api.SoftwarePackageInfo{Version: owner[0][1], Release: owner[0][2]}
	}
	return in, nil
}

// query returns rpm's answer lines, each of three fields. Of several versions
// of a package the one that was installed last comes last.
func (d *Database) query(ctx context.Context, args ...string) ([][]string, error) {
	cmd := exec.CommandContext(ctx, d.rpm, args...)
	cmd.Env = []string{"LC_ALL=C", "PATH=/usr/bin:/bin:/usr/sbin:/sbin"}
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout = &out
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%s: %w", d.rpm, ctx.Err())
	}
	if err != nil && cmd.ProcessState == nil { // never started
		return nil, err
	}
	var answers [][]string
	for line := range strings.Lines(out.String()) {
		if fields := strings.Split(strings.TrimSpace(line), "\t"); len(fields) == 3 {
			answers = append(answers, fields)
		}
	}
	return answers, nil
}
