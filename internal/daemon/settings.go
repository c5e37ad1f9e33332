// SPDX-License-Identifier: GPL-2.0-or-later

package daemon

import (
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strconv"

	"govdsm/internal/config"
	"govdsm/internal/pki"
)

// Options are the command line of vdsmd.
type Options struct {
	Sandbox string // folder of a sandbox host; "" for a real one
	Root    string // prefix of /etc/vdsm and its drop-ins, for tests; "" for /
	Listen  string // ADDRESS:PORT in place of the configured ones; "" keeps them
	TLS     *bool  // in place of vars.ssl
	User    string // whom to become when started as root; "" for vdsm
	Stdout  io.Writer
}

// settings are what the daemon runs with: the configuration, where it lies,
// and where everything else does.
type settings struct {
	*config.Config
	problems []config.Problem
	sandbox  bool // a host below a folder, which leaves the machine as it is

	address string // to listen on
	port    int
	tls     bool

	run        string // state that does not survive a boot: /run/vdsm
	state      string // state that does: /var/lib/vdsm
	logs       string // /var/log/vdsm
	hooks      string // /usr/libexec/vdsm/hooks
	id         string // file with the host's identity: /etc/vdsm/vdsm.id
	qemuConf   string // /etc/libvirt/qemu.conf
	libvirtURI string
	privileged string // socket of supervdsmd
	pki        pki.Files
}

// read loads the configuration of a real host below root, or of a sandbox
// whose root is its folder.
func read(o Options) (*settings, error) {
	root := o.Root
	if o.Sandbox != "" {
		root = o.Sandbox
	}
	c, problems := config.Load(root)
	s := &settings{
		Config:     c,
		problems:   problems,
		address:    c.Addresses.ManagementIP,
		port:       c.Addresses.ManagementPort,
		tls:        c.Vars.SSL,
		run:        "/run/vdsm",
		state:      "/var/lib/vdsm",
		logs:       "/var/log/vdsm",
		hooks:      "/usr/libexec/vdsm/hooks",
		id:         "/etc/vdsm/vdsm.id",
		qemuConf:   "/etc/libvirt/qemu.conf",
		libvirtURI: "qemu:///system",
		privileged: "/run/vdsm/svdsm.sock",
		pki:        pki.At(pki.DefaultDir),
	}
	if o.TLS != nil {
		s.tls = *o.TLS
	}
	if o.Listen != "" {
		host, port, err := net.SplitHostPort(o.Listen)
		if err != nil {
			return nil, fmt.Errorf("--listen: %w", err)
		}
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("--listen: port %q is not a number from 0 to 65535", port)
		}
		s.address, s.port = host, int(number)
	}
	if o.Sandbox != "" {
		s.run = filepath.Join(o.Sandbox, "run", "vdsm")
		s.state = filepath.Join(o.Sandbox, "lib", "vdsm")
		s.logs = filepath.Join(o.Sandbox, "log", "vdsm")
		s.hooks = filepath.Join(o.Sandbox, "hooks")
		s.id = filepath.Join(o.Sandbox, "etc", "vdsm", "vdsm.id")
		s.qemuConf = filepath.Join(o.Sandbox, "etc", "libvirt", "qemu.conf")
		s.sandbox = true
		s.IRS.Repository = filepath.Join(o.Sandbox, "rhev", "data-center")
	}
	return s, nil
}

func (s *settings) logFile() string { return filepath.Join(s.logs, "vdsm.log") }
