// SPDX-License-Identifier: GPL-2.0-or-later

// Package ovn tells whether this host was made a part of OVN: managers then
// let networks of OVN run on it. Setting that up is the business of OVN's
// provider and its own tool.
//
// Source of what counts: lib/vdsm/network/ovn.py.
package ovn

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"govdsm/internal/network/vswitch"
)

// patience is how long systemd and Open vSwitch may take, each.
const patience = 3 * time.Second

// Host is where to look. The zero value is the machine itself.
type Host struct {
	Root   string // prefix of /etc/pki/vdsm/ovn and of Open vSwitch's socket
	Switch string // socket of Open vSwitch's database, "" for the default
	// Active tells whether a service runs, nil to ask systemd.
	Active func(ctx context.Context, service string) (bool, error)
	// Owner returns the user that the files of OVN belong to, and its group, nil
	// to look "openvswitch" up.
	Owner func() (uid, gid int, err error)
}

// Configured tells whether the services run, the certificates are there and in
// the right hands, and the certificate is for the host that Open vSwitch says
// it is. Only the last needs more than a look: a host without OVN answers
// after the first.
func (h Host) Configured(ctx context.Context) (bool, error) {
	active := h.Active
	if active == nil {
		active = running
	}
	for _, service := range []string{"ovn-controller", "ovsdb-server", "openvswitch-ipsec"} {
		if on, err := active(ctx, service); err != nil || !on {
			return false, err
		}
	}
	if safe, err := h.certificates(); err != nil || !safe {
		return false, err
	}
	names, err := h.certified()
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	vs, err := vswitch.Read(ctx, h.Switch)
	if err != nil {
		return false, err
	}
	return vs.SystemID != "" && slices.Contains(names, vs.SystemID), nil
}

// running asks systemd. A machine without it runs no services.
func running(ctx context.Context, service string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/usr/bin/systemctl", "is-active", "--quiet", service)
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	if _, refused := errors.AsType[*exec.ExitError](err); (refused && ctx.Err() == nil) || errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("is %s active: %w", service, err)
	}
	return true, nil
}

// certificateFile is the one that names the host.
const certificateFile = "ovn-cert.pem"

func (h Host) path(file string) string {
	return filepath.Join(h.Root, "/etc/pki/vdsm/ovn", file)
}

// certificates tells whether key, certificate and authority are files of Open
// vSwitch's user.
func (h Host) certificates() (bool, error) {
	owner := h.Owner
	if owner == nil {
		owner = lookUp
	}
	uid, gid, err := owner()
	if err != nil {
		return false, err
	}
	for _, file := range []string{"ovn-key.pem", certificateFile, "ca-cert.pem"} {
		info, err := os.Stat(h.path(file))
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok || !info.Mode().IsRegular() || int(stat.Uid) != uid || int(stat.Gid) != gid {
			return false, nil
		}
	}
	return true, nil
}

func lookUp() (uid, gid int, err error) {
	u, err := user.Lookup("openvswitch")
	if err != nil {
		return 0, 0, err
	}
	uid, errUID := strconv.Atoi(u.Uid)
	gid, errGID := strconv.Atoi(u.Gid)
	return uid, gid, errors.Join(errUID, errGID)
}

// certified returns the names of hosts that the certificate is for.
func (h Host) certified() ([]string, error) {
	text, err := os.ReadFile(h.path(certificateFile))
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s holds no certificate", h.path(certificateFile))
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", h.path(certificateFile), err)
	}
	return certificate.DNSNames, nil
}
